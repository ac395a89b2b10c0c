//! Definitions: what makes a new version, and which events one listens to.

use domain::{
    approval::ApprovalRule,
    automation::{Action, Approvals, Definition, OnItemFailure, RetryPolicy, Subjects},
    id::{TriggerEventId, WorkspaceId},
    trigger::{MissedFires, Schedule, Timing, Trigger, TriggerEvent, TriggerKind},
};
use serde_json::{Value, json};

use crate::build::{at, uuid};

fn scheduled() -> Trigger {
    let schedule = Schedule {
        timing: Timing::Cron("0 9 * * MON".to_owned()),
        timezone: "America/Chicago".to_owned(),
        missed: MissedFires::Latest,
    };
    Trigger { schedule: Some(schedule), ..to(TriggerKind::Schedule) }
}

fn to(kind: TriggerKind) -> Trigger {
    Trigger { kind, schedule: None, event_type: None, source: None }
}

fn definition() -> Definition {
    Definition {
        key: "kyc".to_owned(),
        name: "KYC review".to_owned(),
        description: String::new(),
        trigger: scheduled(),
        subjects: Subjects::Register { kind: "account".to_owned() },
        condition: None,
        action: Action { actioner: "findings.create".to_owned(), with: json!({"b": 1, "a": 2}) },
        approval: Approvals::default(),
        retry: RetryPolicy::default(),
        budget: None,
        on_item_failure: OnItemFailure::Close,
    }
}

fn event(kind: TriggerKind, event_type: &str, source: &str) -> TriggerEvent {
    TriggerEvent {
        id: TriggerEventId::new(uuid(1)),
        workspace: WorkspaceId::new(uuid(1)),
        kind,
        source: source.to_owned(),
        external_id: "1".to_owned(),
        event_type: event_type.to_owned(),
        subject: None,
        occurred_at: at(0),
        received_at: at(1),
        trace: None,
        payload: Value::Null,
    }
}

#[test]
fn a_definition_is_read_back_as_it_was_stored() {
    let once = Schedule { timing: Timing::At(at(0)), ..scheduled().schedule.unwrap() };
    let rule = Some(ApprovalRule::default());
    for definition in [
        definition(),
        Definition { trigger: Trigger { schedule: Some(once), ..scheduled() }, ..definition() },
        Definition {
            approval: Approvals { retries: rule, ..Approvals::default() },
            ..definition()
        },
        Definition { subjects: Subjects::Event { kind: "incident".to_owned() }, ..definition() },
    ] {
        let stored = serde_json::to_value(&definition).unwrap();
        let read: Definition = serde_json::from_value(stored).unwrap();
        assert_eq!(read.digest(), definition.digest());
        assert_eq!(read, definition);
    }
}

#[test]
fn whatever_a_definition_says_is_in_its_digest() {
    let changed: [fn(&mut Definition); 10] = [
        |d| d.key.push('2'),
        |d| d.name.push('2'),
        |d| d.description.push('2'),
        |d| d.trigger = to(TriggerKind::ManualRequest),
        |d| d.subjects = Subjects::Event { kind: "account".to_owned() },
        |d| d.condition = Some("true".to_owned()),
        |d| d.action.with = json!({"a": 2, "b": 2}),
        |d| d.approval.on_question = Some(ApprovalRule::default()),
        |d| d.retry.max_seconds += 1,
        |d| d.on_item_failure = OnItemFailure::Hold,
    ];
    for (number, change) in changed.iter().enumerate() {
        let mut other = definition();
        change(&mut other);
        assert_ne!(other.digest(), definition().digest(), "change {number}");
    }
    let mut same = definition();
    same.action.with = json!({"a": 2, "b": 1});
    assert_eq!(same.digest(), definition().digest(), "keys in another order");
}

#[test]
fn a_question_goes_to_any_approver_for_two_weeks_unless_the_definition_says_otherwise() {
    let mut definition = definition();
    assert_eq!(definition.approval_on_question(), ApprovalRule::default());
    assert_eq!(ApprovalRule::default().expires_at(at(0)), at(14 * 86_400));
    let rule = ApprovalRule { quorum: 2, ..ApprovalRule::default() };
    definition.approval.on_question = Some(rule.clone());
    assert_eq!(definition.approval_on_question(), rule);
}

#[test]
fn a_trigger_listens_to_its_kind_type_and_source() {
    let kind = TriggerKind::GovernedEvent;
    let closed = event(kind, "exception.closed", "registry");
    let with = |event_type: Option<&str>, source: Option<&str>| Trigger {
        event_type: event_type.map(str::to_owned),
        source: source.map(str::to_owned),
        ..to(kind)
    };
    assert!(with(None, None).listens_to(&closed));
    assert!(with(Some("exception.closed"), Some("registry")).listens_to(&closed));
    assert!(!with(Some("exception.opened"), None).listens_to(&closed));
    assert!(!with(None, Some("elsewhere")).listens_to(&closed));
    for &other in TriggerKind::ALL.iter().filter(|&&other| other != kind) {
        assert!(!to(other).listens_to(&closed), "{other}");
    }
}

#[test]
fn nobody_sets_off_a_schedule_from_outside() {
    assert!(!scheduled().listens_to(&event(TriggerKind::Schedule, "fire", "scheduler")));
}
