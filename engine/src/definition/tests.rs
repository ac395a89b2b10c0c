//! What definition files mean.

use domain::{
    approval::{ApprovalRule, OnExpiry},
    automation::{OnItemFailure, RetryPolicy, Subjects},
    member::Role,
    trigger::{MissedFires, Timing, TriggerKind},
};
use serde_json::{Value, json};

use super::{Catalogue, DefinitionError, ParameterFault, Parsed, read};

/// Knows one actioner, which needs `title` and takes `due`.
pub(super) struct OneActioner;

impl Catalogue for OneActioner {
    fn names(&self) -> Vec<String> {
        vec!["evidence.request-claim".to_owned()]
    }

    fn faults(&self, actioner: &str, with: &Value) -> Option<Vec<ParameterFault>> {
        (actioner == "evidence.request-claim").then(|| {
            let fault = |name: &str, message: &str| ParameterFault {
                pointer: format!("/{name}"),
                message: message.to_owned(),
            };
            let missing = with.get("title").is_none().then(|| fault("title", "'title' is needed"));
            let wrong = with.get("due").is_some_and(Value::is_number);
            missing.into_iter().chain(wrong.then(|| fault("due", "not a date"))).collect()
        })
    }
}

pub(super) const WEEKLY: &str = "\
key: weekly-kyc-review
name: Weekly KYC review
description: Asks every active account's owner for fresh evidence.
trigger:
  kind: schedule
  cron: \"0 6 * * MON\"
  timezone: America/Chicago
  missed: all
subjects:
  from: register
  kind: account
condition: subject.status == 'active'
action:
  actioner: evidence.request-claim
  with:
    title: KYC review of {{ subject.key }}
    due: '{{ day(now + days(14)) }}'
    urgent: false
    tags: [kyc, 7, null, 0x10]
approval:
  before-action: { role: approver, quorum: 1, expires-after: P7D, on-expiry: dismiss }
  retries: { members: [Ada@example.org, bo@example.org], quorum: 2, expires-after: P14D, on-expiry: approve }
retry: { max-attempts: 5, backoff: { initial: PT10S, max: PT5M } }
on-item-failure: hold
";

pub(super) const MINIMAL: &str = "\
key: incident-check
name: Incident check
trigger: { kind: governed-event, type: incident.closed, source: grc }
subjects: { from: event, kind: incident }
action: { actioner: evidence.request-claim, with: { title: Check } }
";

pub(super) fn parse(text: &str) -> Result<Vec<Parsed>, Vec<DefinitionError>> {
    read("a.yaml", text, &OneActioner)
}

pub(super) fn errors(text: &str) -> Vec<String> {
    parse(text).unwrap_err().iter().map(ToString::to_string).collect()
}

/// The weekly definition with one piece of text replaced.
pub(super) fn weekly_but(from: &str, to: &str) -> String {
    assert!(WEEKLY.contains(from), "{from}");
    WEEKLY.replacen(from, to, 1)
}

#[test]
fn every_field_is_read() {
    let parsed = parse(WEEKLY).unwrap();
    let [Parsed { definition, source }] = parsed.as_slice() else { panic!("{parsed:?}") };
    assert_eq!(source, WEEKLY);
    assert_eq!(
        (definition.key.as_str(), definition.name.as_str()),
        ("weekly-kyc-review", "Weekly KYC review")
    );
    assert!(definition.description.starts_with("Asks every"));
    let schedule = definition.trigger.schedule.as_ref().unwrap();
    assert_eq!(definition.trigger.kind, TriggerKind::Schedule);
    assert_eq!(schedule.timing, Timing::Cron("0 6 * * MON".into()));
    assert_eq!(
        (schedule.timezone.as_str(), schedule.missed),
        ("America/Chicago", MissedFires::All)
    );
    assert_eq!(definition.subjects, Subjects::Register { kind: "account".into() });
    assert_eq!(definition.condition.as_deref(), Some("subject.status == 'active'"));
    assert_eq!(
        definition.action.with,
        json!({
            "title": "KYC review of {{ subject.key }}", "due": "{{ day(now + days(14)) }}", "urgent": false,
            "tags": ["kyc", 7, null, 16]
        })
    );
    let before = definition.approval.before_action.as_ref().unwrap();
    assert_eq!(
        (before.role, before.quorum, before.expires_after_seconds),
        (Role::Approver, 1, 7 * 86_400)
    );
    let retries = definition.approval.retries.as_ref().unwrap();
    assert_eq!(retries.members, ["ada@example.org", "bo@example.org"]);
    assert_eq!((retries.quorum, retries.on_expiry), (2, OnExpiry::Approve));
    assert_eq!(
        definition.retry,
        RetryPolicy { max_attempts: 5, initial_seconds: 10, max_seconds: 300 }
    );
    assert_eq!(definition.on_item_failure, OnItemFailure::Hold);
}

