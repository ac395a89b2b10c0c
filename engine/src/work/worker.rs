//! What every duty of a worker needs.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use domain::{
    Timestamp,
    id::{MemberId, TriggerEventId, WorkspaceId},
    origin::TraceId,
};
use serde_json::Value;

use crate::{
    net::{Guard, HttpClient},
    services::{DestinationSecrets, ServiceError, Services},
    store::{Session, StoreError},
};

/// Takes items and calls their actioners. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Worker {
    pub(super) services: Services,
    pub(super) http: HttpClient,
    /// Names the process for people; fencing never looks at it.
    pub(super) name: Arc<str>,
    events: Arc<Mutex<HashMap<TriggerEventId, Arc<Told>>>>,
}

/// A trigger event as runs need it.
#[derive(Debug)]
pub(super) struct Told {
    /// As conditions and templates see it.
    pub(super) event: Value,
    /// Handed on to receivers.
    pub(super) trace: Option<TraceId>,
    /// The member who requested a run by hand.
    pub(super) requested_by: Option<MemberId>,
}

/// Where a workspace may send, and what its requests there are signed with.
#[derive(Debug)]
pub(super) struct WayOut {
    pub(super) guard: Guard,
    pub(super) secrets: DestinationSecrets,
}

/// More events in use at a time than this are read anew now and then.
const MOST_EVENTS: usize = 1_000;

impl Worker {
    pub fn new(services: Services, http: HttpClient, name: &str) -> Self {
        Self { services, http, name: name.into(), events: Arc::default() }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.services.clock.now()
    }

    /// A trigger event. Events never change, so they are kept.
    pub(super) async fn event(
        &self,
        session: &mut Session,
        workspace: WorkspaceId,
        id: TriggerEventId,
    ) -> Result<Arc<Told>, StoreError> {
        if let Some(event) = self.known_event(id) {
            return Ok(event);
        }
        let found = session.trigger_event(workspace, id).await?;
        let missing = || StoreError::Inconsistent {
            table: "run",
            column: "trigger_event_id",
            message: format!("there is no {id}"),
        };
        let found = found.ok_or_else(missing)?;
        let event = Arc::new(Told {
            event: found.as_event(),
            trace: found.trace,
            requested_by: found.requested_by(),
        });
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        if events.len() >= MOST_EVENTS {
            events.clear();
        }
        events.insert(id, Arc::clone(&event));
        Ok(event)
    }

    fn known_event(&self, id: TriggerEventId) -> Option<Arc<Told>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).get(&id).map(Arc::clone)
    }

    /// The way out of a workspace as it stands.
    pub(super) async fn way_out(&self, workspace: WorkspaceId) -> Result<WayOut, ServiceError> {
        let allowed = self.services.store.read().await?.destinations(workspace).await?;
        let secrets = self.services.open_destination_secrets(workspace, self.now()).await?;
        Ok(WayOut { guard: Guard::new(allowed), secrets })
    }
}
