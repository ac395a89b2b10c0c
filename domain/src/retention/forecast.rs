//! What a database will weigh.

use super::Term;

/// What is known of how the runs of an automation come and go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Growth {
    /// Runs that end in thirty days at the present rate.
    pub runs_a_month: i64,
    /// Runs with their detail.
    pub full_runs: i64,
    /// Of those, the ones that are due.
    pub due_runs: i64,
    /// Runs that are stubs.
    pub stubs: i64,
    /// Of those, the ones that are due to be removed.
    pub due_stubs: i64,
    /// What the detail of a run weighs, in bytes.
    pub detail_bytes: i64,
    /// What a stub weighs with the entries about it, in bytes.
    pub stub_bytes: i64,
    /// What the tree over the audit log holds of a run for ever, in bytes.
    pub tree_bytes: i64,
    /// How long detail is kept.
    pub term: Term,
    /// How long stubs are kept.
    pub stub_term: Term,
}

impl Growth {
    /// What the sweep gives back.
    pub fn due_bytes(&self) -> i64 {
        let detail = self.due_runs.saturating_mul(self.detail_bytes);
        detail.saturating_add(self.due_stubs.saturating_mul(self.stub_bytes))
    }

    fn runs_in(&self, days: i64) -> i64 {
        self.runs_a_month.saturating_mul(days) / 30
    }

    /// By how many there are more in so many days where there are `now`, and all that are due went.
    fn more(&self, now: i64, due: i64, term: Term, days: i64) -> i64 {
        let kept = now.saturating_sub(due);
        let left = term.days.map_or(kept, |term| {
            let term = i64::from(term);
            kept - kept.saturating_mul(days.min(term)) / term.max(1)
        });
        let whole = term.days.map_or(i64::MAX, |term| self.runs_in(term.into()));
        let most = term.runs.map_or(i64::MAX, i64::from);
        left.saturating_add(self.runs_in(days)).min(whole.max(left)).min(most).saturating_sub(now)
    }

    /// By how many bytes the database will have grown in so many days, at the present rate and under
    /// the present policy. An estimate; negative where more goes than comes.
    pub fn bytes_in(&self, days: i64) -> i64 {
        let heads = self.full_runs.saturating_add(self.stubs);
        [
            (self.more(self.full_runs, self.due_runs, self.term, days), self.detail_bytes),
            (self.more(heads, self.due_stubs, self.stub_term, days), self.stub_bytes),
            (self.runs_in(days), self.tree_bytes),
        ]
        .into_iter()
        .map(|(runs, bytes)| runs.saturating_mul(bytes))
        .fold(0, i64::saturating_add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROWTH: Growth = Growth {
        runs_a_month: 3_000,
        full_runs: 3_000,
        due_runs: 0,
        stubs: 0,
        due_stubs: 0,
        detail_bytes: 1_000,
        stub_bytes: 60,
        tree_bytes: 40,
        term: Term { days: Some(30), runs: None },
        stub_term: Term { days: None, runs: None },
    };

    #[test]
    fn once_a_whole_term_is_kept_only_stubs_make_it_grow() {
        for days in [30, 365] {
            assert_eq!(GROWTH.bytes_in(days), days * 100 * 100, "{days}");
        }
    }

    #[test]
    fn once_stubs_go_too_only_the_tree_makes_it_grow() {
        let stub_term = Term::days(90);
        let settled = Growth { stubs: 6_000, stub_term, ..GROWTH };
        assert_eq!(settled.bytes_in(365), 365 * 100 * 40);
        let due = Growth { due_stubs: 1_000, runs_a_month: 0, ..settled };
        assert_eq!((due.due_bytes(), due.bytes_in(0)), (60_000, -60_000));
    }

    #[test]
    fn what_is_kept_for_ever_grows_for_ever() {
        let kept = Growth { term: Term::default(), ..GROWTH };
        assert_eq!(kept.bytes_in(365), 365 * 100 * 1_100);
    }

    #[test]
    fn what_is_due_is_gone_at_once_and_the_rest_when_its_time_is_over() {
        let due = Growth { due_runs: 1_000, runs_a_month: 0, ..GROWTH };
        assert_eq!(due.due_bytes(), 1_000_000);
        assert_eq!((due.bytes_in(0), due.bytes_in(30)), (-1_000_000, -3_000_000));
    }

    #[test]
    fn a_young_database_grows_up_to_a_whole_term() {
        let young = Growth { full_runs: 100, term: Term::days(400), ..GROWTH };
        assert!(young.bytes_in(30) < young.bytes_in(365));
        assert!(young.bytes_in(365) < 365 * 100 * 1_100);
    }

    #[test]
    fn no_more_runs_are_full_than_are_kept() {
        let few = Growth { full_runs: 100, term: Term { days: None, runs: Some(100) }, ..GROWTH };
        assert_eq!(few.bytes_in(30), 3_000 * 100);
    }

    #[test]
    fn figures_beyond_all_measure_do_not_overflow() {
        let huge = Growth {
            runs_a_month: i64::MAX,
            full_runs: i64::MAX,
            due_runs: 1,
            stubs: i64::MAX,
            due_stubs: 1,
            detail_bytes: i64::MAX,
            stub_bytes: i64::MAX,
            tree_bytes: i64::MAX,
            term: Term::days(1),
            stub_term: Term::days(2),
        };
        huge.bytes_in(365);
    }
}
