//! What every duty of a worker needs.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::{
    Timestamp,
    id::{ItemId, MemberId, TriggerEventId, WorkspaceId},
    origin::TraceId,
};
use serde_json::Value;

use crate::{
    net::{Guard, HttpClient},
    services::{DestinationSecrets, ServiceError, Services},
    span,
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
    /// Attempts whose outcome the database had no room for, until somebody rescues them.
    unwritten: Arc<Mutex<HashSet<Held>>>,
}

/// An item and the attempt at it.
pub(super) type Held = (ItemId, i64);

/// A trigger event as runs need it.
#[derive(Debug)]
pub(super) struct Told {
    /// As conditions and templates see it.
    pub(super) event: Value,
    /// Handed on to receivers.
    pub(super) trace: TraceId,
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
        Self {
            services,
            http,
            name: name.into(),
            events: Arc::default(),
            unwritten: Arc::default(),
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.services.clock.now()
    }

    /// Remembers attempts whose outcome could not be written for want of room: with a full disk there
    /// is nowhere else to note it.
    pub(super) fn remember_unwritten(
        &self,
        stored: &Result<(), ServiceError>,
        held: impl IntoIterator<Item = Held>,
    ) {
        if matches!(stored, Err(ServiceError::Store(error)) if error.is_full()) {
            lock(&self.unwritten).extend(held);
        }
    }

    pub(super) fn is_unwritten(&self, held: Held) -> bool {
        lock(&self.unwritten).contains(&held)
    }

    pub(super) fn forget_unwritten(&self, held: impl IntoIterator<Item = Held>) {
        let rescued: HashSet<Held> = held.into_iter().collect();
        lock(&self.unwritten).retain(|held| !rescued.contains(held));
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
            trace: span::trace_of(id.uuid(), found.trace),
            requested_by: found.requested_by(),
        });
        let mut events = lock(&self.events);
        if events.len() >= MOST_EVENTS {
            events.clear();
        }
        events.insert(id, Arc::clone(&event));
        Ok(event)
    }

    fn known_event(&self, id: TriggerEventId) -> Option<Arc<Told>> {
        lock(&self.events).get(&id).map(Arc::clone)
    }

    /// The way out of a workspace as it stands.
    pub(super) async fn way_out(&self, workspace: WorkspaceId) -> Result<WayOut, ServiceError> {
        let allowed = self.services.store.read().await?.destinations(workspace).await?;
        let secrets = self.services.open_destination_secrets(workspace, self.now()).await?;
        Ok(WayOut { guard: Guard::new(allowed), secrets })
    }
}

fn lock<T>(kept: &Mutex<T>) -> MutexGuard<'_, T> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}
