//! Silence: a run that gives no sign of life for longer than it declared is interrupted, as far as
//! anybody here knows. If it speaks again, it goes on.

use domain::{
    Timestamp,
    id::{IncidentId, RunId, WorkspaceId},
    incident::Raised,
};

use crate::{
    changes::raised,
    services::{ServiceError, Services},
};

impl Services {
    /// Raises the incident of a run that is silent for too long. False if it has spoken meanwhile.
    pub(crate) async fn interrupt_silent(
        &self,
        workspace: WorkspaceId,
        id: RunId,
        now: Timestamp,
    ) -> Result<bool, ServiceError> {
        let ids = self.ids.clone();
        self.write(move |tx| {
            Box::pin(async move {
                let Some(before) = tx.lock_run(workspace, id).await? else { return Ok(false) };
                let Some(mut head) = tx.reported_run(workspace, id).await? else {
                    return Ok(false);
                };
                if head.silent_after.is_none_or(|after| after > now) {
                    return Ok(false);
                }
                let mut after = before.clone();
                let told = Raised::silent(&before, &head.state, head.heard_at, now);
                let incident = told.enter(IncidentId::new(ids.uuid(now)), workspace, now);
                head.silent_after = None;
                after.tally.incidents += 1;
                if let Some(told) = &mut after.told {
                    told.silent_since = Some(head.heard_at);
                }
                tx.update_reported_run(&head).await?;
                tx.update_run(&before, &after).await?;
                tx.insert_incidents(std::slice::from_ref(&incident)).await?;
                tx.append_audit(workspace, &ids, now, &[raised(&incident)]).await?;
                Ok(true)
            })
        })
        .await
    }
}
