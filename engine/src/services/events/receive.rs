//! Receiving an event from elsewhere.

use chrono::SubsecRound as _;
use domain::{
    Timestamp, canonical,
    id::TriggerEventId,
    permission::Permission,
    record::{RecordRef, check_key, check_kind},
    trigger::{TriggerEvent, TriggerKind},
};
use serde_json::Value;

use super::{Listeners, OWN_SOURCES, Received, admit, request::first_told};
use crate::{
    origin,
    services::{Caller, FieldError, ServiceError, Services},
};

/// The largest payload of an event as compact JSON, in bytes.
pub const LARGEST_PAYLOAD: usize = 256 * 1024;

/// The longest source, id and type of an event, in characters.
const LONGEST_NAME: usize = 200;

/// An event as its source tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    pub kind: TriggerKind,
    /// Who tells; with `external_id` it makes the event what it is.
    pub source: String,
    /// The source's own id of the event.
    pub external_id: String,
    pub event_type: String,
    /// The record the event is about.
    pub subject: Option<RecordRef>,
    /// When it happened, according to its source.
    pub occurred_at: Timestamp,
    /// A JSON object.
    pub payload: Value,
}

impl Services {
    /// Stores an event and creates a run for every enabled automation that listens to it. The same
    /// event again changes nothing and gives the same answer, marked as a duplicate.
    ///
    /// # Errors
    /// `Invalid` naming the field; the conflict `event-differs` when another event has the same
    /// source and id.
    pub async fn receive_event(
        &self,
        caller: Caller,
        event: NewEvent,
    ) -> Result<Received, ServiceError> {
        self.take_in(caller, event, true).await
    }

    /// The same for an event whose source does not say when it happened: it happened when it was first
    /// told, which is what `occurred_at` says.
    pub async fn receive_untimed_event(
        &self,
        caller: Caller,
        event: NewEvent,
    ) -> Result<Received, ServiceError> {
        self.take_in(caller, event, false).await
    }

    async fn take_in(
        &self,
        caller: Caller,
        event: NewEvent,
        timed: bool,
    ) -> Result<Received, ServiceError> {
        self.require(caller, Permission::SendTriggerEvents).await?;
        let faults = faults(&event);
        if !faults.is_empty() {
            return Err(ServiceError::Invalid(faults));
        }
        let (ids, now) = (self.ids.clone(), self.clock.now());
        let event = TriggerEvent {
            id: TriggerEventId::new(ids.uuid(now)),
            workspace: caller.workspace,
            kind: event.kind,
            source: event.source,
            external_id: event.external_id,
            event_type: event.event_type,
            subject: event.subject,
            occurred_at: event.occurred_at.trunc_subsecs(6),
            received_at: now,
            trace: origin::current().belongs_to(),
            payload: event.payload,
        };
        let actor = caller.principal;
        let received = self
            .write(move |tx| {
                Box::pin(async move {
                    let event = if timed { event } else { first_told(tx, event).await? };
                    admit(tx, &ids, actor, event, Listeners::All).await
                })
            })
            .await?;
        self.wake.notify();
        Ok(received)
    }
}

fn faults(event: &NewEvent) -> Vec<FieldError> {
    let mut faults = Vec::new();
    let mut fault = |field: &str, message: String| faults.push(FieldError::new(field, message));
    if matches!(
        event.kind,
        TriggerKind::Schedule | TriggerKind::ManualRequest | TriggerKind::Reported
    ) {
        fault("kind", format!("events of the kind {} are made by Assize itself", event.kind));
    }
    if event.source.starts_with(OWN_SOURCES) {
        fault("source", format!("sources that begin with {OWN_SOURCES} are Assize itself"));
    }
    for (field, text) in [
        ("source", &event.source),
        ("external_id", &event.external_id),
        ("type", &event.event_type),
    ] {
        if let Err(message) = check_text(text) {
            fault(field, message);
        }
    }
    if let Some(subject) = &event.subject {
        let _ = check_kind(&subject.kind).map_err(|error| fault("subject.kind", error.to_string()));
        let _ = check_key(&subject.key).map_err(|error| fault("subject.key", error.to_string()));
    }
    if let Err(message) = check_payload(&event.payload) {
        fault("payload", message);
    }
    faults
}

pub(crate) fn check_text(text: &str) -> Result<(), String> {
    let valid = (1..=LONGEST_NAME).contains(&text.chars().count())
        && !text.chars().any(char::is_control)
        && text.trim() == text;
    if valid {
        return Ok(());
    }
    Err(format!(
        "it needs 1 to {LONGEST_NAME} characters, no control characters and no space around it"
    ))
}

pub(super) fn check_payload(payload: &Value) -> Result<(), String> {
    if !payload.is_object() {
        return Err("it has to be a JSON object".to_owned());
    }
    if canonical::text(payload).len() > LARGEST_PAYLOAD {
        return Err(format!("it has at most {LARGEST_PAYLOAD} bytes"));
    }
    Ok(())
}
