//! Local items: start, effect, outcome and audit entries of a whole batch in one transaction.

use domain::{id::WorkspaceId, item::ReplayEvidence, record::RecordRef};

use super::{
    Worker,
    outcome::Overlay,
    prepare::{Ready, anew, runs_of},
};
use crate::{
    actioner::{Answer, Way},
    changes::Changes,
    crash::{self, Point},
    services::ServiceError,
    store::{Claim, Session},
};

impl Worker {
    /// Carries out claimed local items of one workspace.
    pub(super) async fn execute_local(
        &self,
        workspace: WorkspaceId,
        claimed: Vec<Claim>,
    ) -> Result<(), ServiceError> {
        let stored = anew(|| self.local_batch(workspace, &claimed)).await;
        self.remember_unwritten(&stored, claimed.iter().map(|claim| (claim.item, claim.attempt)));
        stored
    }

    /// Works a batch out while another is written, then writes it.
    async fn local_batch(
        &self,
        workspace: WorkspaceId,
        claimed: &[Claim],
    ) -> Result<(), ServiceError> {
        let changes = self.work_out(workspace, claimed).await?;
        if !changes.is_empty() {
            self.store_batch(changes).await?;
        }
        crash::point(Point::C8);
        Ok(())
    }

    /// What is to become of claimed items, found out without holding a lock.
    async fn work_out(
        &self,
        workspace: WorkspaceId,
        claimed: &[Claim],
    ) -> Result<Changes, ServiceError> {
        let mut session = self.services.store.read().await?;
        let runs = session.runs_by_ids(workspace, &runs_of(claimed)).await?;
        let (mut changes, ready) = self.prepare(&mut session, workspace, claimed, runs).await?;
        crash::point(Point::C4);
        self.act(&mut session, workspace, &mut changes, ready).await?;
        crash::point(Point::C6);
        Ok(changes)
    }

    /// Writes a batch, if all that it was worked out from still is so.
    async fn store_batch(&self, mut changes: Changes) -> Result<(), ServiceError> {
        let ids = self.services.ids.clone();
        let step = self.services.write(move |tx| {
            Box::pin(async move {
                changes.rebase(tx).await?;
                changes.write(tx, &ids).await?;
                crash::point(Point::C7);
                Ok(())
            })
        });
        step.await
    }

    /// Calls the actioners one after the other: each sees what the ones before it wrote.
    async fn act(
        &self,
        session: &mut Session,
        workspace: WorkspaceId,
        changes: &mut Changes,
        ready: Vec<Ready>,
    ) -> Result<(), ServiceError> {
        let keys: Vec<String> = ready.iter().map(|ready| ready.call.effect_key.clone()).collect();
        let effects = session.effects(workspace, &keys).await?;
        let reads: Vec<RecordRef> = ready.iter().flat_map(|ready| self.reads(ready)).collect();
        let records = session.records_by_refs(workspace, &reads).await?;
        records.iter().for_each(|record| changes.saw(record));
        let mut overlay = Overlay::new(records);
        for ready in ready {
            let earlier = effects.get(&ready.call.effect_key);
            let answer = match earlier {
                Some(_) => {
                    Answer::Replayed { record: None, evidence: ReplayEvidence::LocalEffectRow }
                }
                None => self.answer(&ready, &overlay),
            };
            self.conclude(changes, &mut overlay, ready, answer.into(), earlier)?;
        }
        changes.records = overlay.into_changed();
        Ok(())
    }

    fn reads(&self, ready: &Ready) -> Vec<RecordRef> {
        let actioner = self.services.registry.get(&ready.item.actioner);
        match actioner.map(|actioner| actioner.way(&ready.call.parameters)) {
            Some(Way::Local(local)) => local.reads(&ready.call),
            _ => Vec::new(),
        }
    }

    fn answer(&self, ready: &Ready, overlay: &Overlay) -> Answer {
        let actioner = self.services.registry.get(&ready.item.actioner);
        match actioner.map(|actioner| actioner.way(&ready.call.parameters)) {
            Some(Way::Local(local)) => local.act(&ready.call, &overlay.registers),
            _ => Answer::Failed(domain::problem::Failure::deterministic(
                "actioner-changed-class",
                "The parameters would make this a remote action, but its definition says it is local.",
            )),
        }
    }
}

#[cfg(test)]
mod tests;
