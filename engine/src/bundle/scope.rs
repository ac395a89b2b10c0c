//! Which runs a bundle is about, and how to go through them a page at a time: every page is a short
//! read of its own, so that nobody waits for an export.

use std::collections::{BTreeMap, VecDeque};

use domain::{
    bundle::Bundle,
    filter::{Order, RunFilter, TimeBasis},
    id::{AutomationId, WorkspaceId},
    page::Seek,
    period::Period,
    run::Run,
};

use crate::store::{Store, StoreError, Stretch};

/// How many rows are in memory at once.
pub(super) const ROWS: i64 = 1_000;

/// The workspace, the period and the automations of a bundle.
#[derive(Debug, Clone)]
pub(super) struct Scope {
    pub workspace: WorkspaceId,
    pub period: Period,
    /// The automations it is limited to; none for all.
    pub chosen: Vec<AutomationId>,
    /// The automations it covers, with their keys.
    pub automations: BTreeMap<AutomationId, String>,
}

impl Scope {
    pub(super) async fn of(store: &Store, bundle: &Bundle) -> Result<Self, StoreError> {
        let all = store.read().await?.automation_heads(bundle.workspace).await?;
        let limited = !bundle.automations.is_empty();
        let automations: BTreeMap<_, _> = all
            .into_iter()
            .filter(|automation| !limited || bundle.automations.contains(&automation.key))
            .map(|automation| (automation.id, automation.key))
            .collect();
        let chosen = if limited { automations.keys().copied().collect() } else { Vec::new() };
        let Bundle { workspace, period, .. } = *bundle;
        Ok(Self { workspace, period, chosen, automations })
    }

    /// The key of an automation.
    pub(super) fn key(&self, automation: AutomationId) -> &str {
        self.automations.get(&automation).map_or("", String::as_str)
    }

    /// The runs that started in the period, oldest first.
    pub(super) fn runs(&self) -> Runs<'_> {
        Runs { scope: self, automations: self.chosen.clone(), next: Some(Seek::First) }
    }

    /// The items of those runs, in the same order.
    pub(super) fn items(&self) -> Items<'_> {
        Items { runs: self.runs(), batches: VecDeque::new() }
    }

    /// The runs of one automation.
    pub(super) fn runs_of(&self, automation: AutomationId) -> Runs<'_> {
        Runs { scope: self, automations: vec![automation], next: Some(Seek::First) }
    }
}

/// A walk through runs.
pub(super) struct Runs<'a> {
    scope: &'a Scope,
    automations: Vec<AutomationId>,
    next: Option<Seek>,
}

impl Runs<'_> {
    /// The next page of runs; `None` at the end.
    pub(super) async fn next(&mut self, store: &Store) -> Result<Option<Vec<Run>>, StoreError> {
        let Some(seek) = self.next.take() else { return Ok(None) };
        let period = self.scope.period;
        let filter = RunFilter {
            by: TimeBasis::Started,
            from: Some(period.from),
            to: Some(period.last_day()),
            order: Order::Oldest,
            ..RunFilter::default()
        };
        let (workspace, automations) = (self.scope.workspace, &self.automations);
        let mut session = store.read().await?;
        let page = session.run_page(workspace, &filter, automations, seek, ROWS).await?;
        self.next = page.next;
        Ok(Some(page.rows).filter(|runs| !runs.is_empty()))
    }
}

/// A walk through the items of runs.
pub(super) struct Items<'a> {
    runs: Runs<'a>,
    batches: VecDeque<Vec<Stretch>>,
}

impl Items<'_> {
    /// The next stretches of items, to be read together; `None` at the end.
    pub(super) async fn next(&mut self, store: &Store) -> Result<Option<Vec<Stretch>>, StoreError> {
        while self.batches.is_empty() {
            let Some(runs) = self.runs.next(store).await? else { return Ok(None) };
            self.batches = stretches(&runs);
        }
        Ok(self.batches.pop_front())
    }
}

/// The items of these runs in stretches that are read together, about as many items each time.
fn stretches(runs: &[Run]) -> VecDeque<Vec<Stretch>> {
    let (mut batches, mut batch, mut rows) = (VecDeque::new(), Vec::new(), 0);
    for run in runs {
        let (mut from, total) = (0, run.counts.subjects_matched);
        while from < total {
            let until = total.min(from + ROWS - rows);
            let place = i64::try_from(batch.len()).unwrap_or(i64::MAX);
            batch.push(Stretch { run: run.id, from, until, place });
            rows += until - from;
            from = until;
            if rows == ROWS {
                batches.push_back(std::mem::take(&mut batch));
                rows = 0;
            }
        }
    }
    if !batch.is_empty() {
        batches.push_back(batch);
    }
    batches
}

/// How many items there are in these stretches.
pub(super) fn items_of(batch: &[Stretch]) -> usize {
    let items: i64 = batch.iter().map(|stretch| stretch.until - stretch.from).sum();
    usize::try_from(items).unwrap_or(0)
}