#[test]
fn what_is_left_out_has_a_stated_default() {
    let definition = parse(MINIMAL).unwrap().remove(0).definition;
    assert_eq!(definition.trigger.event_type.as_deref(), Some("incident.closed"));
    assert_eq!(definition.trigger.source.as_deref(), Some("grc"));
    assert_eq!(definition.subjects, Subjects::Event { kind: "incident".into() });
    assert_eq!((definition.condition, definition.description.as_str()), (None, ""));
    assert_eq!(definition.retry, RetryPolicy::default());
    assert_eq!(definition.on_item_failure, OnItemFailure::Close);
    assert!(definition.approval.before_action.is_none() && definition.approval.retries.is_none());

    let text = weekly_but("  timezone: America/Chicago\n  missed: all\n", "");
    let schedule = parse(&text).unwrap().remove(0).definition.trigger.schedule.unwrap();
    assert_eq!((schedule.timezone.as_str(), schedule.missed), ("UTC", MissedFires::Latest));

    let text =
        weekly_but("{ role: approver, quorum: 1, expires-after: P7D, on-expiry: dismiss }", "{}");
    let approval = parse(&text).unwrap().remove(0).definition.approval;
    assert_eq!(approval.before_action, Some(ApprovalRule::default()));

    let text = weekly_but("{ initial: PT10S, max: PT5M }", "{ initial: PT1H }");
    assert_eq!(parse(&text).unwrap()[0].definition.retry.max_seconds, 3_600);
}

#[test]
fn a_single_fire_and_a_block_condition_are_read() {
    let text = weekly_but("cron: \"0 6 * * MON\"", "at: 2026-08-01T08:00:00+02:00");
    let text = text.replace(
        "condition: subject.status == 'active'",
        "condition: |\n  subject.status == 'active'\n    && now > date('2026-01-01')",
    );
    let definition = parse(&text).unwrap().remove(0).definition;
    let at = "2026-08-01T06:00:00Z".parse().unwrap();
    assert_eq!(definition.trigger.schedule.unwrap().timing, Timing::At(at));
    assert_eq!(
        definition.condition.as_deref(),
        Some("subject.status == 'active'\n  && now > date('2026-01-01')")
    );
}

#[test]
fn a_file_may_hold_several_documents_and_each_keeps_its_lines() {
    let text = format!("# all of them\n---\n{WEEKLY}---\n{MINIMAL}...\n---\n");
    let parsed = parse(&text).unwrap();
    let keys: Vec<_> = parsed.iter().map(|one| one.definition.key.as_str()).collect();
    assert_eq!(keys, ["weekly-kyc-review", "incident-check"]);
    assert_eq!(parsed[0].source, format!("# all of them\n---\n{WEEKLY}"));
    assert!(parsed[1].source.starts_with("---\nkey: incident-check"), "{}", parsed[1].source);
    assert_eq!(parse(&parsed[1].source).unwrap()[0].definition, parsed[1].definition);

    let twice = format!("{MINIMAL}---\n{MINIMAL}");
    assert_eq!(
        errors(&twice),
        ["a.yaml:7:1 key: the key 'incident-check' is there twice in this file"]
    );
}

#[test]
fn formatting_and_order_do_not_change_what_is_meant() {
    let (key, rest) = MINIMAL.split_once('\n').unwrap();
    let reordered = format!("# a comment\n{rest}\n{key}  # at the end\n");
    let [first, second] =
        [MINIMAL, &reordered].map(|text| parse(text).unwrap().remove(0).definition.digest());
    assert_eq!(first, second);
}
