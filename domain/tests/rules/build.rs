//! Ready-made things; a test changes what it is about.

use chrono::{DateTime, Duration};
use domain::{
    Timestamp,
    automation::OnItemFailure,
    counts::Counts,
    effect::ActionerClass,
    id::{AccountId, AutomationId, ItemId, MemberId, RecordId, RunId, TriggerEventId, WorkspaceId},
    item::{Item, ItemState},
    member::{Member, Role},
    problem::{Failure, FailureKind},
    report::Tally,
    run::{Run, RunStatus},
    trigger::TriggerKind,
};
use uuid::Uuid;

pub const EVERY_CLASS: [ActionerClass; 3] =
    [ActionerClass::Local, KEYED, ActionerClass::UnkeyedRemote];

/// A receiver that honours a key for a minute.
pub const KEYED: ActionerClass = ActionerClass::KeyedRemote { window_seconds: 60 };

/// So many seconds after 2026-07-06T09:00:00Z, a Monday.
pub fn at(seconds: i64) -> Timestamp {
    DateTime::from_timestamp(1_783_328_400, 0).unwrap_or_default() + Duration::seconds(seconds)
}

pub fn uuid(n: usize) -> Uuid {
    Uuid::from_u128(n as u128)
}

pub fn run() -> Run {
    Run {
        id: RunId::new(uuid(1)),
        workspace: WorkspaceId::new(uuid(1)),
        automation: AutomationId::new(uuid(1)),
        version: 1,
        trigger_event: TriggerEventId::new(uuid(1)),
        trigger_kind: TriggerKind::Schedule,
        status: RunStatus::Pending,
        round: 0,
        counts: Counts::default(),
        tally: Tally::default(),
        matched: false,
        on_item_failure: OnItemFailure::Close,
        created_at: at(0),
        started_at: None,
        completed_at: None,
        cancel: None,
        killed: None,
        cost: None,
        failure: None,
        told: None,
        pruned: None,
    }
}

/// A run that looked at every subject and has these items.
pub fn run_of(items: &[Item]) -> Run {
    Run {
        status: RunStatus::Running,
        started_at: Some(at(0)),
        matched: true,
        counts: Counts::recount(items),
        ..run()
    }
}

/// A queued local item.
pub fn item(position: usize) -> Item {
    Item {
        id: ItemId::new(uuid(100 + position)),
        workspace: WorkspaceId::new(uuid(1)),
        run: RunId::new(uuid(1)),
        position: position as i64,
        subject: RecordId::new(uuid(200 + position)),
        subject_kind: "account".to_owned(),
        subject_key: format!("ACC-{position}"),
        actioner: "findings.create".to_owned(),
        class: ActionerClass::Local,
        state: ItemState::Queued,
        attempt: 0,
        tries: 0,
        round: 0,
        not_before: at(0),
        lease_until: None,
        invoked: false,
        parameters: None,
        input_digest: None,
        effect_key: None,
        first_sent_at: None,
        approved: false,
        skip_reason: None,
        failure: None,
        result: None,
        replay_evidence: None,
        replay_of: None,
        created_at: at(0),
        started_at: None,
        ended_at: None,
    }
}

pub fn in_state(position: usize, state: ItemState) -> Item {
    Item { state, ..item(position) }
}

pub fn failed(position: usize, class: ActionerClass, kind: FailureKind) -> Item {
    Item {
        class,
        failure: Some(failure(kind)),
        attempt: 1,
        ..in_state(position, ItemState::Failed)
    }
}

pub fn failure(kind: FailureKind) -> Failure {
    Failure::new("it-failed", "It failed.", kind)
}

pub fn member(n: usize, role: Role) -> Member {
    Member {
        id: MemberId::new(uuid(n)),
        workspace: WorkspaceId::new(uuid(1)),
        account: AccountId::new(uuid(n)),
        email: format!("member{n}@example.org"),
        name: format!("Member {n}"),
        role,
        created_at: at(0),
        removed_at: None,
    }
}
