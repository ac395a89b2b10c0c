//! Turns the instants of schedules into events and runs.
//!
//! A fire exists once: its event has the schedule as its source and the instant as its id. The
//! automation stays locked while it fires, so a second scheduler finds the fire dealt with.

use chrono::{Duration, SecondsFormat};
use domain::{
    Timestamp,
    id::{TriggerEventId, WorkspaceId},
    member::Principal,
    trigger::{Schedule, TriggerEvent, TriggerKind},
};
use serde_json::json;

use crate::{
    schedule::Calendar,
    services::{ServiceError, Services, events},
    store::{InEffect, Tx},
};

/// A fire that is later than this was missed, and the schedule's policy decides about it. A restart
/// of the process takes less.
pub const GRACE: Duration = Duration::minutes(5);

/// The most fires of one schedule a tick; what is left is for the next one.
const MOST_FIRES: usize = 50;

/// Fires everything that is due at `now`. Answers how many runs were created.
///
/// # Errors
/// The schedules could not be read. A schedule that fails is logged and left for the next tick.
pub async fn tick(services: &Services, now: Timestamp) -> Result<usize, ServiceError> {
    let schedules = services.store.read().await?.enabled_schedules().await?;
    let mut created = 0;
    for automation in &schedules {
        for fire in due(automation, now) {
            match fire_at(services, automation, fire, now).await {
                Ok(fired) => created += usize::from(fired),
                Err(error) => {
                    let id = automation.automation.id;
                    tracing::error!(automation = %id, %fire, %error, "a schedule did not fire");
                    break;
                }
            }
        }
    }
    if created > 0 {
        services.wake.notify();
    }
    Ok(created)
}

/// The earliest instant, now at the earliest, at which a schedule has something to fire.
pub async fn next_due(services: &Services) -> Result<Option<Timestamp>, ServiceError> {
    let now = services.clock.now();
    let schedules = services.store.read().await?.enabled_schedules().await?;
    Ok(schedules.iter().filter_map(|automation| next_fire(automation, now)).min())
}

/// Creates event and run of one fire. False if it was dealt with meanwhile.
async fn fire_at(
    services: &Services,
    seen: &InEffect,
    fire: Timestamp,
    now: Timestamp,
) -> Result<bool, ServiceError> {
    let (own, seen) = (services.clone(), seen.clone());
    services
        .write(move |tx| Box::pin(async move { fire_once(tx, &own, &seen, fire, now).await }))
        .await
}

async fn fire_once(
    tx: &mut Tx,
    services: &Services,
    seen: &InEffect,
    fire: Timestamp,
    now: Timestamp,
) -> Result<bool, ServiceError> {
    let workspace = seen.automation.workspace;
    let Some(automation) = tx.lock_automation(workspace, &seen.automation.key).await? else {
        return Ok(false);
    };
    let still_due = automation.automation.enabled
        && automation.definition.trigger == seen.definition.trigger
        && automation.fired_until < fire;
    if !still_due {
        return Ok(false);
    }
    tx.advance_fired_until(automation.automation.id, fire).await?;
    let id = TriggerEventId::new(services.ids.uuid(now));
    let event = fire_event(id, workspace, &automation.automation.key, fire, now);
    let listeners = events::Listeners::Only(Box::new(automation));
    let received = events::admit(tx, &services.ids, Principal::System, event, listeners).await?;
    Ok(!received.duplicate)
}

fn fire_event(
    id: TriggerEventId,
    workspace: WorkspaceId,
    key: &str,
    fire: Timestamp,
    now: Timestamp,
) -> TriggerEvent {
    let scheduled_for = fire.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    TriggerEvent {
        id,
        workspace,
        kind: TriggerKind::Schedule,
        source: events::schedule_source(key),
        external_id: scheduled_for.clone(),
        event_type: "schedule.fired".to_owned(),
        subject: None,
        occurred_at: fire,
        received_at: now,
        trace: None,
        payload: json!({"scheduled_for": scheduled_for}),
    }
}

/// The schedule of an automation, ready to be asked. One that cannot be read is logged: applying
/// the definition refused it, unless time zones have changed since.
fn calendar(automation: &InEffect) -> Option<(&Schedule, Calendar)> {
    let schedule = automation.definition.trigger.schedule.as_ref()?;
    match Calendar::new(schedule) {
        Ok(calendar) => Some((schedule, calendar)),
        Err(error) => {
            let id = automation.automation.id;
            tracing::error!(automation = %id, %error, "a schedule cannot be read");
            None
        }
    }
}

fn due(automation: &InEffect, now: Timestamp) -> Vec<Timestamp> {
    let Some((schedule, calendar)) = calendar(automation) else { return Vec::new() };
    calendar.fires_due(automation.fired_until, now, schedule.missed, GRACE, MOST_FIRES)
}

fn next_fire(automation: &InEffect, now: Timestamp) -> Option<Timestamp> {
    if !due(automation, now).is_empty() {
        return Some(now);
    }
    calendar(automation)?.1.next_after(now)
}
