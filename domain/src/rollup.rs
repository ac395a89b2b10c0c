//! Counts of many runs, kept ready: how a change of one run changes them.
//!
//! A cell stands for the runs of one automation with one status on one day. Lists grouped over a
//! period add up a few cells; they never read runs.

mod figures;
mod span;
mod usage;

use chrono::NaiveDate;

pub use self::{
    figures::{DayCell, Figure, FigureChange, figure_changes},
    span::{Part, Span, SpanCell},
    usage::{ModelCell, Usage, usage_changes},
};
use crate::{
    Timestamp,
    counts::Counts,
    filter::TimeBasis,
    id::{AutomationId, WorkspaceId},
    run::{Run, RunStatus},
    trigger::TriggerKind,
};

/// Which counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    pub workspace: WorkspaceId,
    pub automation: AutomationId,
    pub basis: TimeBasis,
    /// In UTC.
    pub day: NaiveDate,
    pub status: RunStatus,
    pub trigger: TriggerKind,
}

/// How a cell changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    pub cell: Cell,
    pub runs: i64,
    pub counts: Counts,
}

/// Where a run stands in the lists, sorted by start: at its start, or at its creation while it waits.
pub fn started_order(run: &Run) -> Timestamp {
    run.started_at.unwrap_or(run.created_at)
}

/// Where a run stands in the lists, sorted by completion: runs that have not completed are the newest.
pub fn completed_order(run: &Run) -> Timestamp {
    run.completed_at.unwrap_or(NOT_COMPLETED)
}

/// Stands for "not yet" where a list is sorted by completion: 9999-12-31T00:00:00Z.
pub const NOT_COMPLETED: Timestamp = match Timestamp::from_timestamp(253_402_214_400, 0) {
    Some(at) => at,
    None => Timestamp::MAX_UTC,
};

fn cell(run: &Run, basis: TimeBasis) -> Cell {
    let at = match basis {
        TimeBasis::Started => started_order(run),
        TimeBasis::Completed => completed_order(run),
    };
    Cell {
        workspace: run.workspace,
        automation: run.automation,
        basis,
        day: at.date_naive(),
        status: run.status,
        trigger: run.trigger_kind,
    }
}

/// What a change of a run from `before` (`None`: it did not exist) to `after` does to the cells.
pub fn changes(before: Option<&Run>, after: &Run) -> Vec<Change> {
    let mut out = Vec::with_capacity(4);
    for &basis in TimeBasis::ALL {
        let to = cell(after, basis);
        match before.map(|run| (cell(run, basis), run.counts)) {
            Some((from, counts)) if from == to => {
                let change = after.counts + -counts;
                if !change.is_zero() {
                    out.push(Change { cell: to, runs: 0, counts: change });
                }
            }
            Some((from, counts)) => {
                out.push(Change { cell: from, runs: -1, counts: -counts });
                out.push(Change { cell: to, runs: 1, counts: after.counts });
            }
            None => out.push(Change { cell: to, runs: 1, counts: after.counts }),
        }
    }
    // The same order everywhere, so that two writers never wait for each other in a circle.
    out.sort_by_key(|change| change.cell);
    out
}
