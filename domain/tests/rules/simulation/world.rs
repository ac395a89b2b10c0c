//! All runs together: what lists show of them is kept by differences alone.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Duration;
use domain::{
    Timestamp,
    automation::OnItemFailure,
    counts::Counts,
    filter::TimeBasis,
    id::{AutomationId, RunId},
    item::ItemState,
    rollup::{self, Cell},
    run::{Run, RunStatus},
};

use super::{
    op::{Op, Reply, What},
    play::Play,
};
use crate::build::{at, run, uuid};

type Cells = BTreeMap<Cell, (i64, Counts)>;

pub struct World {
    now: Timestamp,
    plays: Vec<Play>,
    /// Which three of them go on; one that has ended makes place for a new one.
    present: [usize; 3],
    /// Summed from differences only.
    cells: Cells,
    pub statuses: BTreeSet<RunStatus>,
    pub states: BTreeSet<ItemState>,
    pub facts: BTreeSet<&'static str>,
}

impl World {
    pub fn new() -> Self {
        let mut world = Self {
            now: at(0),
            plays: Vec::new(),
            present: [0, 1, 2],
            cells: Cells::new(),
            statuses: BTreeSet::new(),
            states: BTreeSet::new(),
            facts: BTreeSet::new(),
        };
        (0..3).for_each(|_| world.add_run());
        world
    }

    fn add_run(&mut self) {
        let n = self.plays.len();
        let run = Run {
            id: RunId::new(uuid(n)),
            automation: AutomationId::new(uuid(n % 2)),
            on_item_failure: OnItemFailure::ALL[n % 3 % 2],
            created_at: self.now,
            ..run()
        };
        self.add_up(None, &run);
        self.plays.push(Play { before: run.clone(), run, items: Vec::new() });
    }

    /// Does one thing, and stores it: cells change by what the run changed.
    pub fn play(&mut self, op: &Op) {
        if let What::Wait(seconds) = op.what {
            self.now += Duration::seconds(seconds);
            return;
        }
        let slot = op.run % self.present.len();
        if matches!(op.what, What::Start) && self.plays[self.present[slot]].run.status.is_terminal()
        {
            self.present[slot] = self.plays.len();
            self.add_run();
        }
        self.play_run(self.present[slot], &op.what);
    }

    fn play_run(&mut self, place: usize, what: &What) {
        self.plays[place].before = self.plays[place].run.clone();
        self.plays[place].play(what, self.now, &mut self.facts);
        self.store(place);
    }

    fn store(&mut self, place: usize) {
        self.plays[place].run.settle(self.now);
        let Play { before, run, items } = &self.plays[place];
        let (before, run) = (before.clone(), run.clone());
        self.statuses.insert(run.status);
        self.states.extend(items.iter().map(|item| item.state));
        if run.is_held() {
            self.facts.insert("held");
        }
        if rollup::started_order(&before).date_naive() != rollup::started_order(&run).date_naive() {
            self.facts.insert("moved-to-another-day");
        }
        assert!(run.round >= before.round, "a round went back");
        let stopped = [RunStatus::Cancelled, RunStatus::Killed].contains(&before.status);
        assert!(!stopped || run == before, "a run that was stopped changed");
        self.add_up(Some(&before), &run);
        self.plays[place].check();
    }

    fn add_up(&mut self, before: Option<&Run>, after: &Run) {
        let changes = rollup::changes(before, after);
        assert!(changes.is_sorted_by(|a, b| a.cell < b.cell), "cells out of order, or twice");
        for change in changes {
            let (runs, counts) = self.cells.entry(change.cell).or_default();
            *runs += change.runs;
            *counts += change.counts;
        }
    }

    /// The cells, summed from differences, are what counting all runs anew gives.
    pub fn check_rollup(&self) {
        assert_eq!(self.kept(), self.recounted());
    }

    /// Cells in which nothing is left may stand there as zeroes.
    fn kept(&self) -> Cells {
        let is_left = |value: &(i64, Counts)| value.0 != 0 || !value.1.is_zero();
        self.cells.iter().filter(|(_, value)| is_left(value)).map(|(c, v)| (*c, *v)).collect()
    }

    fn recounted(&self) -> Cells {
        let mut cells = Cells::new();
        for Play { run, .. } in &self.plays {
            for &basis in TimeBasis::ALL {
                let at = match basis {
                    TimeBasis::Started => run.started_at.unwrap_or(run.created_at),
                    TimeBasis::Completed => run.completed_at.unwrap_or(rollup::NOT_COMPLETED),
                };
                let cell = Cell {
                    workspace: run.workspace,
                    automation: run.automation,
                    basis,
                    day: at.date_naive(),
                    status: run.status,
                    trigger: run.trigger_kind,
                };
                let (runs, counts) = cells.entry(cell).or_default();
                *runs += 1;
                *counts += run.counts;
            }
        }
        cells
    }

    /// Everything that is left goes well, and members close what is held.
    pub fn drain(&mut self) {
        for place in 0..self.plays.len() {
            if self.plays[place].run.status.is_terminal() {
                continue;
            }
            let all = 0..self.plays[place].items.len();
            let mut todo = vec![What::Start, What::FinishMatching];
            todo.extend(all.clone().map(What::Rescue));
            todo.extend(all.map(|item| What::Decide(item, true)));
            todo.extend([What::Work(Some(Reply::Done)), What::Close]);
            self.now += Duration::days(2);
            todo.iter().for_each(|what| self.play_run(place, what));
        }
    }

    pub fn check_ended(&self) {
        for play in &self.plays {
            assert!(play.run.status.is_terminal(), "a run is stuck: {:?}", play.run);
        }
    }
}
