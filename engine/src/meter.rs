//! What this process did since it started, for those who watch over it. Counted where a transaction
//! commits, so that what was rolled back or lost a race was never there.

use std::sync::{Arc, Mutex, PoisonError};

use domain::{incident::IncidentType, item::ItemState, run::RunStatus};

/// How often what happened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    runs: [u64; RunStatus::ALL.len()],
    items: [u64; ItemState::ALL.len()],
    incidents: [u64; IncidentType::ALL.len()],
    /// Items that were taken from whoever did not come back for them.
    pub rescued: u64,
    /// Answers that came after the item had been given to somebody else; they changed nothing.
    pub fenced: u64,
}

impl Figures {
    /// A run moved to a status.
    pub(crate) fn run(&mut self, status: RunStatus) {
        self.runs[status as usize] += 1;
    }

    /// An item moved to a state.
    pub(crate) fn item(&mut self, state: ItemState) {
        self.items[state as usize] += 1;
    }

    /// Something went wrong, or was denied or stopped.
    pub(crate) fn incident(&mut self, kind: IncidentType) {
        self.incidents[kind as usize] += 1;
    }

    /// How many incidents were raised, by type.
    pub fn incidents(&self) -> impl Iterator<Item = (IncidentType, u64)> {
        IncidentType::ALL.iter().map(|&kind| (kind, self.incidents[kind as usize]))
    }

    /// How many runs ended, by how.
    pub fn runs_ended(&self) -> impl Iterator<Item = (RunStatus, u64)> {
        let ends = RunStatus::ALL.iter().filter(|status| status.is_terminal());
        ends.map(|&status| (status, self.runs[status as usize]))
    }

    /// How many items came to an outcome, by which. An item that is retried can come to several.
    pub fn outcomes(&self) -> impl Iterator<Item = (ItemState, u64)> {
        let outcomes = ItemState::ALL.iter().filter(|state| state.is_outcome());
        outcomes.map(|&state| (state, self.items[state as usize]))
    }

    fn add(&mut self, other: &Self) {
        let pairs = self.runs.iter_mut().zip(other.runs);
        let pairs = pairs.chain(self.incidents.iter_mut().zip(other.incidents));
        for (sum, more) in pairs.chain(self.items.iter_mut().zip(other.items)) {
            *sum += more;
        }
        self.rescued += other.rescued;
        self.fenced += other.fenced;
    }
}

/// The figures of a process. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Meter(Arc<Mutex<Figures>>);

impl Meter {
    pub(crate) fn add(&self, figures: &Figures) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).add(figures);
    }

    /// The figures at this moment.
    pub fn read(&self) -> Figures {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_add_up_by_word() {
        let meter = Meter::default();
        for _ in 0..2 {
            let mut figures = Figures { rescued: 1, ..Figures::default() };
            figures.run(RunStatus::Completed);
            figures.item(ItemState::Failed);
            figures.item(ItemState::Queued);
            figures.incident(IncidentType::PolicyDenial);
            meter.add(&figures);
        }
        let read = meter.read();
        let ended: Vec<_> = read.runs_ended().filter(|(_, count)| *count > 0).collect();
        let outcomes: Vec<_> = read.outcomes().filter(|(_, count)| *count > 0).collect();
        assert_eq!(
            (ended, outcomes),
            (vec![(RunStatus::Completed, 2)], vec![(ItemState::Failed, 2)])
        );
        assert_eq!((read.rescued, read.fenced), (2, 0));
        let raised: Vec<_> = read.incidents().filter(|(_, count)| *count > 0).collect();
        assert_eq!(raised, [(IncidentType::PolicyDenial, 2)]);
    }
}
