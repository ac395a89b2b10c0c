//! Moves of items and runs, gathered under the locks of the runs and written at once.
//!
//! Whoever moves an item holds the lock of its run. Everything that belongs to the move is gathered
//! here first: the item, its attempt and effect, the records it brought about, approvals, the
//! counts of the run, incidents, the audit entries. [`Changes::write`] then stores all of it, many
//! rows a statement, ends runs in which nothing can move any more, writes their reports, and appends
//! to the log last.

mod costs;
mod endings;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use domain::{
    Timestamp,
    approval::{Approval, ApprovalStatus},
    attempt::Attempt,
    audit::{Draft, Object, Verb, VersionInEffect},
    counts::Counts,
    id::{ApprovalId, AutomationId, ItemId, PolicyId, RecordId, RunId, WorkspaceId},
    incident::Raised,
    item::{Item, ItemMove, ItemState},
    member::Principal,
    problem::IllegalMove,
    record::Record,
    run::{Run, RunStatus},
};
pub(crate) use endings::{raised, written};
use serde_json::{Value, json};

use crate::{
    ids::Ids,
    store::{Effect, FencedItem, StoreError, Tx},
};

pub(crate) use costs::period_of;

/// A run as it was locked and as it is to be.
#[derive(Debug)]
struct Locked {
    before: Run,
    after: Run,
}

/// What is to be written in one workspace in one transaction.
#[derive(Debug)]
pub(crate) struct Changes {
    workspace: WorkspaceId,
    now: Timestamp,
    runs: BTreeMap<RunId, Locked>,
    items: BTreeMap<ItemId, FencedItem>,
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) effects: Vec<Effect>,
    pub(crate) records: Vec<Record>,
    pub(crate) approvals: Vec<Approval>,
    closed: BTreeMap<ApprovalStatus, Vec<ApprovalId>>,
    raised: Vec<Raised>,
    drafts: Vec<Draft>,
    /// The revisions of records that were looked at.
    seen: BTreeMap<RecordId, i64>,
    /// The automations of which something is started.
    started: BTreeSet<AutomationId>,
    /// The policies under which it was judged that it may start.
    judged_under: Vec<(PolicyId, i64)>,
    costs: costs::Costs,
}

impl Changes {
    /// Begins with the runs that are locked in the transaction, or that will be: see
    /// [`Changes::rebase`].
    pub(crate) fn new(
        workspace: WorkspaceId,
        now: Timestamp,
        locked: impl IntoIterator<Item = Run>,
    ) -> Self {
        let lock = |run: Run| (run.id, Locked { before: run.clone(), after: run });
        Self {
            workspace,
            now,
            runs: locked.into_iter().map(lock).collect(),
            items: BTreeMap::new(),
            attempts: Vec::new(),
            effects: Vec::new(),
            records: Vec::new(),
            approvals: Vec::new(),
            closed: BTreeMap::new(),
            raised: Vec::new(),
            drafts: Vec::new(),
            seen: BTreeMap::new(),
            started: BTreeSet::new(),
            judged_under: Vec::new(),
            costs: costs::Costs::default(),
        }
    }

    /// Whether there is nothing to write.
    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Remembers what a decision was based on.
    pub(crate) fn saw(&mut self, record: &Record) {
        self.seen.insert(record.id, record.revision);
    }

    /// Remembers which policies were asked.
    pub(crate) fn judged_under(&mut self, policies: Vec<(PolicyId, i64)>) {
        self.judged_under = policies;
    }

