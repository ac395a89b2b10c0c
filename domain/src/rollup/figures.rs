//! What charts are drawn of, added up by automation and day: how runs stand, how long they took, what they cost.
//! Each is a function of a run as it stands, so that a change of it is the difference of two.

use std::{collections::BTreeMap, fmt, str::FromStr};

use chrono::NaiveDate;

use super::started_order;
use crate::{
    budget::Spending,
    health::bucket,
    id::{AutomationId, WorkspaceId},
    problem::UnknownWord,
    run::{Run, RunStatus},
};

/// The runs of an automation that started on a day, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DayCell {
    pub workspace: WorkspaceId,
    pub automation: AutomationId,
    pub day: NaiveDate,
}

impl DayCell {
    pub(super) fn of(run: &Run) -> Self {
        let day = started_order(run).date_naive();
        Self { workspace: run.workspace, automation: run.automation, day }
    }
}

/// What is added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Figure {
    /// Runs with a status.
    Runs(RunStatus),
    /// Ended runs that took as long as this bucket says.
    Length(i64),
    /// Ended runs of which it is known what they cost.
    Costed,
    /// What those cost, in thousand-millionths of a dollar.
    Cost,
}

/// `runs:completed`, `length:52`, `costed`, `cost`.
impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Runs(status) => write!(f, "runs:{status}"),
            Self::Length(bucket) => write!(f, "length:{bucket}"),
            Self::Costed => f.write_str("costed"),
            Self::Cost => f.write_str("cost"),
        }
    }
}

impl FromStr for Figure {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        let unknown =
            || UnknownWord::new("Figure", word, &["runs:…", "length:…", "costed", "cost"]);
        match word.split_once(':') {
            Some(("runs", status)) => Ok(Self::Runs(status.parse()?)),
            Some(("length", bucket)) => bucket.parse().map(Self::Length).map_err(|_| unknown()),
            None if word == "costed" => Ok(Self::Costed),
            None if word == "cost" => Ok(Self::Cost),
            _ => Err(unknown()),
        }
    }
}

/// So much more of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FigureChange {
    pub cell: DayCell,
    pub figure: Figure,
    pub by: i64,
}

/// What a run is counted with.
fn figures(run: &Run) -> Vec<(Figure, i64)> {
    let mut figures = vec![(Figure::Runs(run.status), 1)];
    if !run.status.is_terminal() {
        return figures;
    }
    if let Some((ended, started)) = run.completed_at.zip(run.started_at) {
        figures.push((Figure::Length(bucket((ended - started).num_milliseconds())), 1));
    }
    if let Some(cost) = run.cost.map(Spending::total) {
        figures.extend([(Figure::Costed, 1), (Figure::Cost, cost.nanos())]);
    }
    figures
}

/// What a change of a run from `before` (`None`: it did not exist) to `after` does to the figures.
pub fn figure_changes(before: Option<&Run>, after: &Run) -> Vec<FigureChange> {
    // Sorted, so that two writers never wait for each other in a circle.
    let mut changes: BTreeMap<(DayCell, Figure), i64> = BTreeMap::new();
    let counted = before.map(|run| (run, -1)).into_iter().chain([(after, 1)]);
    for (run, times) in counted {
        for (figure, of) in figures(run) {
            *changes.entry((DayCell::of(run), figure)).or_default() += of * times;
        }
    }
    changes.retain(|_, by| *by != 0);
    changes.into_iter().map(|((cell, figure), by)| FigureChange { cell, figure, by }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_reads_back_what_it_writes() {
        let statuses = RunStatus::ALL.iter().copied().map(Figure::Runs);
        let others = [Figure::Length(0), Figure::Length(247), Figure::Costed, Figure::Cost];
        for figure in statuses.chain(others) {
            assert_eq!(figure.to_string().parse(), Ok(figure));
        }
        for word in ["runs:soon", "length:", "length:x", "cost:1", "runs", ""] {
            assert!(word.parse::<Figure>().is_err(), "{word}");
        }
    }
}
