//! Erasing what the log says about a run beyond its leaves. The leaves stay, and so does every proof.

use domain::{
    audit::{Draft, Object, Verb},
    id::RunId,
    permission::Permission,
    run::Run,
};
use serde_json::json;

use super::{Caller, ServiceError, Services, cancel::check_reason};
use crate::store::Tx;

/// Payloads that are erased in one transaction.
const BATCH: i64 = 5_000;

impl Services {
    /// Erases the payloads of all entries about a run that has ended, and enters why. Answers with how
    /// many there were. One that was cut short is gone on with when it is asked for again.
    ///
    /// # Errors
    /// The conflicts `under-hold`, `run-not-ended` and `nothing-to-erase`.
    pub async fn erase_payloads(
        &self,
        caller: Caller,
        run: RunId,
        reason: &str,
    ) -> Result<i64, ServiceError> {
        self.require(caller, Permission::ErasePayloads).await?;
        let reason = check_reason(reason)?;
        let (ids, now) = (self.ids.clone(), self.clock.now());
        let begun = self.write(move |tx| {
            Box::pin(async move {
                let run = may_erase(tx, caller, run).await?;
                let payloads = tx.count_payloads(caller.workspace, run.id).await?;
                if payloads == 0 {
                    let message = "the entries about this run have no payloads any more";
                    return Err(ServiceError::conflict("nothing-to-erase", message));
                }
                tx.erase_payloads(caller.workspace, run.id, BATCH).await?;
                let object = Object::new("run", run.id);
                let draft = Draft::new(caller.principal, Verb::PayloadErased, object)
                    .in_run(run.id)
                    .with(json!({"payloads": payloads, "reason": reason}));
                tx.append_audit(caller.workspace, &ids, now, &[draft]).await?;
                Ok(payloads)
            })
        });
        let payloads = begun.await?;
        while self.erase_more(caller, run).await? > 0 {}
        Ok(payloads)
    }

    /// Goes on, unless a hold was placed meanwhile.
    async fn erase_more(&self, caller: Caller, run: RunId) -> Result<u64, ServiceError> {
        self.write(move |tx| {
            Box::pin(async move {
                let run = may_erase(tx, caller, run).await?;
                Ok(tx.erase_payloads(caller.workspace, run.id, BATCH).await?)
            })
        })
        .await
    }
}

/// The run, if nothing stands against erasing what is said about it. Whatever moves the run and
/// whoever places a hold wait for the commit.
async fn may_erase(tx: &mut Tx, caller: Caller, run: RunId) -> Result<Run, ServiceError> {
    let found = tx.lock_run(caller.workspace, run).await?;
    let run = found.ok_or(ServiceError::NotFound("run"))?;
    tx.lock_holds(caller.workspace).await?;
    let holds = tx.holds(caller.workspace).await?;
    if let Some(hold) = holds.iter().find(|hold| hold.keeps(&run)) {
        let (id, placed) = (hold.id, hold.placed_at.format("%Y-%m-%d"));
        let message = format!("the hold {id} of {placed} keeps it: {}", hold.reason);
        return Err(ServiceError::conflict("under-hold", message));
    }
    if !run.status.is_terminal() {
        let message = "the run has not ended; what is said about it is needed";
        return Err(ServiceError::conflict("run-not-ended", message));
    }
    Ok(run)
}
