//! What can still be told about a process that disappeared: gathered for the incidents it left.

use std::collections::HashMap;

use domain::{
    Timestamp,
    id::{ItemId, WorkspaceId},
    incident::{Cause, Facts, Interruption, Raised},
    item::{Item, ItemMove, ItemState},
    lease::Rescue,
    problem::Failure,
};

use crate::store::{LeaseHistory, StoreError, Tx};

/// The items of one run that were found with ended leases, and who had held them.
pub(super) struct Wreck {
    in_flight: i64,
    histories: HashMap<ItemId, LeaseHistory>,
}

impl Wreck {
    /// Looks at items that are about to be rescued, before anything of them is changed.
    pub(super) async fn look(
        tx: &mut Tx,
        workspace: WorkspaceId,
        items: &[Item],
    ) -> Result<Self, StoreError> {
        let started = items.iter().filter(|item| item.state == ItemState::Started);
        let started: Vec<ItemId> = started.map(|item| item.id).collect();
        let histories = tx.lease_histories(workspace, &started).await?;
        Ok(Self { in_flight: started.len() as i64, histories })
    }

    /// Who held an item.
    pub(super) fn owner(&self, item: ItemId) -> Option<&str> {
        self.histories.get(&item)?.owner.as_deref()
    }

    /// The one incident of an attempt that was interrupted: of its item too, where that is given up.
    pub(super) fn raised(
        &self,
        found: &Item,
        decision: &Rescue,
        interrupted: &Failure,
        now: Timestamp,
    ) -> Raised {
        let facts = self.facts(found, decision.step() == ItemMove::Requeue, now);
        match decision {
            Rescue::GiveUp(failure) => {
                Raised { facts: facts.failed(failure), ..Raised::item_failed(found, failure) }
            }
            _ => {
                let cause = match Cause::of(interrupted, Some(found.class)) {
                    Cause::StorageFull => Cause::StorageFull,
                    _ => Cause::WorkerLost,
                };
                Raised::of_attempt(found, cause, facts.failed(interrupted))
            }
        }
    }

    /// The facts about an item as it was found.
    fn facts(&self, found: &Item, queued_again: bool, now: Timestamp) -> Facts {
        let history = self.histories.get(&found.id).cloned().unwrap_or_default();
        let heard = found.started_at;
        Facts::of_item(found).interrupted(Interruption {
            worker: history.owner,
            in_flight: self.in_flight,
            last_durable_step: format!("attempt {} started", found.attempt),
            last_heard_at: heard,
            lease_until: found.lease_until,
            silent_ms: heard.map(|heard| (now - heard).num_milliseconds().max(0)),
            queued_again,
            leases: history.past,
        })
    }
}
