//! A member asks for a run of an automation with the trigger `manual-request`.

use domain::{
    automation::Subjects,
    id::TriggerEventId,
    permission::Permission,
    record::RecordRef,
    trigger::{TriggerEvent, TriggerKind},
};
use serde_json::{Map, Value, json};

use super::{Listeners, MANUAL_SOURCE, Received, admit, receive};
use crate::{
    origin,
    services::{Caller, ServiceError, Services, kills::require_released},
    store::{InEffect, Tx},
};

/// What a member asks for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunRequest {
    /// The record it is about; needed where the automation takes its subject from the event.
    pub subject: Option<RecordRef>,
    /// Makes repeating the request harmless; one is made up where none is given.
    pub external_id: Option<String>,
    /// What the automation sees as `event.payload.parameters`.
    pub parameters: Map<String, Value>,
}

impl Services {
    /// Creates a run of one automation, which has to have the trigger `manual-request`. The same
    /// request again, by its external id, changes nothing.
    ///
    /// # Errors
    /// `NotFound`; the conflicts `automation-disabled`, `not-requestable`, `kill-switch-pressed` and
    /// `event-differs`;
    /// `Invalid` naming `subject`, `external_id` or `parameters`.
    pub async fn request_run(
        &self,
        caller: Caller,
        automation: &str,
        request: RunRequest,
    ) -> Result<Received, ServiceError> {
        self.require(caller, Permission::RequestRuns).await?;
        let event = self.request_event(caller, automation, &request)?;
        let (ids, key) = (self.ids.clone(), automation.to_owned());
        let received = self
            .write(move |tx| {
                Box::pin(async move {
                    let found = tx.lock_automation(caller.workspace, &key).await?;
                    let automation = found.ok_or(ServiceError::NotFound("automation"))?;
                    check(tx, &automation, &event).await?;
                    let id = automation.automation.id;
                    require_released(tx, caller.workspace, id).await?;
                    let event = first_told(tx, event).await?;
                    let listeners = Listeners::Only(Box::new(automation));
                    admit(tx, &ids, caller.principal, event, listeners).await
                })
            })
            .await?;
        self.wake.notify();
        Ok(received)
    }

    fn request_event(
        &self,
        caller: Caller,
        automation: &str,
        request: &RunRequest,
    ) -> Result<TriggerEvent, ServiceError> {
        let now = self.clock.now();
        let external_id = match &request.external_id {
            Some(id) => id.clone(),
            None => self.ids.uuid(now).to_string(),
        };
        receive::check_text(&external_id)
            .map_err(|message| ServiceError::invalid("external_id", message))?;
        let payload = json!({
            "automation": automation,
            "requested_by": caller.principal.member(),
            "parameters": request.parameters,
        });
        receive::check_payload(&payload)
            .map_err(|message| ServiceError::invalid("parameters", message))?;
        Ok(TriggerEvent {
            id: TriggerEventId::new(self.ids.uuid(now)),
            workspace: caller.workspace,
            kind: TriggerKind::ManualRequest,
            source: MANUAL_SOURCE.to_owned(),
            external_id,
            event_type: "run.requested".to_owned(),
            subject: request.subject.clone(),
            occurred_at: now,
            received_at: now,
            trace: origin::current().belongs_to(),
            payload,
        })
    }
}

/// What does not say when it happened happened when it was first told: repeated later, it is still the
/// same event.
pub(super) async fn first_told(
    tx: &mut Tx,
    event: TriggerEvent,
) -> Result<TriggerEvent, ServiceError> {
    let before =
        tx.trigger_event_by_external_id(event.workspace, &event.source, &event.external_id).await?;
    let occurred_at = before.map_or(event.occurred_at, |before| before.occurred_at);
    Ok(TriggerEvent { occurred_at, ..event })
}

async fn check(
    tx: &mut Tx,
    automation: &InEffect,
    event: &TriggerEvent,
) -> Result<(), ServiceError> {
    if automation.definition.trigger.kind != TriggerKind::ManualRequest {
        return Err(ServiceError::conflict(
            "not-requestable",
            format!("{} does not have the trigger manual-request", automation.automation.key),
        ));
    }
    if !automation.automation.enabled {
        return Err(ServiceError::conflict(
            "automation-disabled",
            format!("{} is disabled", automation.automation.key),
        ));
    }
    let Subjects::Event { kind } = &automation.definition.subjects else { return Ok(()) };
    match &event.subject {
        None => Err(ServiceError::invalid("subject", format!("it needs a record of kind {kind}"))),
        Some(subject) if subject.kind != *kind => {
            let message = format!("it has to be a record of kind {kind}, not {}", subject.kind);
            Err(ServiceError::invalid("subject", message))
        }
        Some(subject) => match tx.record_by_ref(event.workspace, subject).await? {
            Some(_) => Ok(()),
            None => Err(ServiceError::invalid("subject", format!("there is no record {subject}"))),
        },
    }
}
