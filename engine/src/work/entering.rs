//! Enters into the audit log what was written by SQL: a function of the database can make neither a leaf
//! nor what seals its payload. With their entries webhooks are told of them like of any other.

use domain::{audit::Draft, id::WorkspaceId};

use super::Worker;
use crate::{
    changes,
    services::ServiceError,
    store::{StoreError, Tx, Unentered},
};

/// How many are entered at a time.
const BATCH: i64 = 100;

impl Worker {
    /// Enters what waits for its entry, one transaction each. Answers with how many.
    pub(super) async fn enter_reported(&self) -> Result<usize, ServiceError> {
        let waiting = self.services.store.read().await?.unentered(BATCH).await?;
        let mut entered = 0;
        for (workspace, one) in waiting {
            let (ids, now) = (self.services.ids.clone(), self.now());
            let step = self.services.write(move |tx| {
                Box::pin(async move {
                    // Another process may have been faster.
                    if !tx.take_unentered(one).await? {
                        return Ok(0);
                    }
                    let draft = draft(tx, workspace, one).await?;
                    tx.append_audit(workspace, &ids, now, &[draft]).await?;
                    Ok(1)
                })
            });
            entered += step.await?;
        }
        Ok(entered)
    }
}

async fn draft(tx: &mut Tx, workspace: WorkspaceId, one: Unentered) -> Result<Draft, StoreError> {
    let draft = match one {
        Unentered::Report(id) => tx.report(workspace, id).await?.map(|r| changes::written(&r)),
        Unentered::Incident(id) => tx.incident(workspace, id).await?.map(|n| changes::raised(&n)),
    };
    draft.ok_or_else(|| StoreError::Inconsistent {
        table: "unentered",
        column: "id",
        message: format!("there is no {one:?}"),
    })
}
