//! A new item.

use domain::{
    Timestamp,
    id::ItemId,
    item::{Item, ItemState},
    record::Record,
    run::Run,
};

use super::look::Selected;

/// The item for one subject of a run, queued.
pub(super) fn new_item(
    id: ItemId,
    run: &Run,
    position: i64,
    subject: &Record,
    selected: &Selected,
    now: Timestamp,
) -> Item {
    Item {
        id,
        workspace: run.workspace,
        run: run.id,
        position,
        subject: subject.id,
        subject_kind: subject.kind.clone(),
        subject_key: subject.key.clone(),
        actioner: selected.actioner.clone(),
        class: selected.class,
        state: ItemState::Queued,
        attempt: 0,
        tries: 0,
        round: run.round,
        not_before: now,
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
        created_at: now,
        started_at: None,
        ended_at: None,
    }
}