    /// Carries changes that were worked out without locks over to the locked runs.
    ///
    /// # Errors
    /// `Stale` when what they were worked out from is no longer so.
    pub(crate) async fn rebase(&mut self, tx: &mut Tx) -> Result<(), StoreError> {
        let ids: Vec<RunId> = self.runs.keys().copied().collect();
        for run in tx.lock_runs(self.workspace, &ids).await? {
            let Some(Locked { before, after }) = self.runs.get_mut(&run.id) else { continue };
            if run.status != before.status || run.is_stopping() != before.is_stopping() {
                return Err(StoreError::Stale { what: "run", expected: 1, changed: 0 });
            }
            let counts = run.counts + after.counts + -before.counts;
            (*before, *after) = (run.clone(), Run { counts, ..run });
        }
        let seen: Vec<(RecordId, i64)> = self.seen.iter().map(|(&id, &at)| (id, at)).collect();
        tx.require_revisions(self.workspace, &seen).await
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    /// A locked run as it is to be.
    pub(crate) fn run(&self, id: RunId) -> Option<&Run> {
        self.runs.get(&id).map(|locked| &locked.after)
    }

    pub(crate) fn run_mut(&mut self, id: RunId) -> Option<&mut Run> {
        self.runs.get_mut(&id).map(|locked| &mut locked.after)
    }

    /// Moves an item and the counts of its run. Call before changing anything else of the item, and
    /// [`Changes::keep`] after.
    pub(crate) fn step(&mut self, item: &mut Item, step: ItemMove) -> Result<(), IllegalMove> {
        let (from, to) = (item.state, item.state.after(step)?);
        self.items.entry(item.id).or_insert_with(|| FencedItem {
            expected_state: from,
            expected_attempt: item.attempt,
            after: item.clone(),
        });
        item.state = to;
        if to != ItemState::Started && to != ItemState::Leased {
            item.lease_until = None;
        }
        item.ended_at = to.is_final().then_some(self.now);
        self.count(item.run, Counts::moved(from, to));
        Ok(())
    }

    /// Enters that an attempt at an item begins, under this version.
    pub(crate) fn start(&mut self, version: &Arc<VersionInEffect>, item: &Item, payload: Value) {
        self.started.insert(version.automation);
        let object = Object::new("item", item.id);
        let draft = Draft::new(Principal::System, Verb::ItemStarted, object).in_run(item.run);
        self.drafts.push(draft.under(Arc::clone(version)).with(payload));
    }

    /// The actioner of an item is called; counted the first time.
    pub(crate) fn invoke(&mut self, item: &mut Item) {
        if !item.invoked {
            item.invoked = true;
            self.count(item.run, Counts::invoked());
        }
    }

    fn count(&mut self, run: RunId, delta: Counts) {
        if let Some(run) = self.run_mut(run) {
            run.counts += delta;
        }
    }

    /// Remembers an item as it is to be.
    pub(crate) fn keep(&mut self, item: Item) {
        if let Some(fenced) = self.items.get_mut(&item.id) {
            fenced.after = item;
        }
    }

    /// Ends an open approval.
    pub(crate) fn close_approval(&mut self, id: ApprovalId, status: ApprovalStatus) {
        self.closed.entry(status).or_default().push(id);
    }

    /// Adds an audit entry.
    pub(crate) fn enter(&mut self, draft: Draft) {
        self.drafts.push(draft);
    }

    /// Adds an audit entry about an item.
    pub(crate) fn enter_item(
        &mut self,
        actor: Principal,
        verb: Verb,
        item: &Item,
        payload: Option<Value>,
    ) {
        let draft = Draft::new(actor, verb, Object::new("item", item.id)).in_run(item.run);
        self.drafts.push(match payload {
            Some(payload) => draft.with(payload),
            None => draft,
        });
    }

    /// Writes everything. The last statement that changes something is the one that appends to the log;
    /// what was started is then held against the kill switches and the policies.
    pub(crate) async fn write(mut self, tx: &mut Tx, ids: &Ids) -> Result<(), StoreError> {
        let incidents = self.incidents(ids);
        self.add_up();
        self.free_what_is_left(tx).await?;
        self.cost_runs()?;
        self.settle();
        let reports = self.reports(ids);
        tx.upsert_records(self.workspace, &self.records).await?;
        let items: Vec<FencedItem> = std::mem::take(&mut self.items).into_values().collect();
        tx.update_items(&items).await?;
        tx.insert_attempts(self.workspace, &self.attempts).await?;
        tx.insert_effects(self.workspace, &self.effects).await?;
        for (status, approvals) in &self.closed {
            tx.close_approvals(approvals, *status, self.now).await?;
        }
        tx.insert_approvals(&self.approvals).await?;
        for Locked { before, after } in self.runs.values() {
            if before != after {
                tx.update_run(before, after).await?;
            }
        }
        self.write_costs(tx).await?;
        tx.insert_incidents(&incidents).await?;
        tx.insert_reports(&reports).await?;
        tx.append_audit(self.workspace, ids, self.now, &self.drafts).await?;
        if self.started.is_empty() {
            return Ok(());
        }
        tx.require_released(self.workspace, &self.started).await?;
        tx.require_in_force(self.workspace, &self.judged_under).await
    }

    /// Ends the runs in which nothing can move any more.
    fn settle(&mut self) {
        for Locked { after, .. } in self.runs.values_mut() {
            if after.settle(self.now) {
                self.drafts.push(ended(after));
            }
        }
    }
}

/// The entry that says how a run ended.
pub(crate) fn ended(run: &Run) -> Draft {
    let verb = match run.status {
        RunStatus::Cancelled => Verb::RunCancelled,
        RunStatus::Failed => Verb::RunFailed,
        RunStatus::Killed => Verb::RunKilled,
        _ => Verb::RunCompleted,
    };
    Draft::new(Principal::System, verb, Object::new("run", run.id))
        .in_run(run.id)
        .with(portrait(run))
}

/// A run as entries about its moves show it.
pub(crate) fn portrait(run: &Run) -> Value {
    json!({"status": run.status, "round": run.round, "counts": run.counts})
}
