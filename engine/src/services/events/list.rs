//! What was heard, and what came of it.

use domain::{
    id::{RunId, TriggerEventId},
    page::{Page, Seek},
    permission::Permission,
};

use crate::{
    services::{Caller, ServiceError, Services},
    store::{EventFilter, HeardEvent},
};

impl Services {
    /// A page of the trigger events a filter finds, newest first.
    pub async fn trigger_events(
        &self,
        caller: Caller,
        filter: &EventFilter,
        seek: Seek,
        size: i64,
    ) -> Result<Page<HeardEvent>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        Ok(session.trigger_event_page(caller.workspace, filter, seek, size).await?)
    }

    /// The runs that an event brought about.
    pub async fn runs_of_event(
        &self,
        caller: Caller,
        event: TriggerEventId,
    ) -> Result<Vec<RunId>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        let runs = session.runs_of_event(caller.workspace, event).await?;
        Ok(runs.into_iter().map(|run| run.id).collect())
    }
}
