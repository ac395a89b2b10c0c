//! How it goes: what a filter finds, what failed last and why, and how long it takes.

use domain::{
    automation::Automation,
    filter::{Order, RunFilter, TimeBasis},
    item::ItemState,
    page::Seek,
    problem::Failure,
    run::{Run, RunStatus},
    spread::Spread,
};

use super::{Caller, ServiceError, Services};
use crate::store::Total;

/// Runs that are looked at for how long runs take.
const TIMED: i64 = 200;

/// Failed items that are looked at for why a run failed.
const LOOKED_AT: i64 = 200;

/// Statuses of a run in which something failed.
const FAILED: [RunStatus; 2] = [RunStatus::Failed, RunStatus::CompletedWithFailures];

/// How the runs of a filter go.
#[derive(Debug, Clone, PartialEq)]
pub struct RunSummary {
    pub total: Total,
    pub last_failure: Option<LastFailure>,
    /// From start to end, of the latest 200 that ended.
    pub durations: Option<Spread>,
}

/// The run that failed last.
#[derive(Debug, Clone, PartialEq)]
pub struct LastFailure {
    pub run: Run,
    pub automation: Option<Automation>,
    /// Distinct causes with how many of the first 200 failed items have them, most frequent first. A
    /// run that could not proceed as a whole has its own cause first.
    pub causes: Vec<(Failure, i64)>,
}

impl Services {
    /// The runs a filter finds, summed up.
    pub async fn run_summary(
        &self,
        caller: Caller,
        filter: &RunFilter,
    ) -> Result<RunSummary, ServiceError> {
        let groups = self.run_groups(caller, filter).await?;
        let total = groups.iter().map(|(_, group)| &group.total).sum();
        let last_failure = self.last_failure(caller, filter).await?;
        let durations = self.durations(caller, filter).await?;
        Ok(RunSummary { total, last_failure, durations })
    }

    async fn last_failure(
        &self,
        caller: Caller,
        filter: &RunFilter,
    ) -> Result<Option<LastFailure>, ServiceError> {
        let Some(failed) = narrowed(filter, &FAILED) else { return Ok(None) };
        let mut found = self.runs(caller, &failed, Seek::First, 1).await?;
        let Some(run) = found.page.rows.pop() else { return Ok(None) };
        let states = [ItemState::Failed];
        let (items, _) = self.items(caller, run.id, &states, None, LOOKED_AT).await?;
        let mut causes: Vec<(Failure, i64)> = Vec::new();
        for failure in items.into_iter().filter_map(|item| item.failure) {
            match causes.iter_mut().find(|(known, _)| *known == failure) {
                Some((_, items)) => *items += 1,
                None => causes.push((failure, 1)),
            }
        }
        causes.sort_by_key(|(_, items)| std::cmp::Reverse(*items));
        if let Some(failure) = run.failure.clone() {
            causes.insert(0, (failure, 0));
        }
        let automation = found.automations.remove(&run.automation);
        Ok(Some(LastFailure { run, automation, causes }))
    }

    async fn durations(
        &self,
        caller: Caller,
        filter: &RunFilter,
    ) -> Result<Option<Spread>, ServiceError> {
        let ended: Vec<_> = RunStatus::ALL.iter().copied().filter(|s| s.is_terminal()).collect();
        let Some(ended) = narrowed(filter, &ended) else { return Ok(None) };
        let found = self.runs(caller, &ended, Seek::First, TIMED).await?;
        let length = |run: &Run| Some((run.completed_at? - run.started_at?).num_milliseconds());
        Ok(Spread::of(found.page.rows.iter().filter_map(length).collect()))
    }
}

/// The filter with these statuses alone, latest end first; `None` where it excludes all of them.
fn narrowed(filter: &RunFilter, statuses: &[RunStatus]) -> Option<RunFilter> {
    let asked = &filter.statuses;
    let wanted = |status: &RunStatus| asked.is_empty() || asked.contains(status);
    let statuses: Vec<_> = statuses.iter().copied().filter(wanted).collect();
    let (by, order) = match (filter.from, filter.to) {
        // The days of a filter apply to the time it is sorted by.
        (None, None) => (TimeBasis::Completed, Order::Newest),
        _ => (filter.by, Order::Newest),
    };
    (!statuses.is_empty()).then(|| RunFilter { statuses, by, order, ..filter.clone() })
}
