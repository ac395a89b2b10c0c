//! The one way in which an event enters a workspace: with its runs, in one transaction.

use std::collections::BTreeMap;

use domain::{
    Timestamp,
    audit::{Draft, Object, Verb},
    budget::Spending,
    counts::Counts,
    id::{AutomationId, KillSwitchId, RunId},
    member::Principal,
    report::Tally,
    run::{Run, RunStatus},
    trigger::TriggerEvent,
};
use serde_json::json;

use super::Received;
use crate::{
    ids::Ids,
    services::ServiceError,
    store::{InEffect, StoreError, Tx},
};

/// Which automations an event is for.
pub(crate) enum Listeners {
    /// Every enabled one whose version in effect listens to it.
    All,
    /// This one, whatever its trigger says.
    Only(Box<InEffect>),
}

/// Stores an event with its runs and their audit entries, or finds that it stands there already.
///
/// # Errors
/// The conflict `event-differs` when another event has the same source and id.
pub(crate) async fn admit(
    tx: &mut Tx,
    ids: &Ids,
    actor: Principal,
    event: TriggerEvent,
    listeners: Listeners,
) -> Result<Received, ServiceError> {
    if !tx.insert_trigger_event(&event).await? {
        return received_before(tx, event).await;
    }
    let now = event.received_at;
    let listening = match listeners {
        Listeners::Only(automation) => vec![*automation],
        Listeners::All => listening(tx, &event).await?,
    };
    let pressed = tx.pressed_switches(event.workspace).await?;
    let (mut drafts, mut runs, mut refused) = (Vec::new(), Vec::new(), BTreeMap::new());
    for automation in &listening {
        let id = automation.automation.id;
        if let Some(switch) = pressed.iter().find(|switch| switch.stops(id)) {
            tx.insert_refused_firing(event.workspace, event.id, id, switch.id).await?;
            refused.insert(id, switch.id);
            continue;
        }
        let run = new_run(RunId::new(ids.uuid(now)), automation, &event, now);
        tx.insert_run(&run).await?;
        drafts.push(run_created(actor, &run));
        runs.push(run.id);
    }
    drafts.insert(0, event_received(actor, &event, &refused));
    tx.append_audit(event.workspace, ids, now, &drafts).await?;
    let mut refused_by: Vec<KillSwitchId> = refused.into_values().collect();
    refused_by.sort();
    refused_by.dedup();
    Ok(Received { event, duplicate: false, runs, refused_by })
}

async fn listening(tx: &mut Tx, event: &TriggerEvent) -> Result<Vec<InEffect>, StoreError> {
    let mut found = tx.automations_listening(event.workspace, event.kind).await?;
    found.retain(|automation| automation.definition.trigger.listens_to(event));
    Ok(found)
}

async fn received_before(tx: &mut Tx, event: TriggerEvent) -> Result<Received, ServiceError> {
    let stored = tx
        .trigger_event_by_external_id(event.workspace, &event.source, &event.external_id)
        .await?
        .ok_or(ServiceError::NotFound("trigger event"))?;
    if !stored.says_the_same_as(&as_read_back(event)) {
        return Err(ServiceError::conflict(
            "event-differs",
            "an event with this source and id was received before, and it said something else",
        ));
    }
    let runs = tx.runs_of_event(stored.workspace, stored.id).await?;
    let runs = runs.into_iter().map(|run| run.id).collect();
    let refused_by = tx.refusals_of_event(stored.id).await?;
    Ok(Received { event: stored, duplicate: true, runs, refused_by })
}

/// The event with the payload that reading it back gives: a number with many digits may come back
/// as its neighbour.
fn as_read_back(event: TriggerEvent) -> TriggerEvent {
    let text = domain::canonical::text(&event.payload);
    let payload = serde_json::from_str(&text).unwrap_or(event.payload);
    TriggerEvent { payload, ..event }
}

fn new_run(id: RunId, of: &InEffect, event: &TriggerEvent, now: Timestamp) -> Run {
    Run {
        id,
        workspace: event.workspace,
        automation: of.automation.id,
        version: of.automation.version,
        trigger_event: event.id,
        trigger_kind: event.kind,
        status: RunStatus::Pending,
        round: 0,
        counts: Counts::default(),
        tally: Tally::default(),
        matched: false,
        on_item_failure: of.definition.on_item_failure,
        created_at: now,
        started_at: None,
        completed_at: None,
        cancel: None,
        killed: None,
        cost: of.definition.budget.as_ref().map(|_| Spending::default()),
        failure: None,
        told: None,
        pruned: None,
    }
}

fn event_received(
    actor: Principal,
    event: &TriggerEvent,
    refused: &BTreeMap<AutomationId, KillSwitchId>,
) -> Draft {
    let refused = (!refused.is_empty()).then_some(refused);
    let digest = domain::canonical::digest(&domain::canonical::bytes(&event.payload));
    Draft::new(actor, Verb::EventReceived, Object::new("event", event.id)).with(json!({
        "kind": event.kind,
        "source": event.source,
        "external_id": event.external_id,
        "type": event.event_type,
        "subject": event.subject,
        "payload_digest": digest,
        // Automations that a kill switch kept from being set off, each with the switch.
        "refused": refused,
    }))
}

fn run_created(actor: Principal, run: &Run) -> Draft {
    Draft::new(actor, Verb::RunCreated, Object::new("run", run.id)).in_run(run.id).with(json!({
        "automation": run.automation,
        "version": run.version,
        "event": run.trigger_event,
    }))
}
