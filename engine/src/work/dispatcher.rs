//! Hands out items: claims a batch under a fenced lease and sees it through.

use std::{collections::BTreeMap, sync::Arc};

use domain::{id::WorkspaceId, lease::LEASE};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
};

use super::Worker;
use crate::{
    crash::{self, Point},
    services::ServiceError,
    store::Claim,
};

/// Local items in one transaction. Throughput grows with this; so does how long others wait for the
/// locks: 500 take a few hundredths of a second.
const LOCAL_BATCH: i64 = 500;

/// Receivers called at the same time by one process.
pub(super) const REMOTE_CALLS: usize = 32;

/// The classes whose items are called at a receiver.
const REMOTE_CLASSES: [&str; 2] = ["keyed-remote", "unkeyed-remote"];

impl Worker {
    /// Takes one batch of local items through to their outcomes. Answers with how many it took.
    pub(super) async fn run_local(&self) -> Result<usize, ServiceError> {
        let claimed = self.claim("local", LOCAL_BATCH).await?;
        let count = claimed.len();
        for (workspace, items) in by_workspace(claimed) {
            self.execute_local(workspace, items).await?;
        }
        Ok(count)
    }

    /// Starts as many remote items as there are free slots. Their calls go on in `calls`. Answers
    /// with how many it took.
    pub(super) async fn run_remote(
        &self,
        slots: &Arc<Semaphore>,
        calls: &mut JoinSet<Result<(), ServiceError>>,
    ) -> Result<usize, ServiceError> {
        let mut taken = 0;
        for class in REMOTE_CLASSES {
            let free = slots.available_permits();
            let reserved = u32::try_from(free)
                .ok()
                .filter(|&free| free > 0)
                .and_then(|free| Arc::clone(slots).try_acquire_many_owned(free).ok());
            let Some(mut reserved) = reserved else { break };
            let limit = i64::try_from(free).unwrap_or(1);
            let claimed = self.claim(class, limit).await?;
            taken += claimed.len();
            for (workspace, items) in by_workspace(claimed) {
                self.send_all(workspace, items, &mut reserved, calls).await?;
            }
        }
        Ok(taken)
    }

    async fn send_all(
        &self,
        workspace: WorkspaceId,
        claimed: Vec<Claim>,
        reserved: &mut OwnedSemaphorePermit,
        calls: &mut JoinSet<Result<(), ServiceError>>,
    ) -> Result<(), ServiceError> {
        let ready = self.start_remote(workspace, claimed).await?;
        let way = Arc::new(self.way_out(workspace).await?);
        for ready in ready {
            let (worker, way, slot) = (self.clone(), Arc::clone(&way), reserved.split(1));
            calls.spawn(async move {
                let done = worker.carry_out(ready, &way).await;
                drop(slot);
                done
            });
        }
        Ok(())
    }

    pub(super) async fn claim(
        &self,
        class: &'static str,
        limit: i64,
    ) -> Result<Vec<Claim>, ServiceError> {
        let now = self.now();
        let name = Arc::clone(&self.name);
        let claimed = self.services.write(move |tx| {
            Box::pin(async move {
                let claimed = tx.claim_items(class, now, now + LEASE, &name, limit).await?;
                if !claimed.is_empty() {
                    crash::point(Point::C1);
                }
                Ok(claimed)
            })
        });
        let claimed = claimed.await?;
        if !claimed.is_empty() {
            crash::point(Point::C2);
        }
        Ok(claimed)
    }
}

fn by_workspace(claimed: Vec<Claim>) -> BTreeMap<WorkspaceId, Vec<Claim>> {
    let mut groups: BTreeMap<WorkspaceId, Vec<Claim>> = BTreeMap::new();
    for claim in claimed {
        groups.entry(claim.workspace).or_default().push(claim);
    }
    groups
}
