//! What was heard, and what came of it.

use std::collections::HashMap;

use domain::{
    id::{KillSwitchId, RunId, TriggerEventId},
    page::{Page, Seek},
    permission::Permission,
    run::Run,
    trigger::EventFilter,
};

use crate::{
    services::{Caller, ServiceError, Services},
    store::HeardEvent,
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

    /// The kill switches that kept an event from bringing about runs.
    pub async fn refusals_of_event(
        &self,
        caller: Caller,
        event: TriggerEventId,
    ) -> Result<Vec<KillSwitchId>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        let found = session.trigger_event(caller.workspace, event).await?;
        found.ok_or(ServiceError::NotFound("trigger event"))?;
        Ok(session.refusals_of_event(event).await?)
    }

    /// The runs that events brought about; events without any are left out.
    pub async fn runs_of_events(
        &self,
        caller: Caller,
        events: &[TriggerEventId],
    ) -> Result<HashMap<TriggerEventId, Vec<Run>>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        let mut runs: HashMap<TriggerEventId, Vec<Run>> = HashMap::new();
        for run in session.runs_of_events(caller.workspace, events).await? {
            runs.entry(run.trigger_event).or_default().push(run);
        }
        Ok(runs)
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
