//! Windows: the periods an auditor was granted, and what may be seen through them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    id::{MemberId, WindowId, WorkspaceId},
    member::{Principal, Role},
    period::Period,
};

/// A period that an auditor may look into. It is granted, and revoked once; nothing else about it
/// changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    pub id: WindowId,
    pub workspace: WorkspaceId,
    /// Has an effect only as long as the member is an auditor.
    pub member: MemberId,
    pub period: Period,
    /// `None` when it was granted on the host's command line.
    pub granted_by: Option<MemberId>,
    pub granted_at: Timestamp,
    /// `None` when it was revoked on the host's command line, or was not.
    pub revoked_by: Option<MemberId>,
    pub revoked_at: Option<Timestamp>,
}

impl Window {
    pub fn is_open(&self) -> bool {
        self.revoked_at.is_none()
    }
}

/// Whose windows limit what a caller sees: an auditor's own. Everybody else sees all that their role
/// may see.
pub fn limited(principal: Principal) -> Option<MemberId> {
    principal.member().filter(|_| principal.role() == Some(Role::Auditor))
}

/// What a caller sees of what happened.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sight {
    #[default]
    All,
    /// What happened in these periods. They come sorted, and neither touch nor overlap; made by
    /// [`Sight::through`].
    Only(Vec<Period>),
}

impl Sight {
    /// Through these windows, in whatever order and however they overlap; without any, nothing.
    pub fn through(windows: impl IntoIterator<Item = Period>) -> Self {
        let mut windows: Vec<_> = windows.into_iter().collect();
        windows.sort_by_key(|period| period.from);
        let mut merged: Vec<Period> = Vec::with_capacity(windows.len());
        for next in windows {
            match merged.last_mut() {
                Some(last) if next.from <= last.until => last.until = last.until.max(next.until),
                _ => merged.push(next),
            }
        }
        Self::Only(merged)
    }

    /// The periods it is limited to; `None` where it is not limited.
    pub fn periods(&self) -> Option<&[Period]> {
        match self {
            Self::All => None,
            Self::Only(periods) => Some(periods),
        }
    }

    /// Is what happened at this instant seen?
    pub fn covers(&self, at: Timestamp) -> bool {
        self.periods().is_none_or(|periods| periods.iter().any(|period| period.covers(at)))
    }

    /// Is everything in this period seen?
    pub fn covers_period(&self, whole: Period) -> bool {
        self.periods().is_none_or(|periods| periods.iter().any(|period| period.holds(whole)))
    }

    /// Is nothing seen?
    pub fn is_blind(&self) -> bool {
        self.periods().is_some_and(<[_]>::is_empty)
    }
}

/// `1 Jul – 30 Sep 2026 and 4 Oct 2026`, `everything` or `nothing`.
impl fmt::Display for Sight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(periods) = self.periods() else { return f.write_str("everything") };
        let days: Vec<_> = periods.iter().map(Period::days).collect();
        match days.split_last() {
            None => f.write_str("nothing"),
            Some((last, [])) => f.write_str(last),
            Some((last, others)) => write!(f, "{} and {last}", others.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{Days, NaiveDate};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn days(first: &str, last: &str) -> Period {
        Period::of_days(first.parse().unwrap(), last.parse().unwrap()).unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn windows_that_touch_or_overlap_are_one() {
        let quarter = days("2026-07-01", "2026-09-30");
        for windows in [
            vec![days("2026-08-01", "2026-09-30"), days("2026-07-01", "2026-07-31")],
            vec![days("2026-07-01", "2026-09-01"), days("2026-07-15", "2026-09-30")],
            vec![quarter, days("2026-08-01", "2026-08-02"), quarter],
        ] {
            assert_eq!(Sight::through(windows), Sight::Only(vec![quarter]));
        }
        let apart = [days("2026-07-01", "2026-07-30"), days("2026-08-01", "2026-08-31")];
        assert_eq!(Sight::through(apart), Sight::Only(apart.to_vec()), "a day lies between them");
    }

    #[test]
    fn an_instant_is_seen_from_the_first_of_its_window_until_the_day_after_the_last() {
        let sight = Sight::through([days("2026-07-01", "2026-09-30")]);
        assert!(sight.covers(at("2026-07-01T00:00:00Z")));
        assert!(sight.covers(at("2026-09-30T23:59:59.999999Z")));
        assert!(!sight.covers(at("2026-06-30T23:59:59.999999Z")));
        assert!(!sight.covers(at("2026-10-01T00:00:00Z")));
    }

    #[test]
    fn a_period_is_seen_when_every_day_of_it_is() {
        let sight =
            Sight::through([days("2026-07-01", "2026-07-31"), days("2026-08-01", "2026-09-30")]);
        assert!(sight.covers_period(days("2026-07-15", "2026-08-15")), "across adjoining windows");
        assert!(!sight.covers_period(days("2026-06-30", "2026-07-15")));
        assert!(!sight.covers_period(days("2026-09-30", "2026-10-01")));
    }

    #[test]
    fn without_windows_nothing_is_seen_and_without_limits_everything() {
        let (none, day) = (Sight::through([]), days("2026-07-01", "2026-07-01"));
        assert!(none.is_blind() && !none.covers(day.begin()) && !none.covers_period(day));
        assert!(!Sight::All.is_blind() && Sight::All.covers(day.begin()));
        assert!(Sight::All.covers_period(day));
    }

    #[test]
    fn what_is_seen_is_said_in_days() {
        let one = days("2026-07-01", "2026-09-30");
        assert_eq!(Sight::through([one]).to_string(), "1 Jul – 30 Sep 2026");
        let more = [one, days("2026-10-04", "2026-10-04"), days("2027-01-01", "2027-01-31")];
        let text = "1 Jul – 30 Sep 2026, 4 Oct 2026 and 1 Jan – 31 Jan 2027";
        assert_eq!(Sight::through(more).to_string(), text);
        assert_eq!(
            (Sight::through([]).to_string(), Sight::All.to_string()),
            ("nothing".into(), "everything".into())
        );
    }

    #[test]
    fn only_auditors_are_limited() {
        let id = MemberId::new(Uuid::nil());
        for &role in Role::ALL {
            let limited = limited(Principal::Member { id, role });
            assert_eq!(limited, (role == Role::Auditor).then_some(id));
        }
        assert_eq!((limited(Principal::Host), limited(Principal::System)), (None, None));
    }

    proptest! {
        #[test]
        fn merging_neither_adds_nor_loses_a_day(windows in prop::collection::vec((0_u64..60, 1_u64..20), 0..8)) {
            let first = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
            let period = |(from, length)| {
                let from = first + Days::new(from);
                Period::new(from, from + Days::new(length)).unwrap()
            };
            let windows: Vec<_> = windows.into_iter().map(period).collect();
            let sight = Sight::through(windows.clone());
            for n in 0..90 {
                let noon = crate::period::begin_of(first + Days::new(n)) + chrono::TimeDelta::hours(12);
                prop_assert_eq!(sight.covers(noon), windows.iter().any(|window| window.covers(noon)));
            }
            let merged = sight.periods().unwrap();
            prop_assert!(merged.windows(2).all(|pair| pair[0].until < pair[1].from));
        }
    }
}
