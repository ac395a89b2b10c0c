//! Local items: start, effect, outcome and audit entries of a whole batch in one transaction.

use domain::{id::WorkspaceId, item::ReplayEvidence, record::RecordRef};

use super::{Worker, outcome::Overlay, prepare::Ready};
use crate::{
    actioner::{Answer, Way},
    crash::{self, Point},
    services::ServiceError,
    store::{Claim, StoreError, Tx},
};

/// How often a batch is tried when another process changed the same records meanwhile.
const TRIES: usize = 5;

impl Worker {
    /// Carries out claimed local items of one workspace.
    pub(super) async fn execute_local(
        &self,
        workspace: WorkspaceId,
        claimed: Vec<Claim>,
    ) -> Result<(), ServiceError> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.local_batch(workspace, claimed.clone()).await {
                // Nothing was stored; what another process wrote is read on the next try.
                Err(ServiceError::Store(StoreError::Conflict(_) | StoreError::Stale { .. }))
                    if tries < TRIES => {}
                result => return result,
            }
        }
    }

    async fn local_batch(
        &self,
        workspace: WorkspaceId,
        claimed: Vec<Claim>,
    ) -> Result<(), ServiceError> {
        let worker = self.clone();
        let done = self.services.write(move |tx| {
            Box::pin(async move {
                let (mut changes, ready) = worker.prepare(tx, workspace, &claimed).await?;
                crash::point(Point::C4);
                changes.records = worker.act(tx, workspace, &mut changes, ready).await?;
                crash::point(Point::C6);
                changes.write(tx, &worker.services.ids).await?;
                crash::point(Point::C7);
                Ok(())
            })
        });
        done.await?;
        crash::point(Point::C8);
        Ok(())
    }

    /// Calls the actioners one after the other: each sees what the ones before it wrote.
    async fn act(
        &self,
        tx: &mut Tx,
        workspace: WorkspaceId,
        changes: &mut crate::changes::Changes,
        ready: Vec<Ready>,
    ) -> Result<Vec<domain::record::Record>, ServiceError> {
        let keys: Vec<String> = ready.iter().map(|ready| ready.call.effect_key.clone()).collect();
        let effects = tx.effects(workspace, &keys).await?;
        let reads: Vec<RecordRef> = ready.iter().flat_map(|ready| self.reads(ready)).collect();
        let mut overlay = Overlay::new(tx.records_by_refs(workspace, &reads).await?);
        for ready in ready {
            let earlier = effects.get(&ready.call.effect_key);
            let answer = match earlier {
                Some(_) => {
                    Answer::Replayed { record: None, evidence: ReplayEvidence::LocalEffectRow }
                }
                None => self.answer(&ready, &overlay),
            };
            self.conclude(changes, &mut overlay, ready, answer, earlier)?;
        }
        Ok(overlay.into_changed())
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
