//! How long things take: a few figures that say more than an average.

use serde::{Deserialize, Serialize};

/// Lengths of time in milliseconds, described by those at a few places of their sorted list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spread {
    /// How many there were.
    pub count: i64,
    pub shortest: i64,
    pub median: i64,
    /// All but one in twenty took no longer.
    pub p95: i64,
    pub longest: i64,
}

impl Spread {
    /// Describes some lengths of time; `None` where there are none.
    pub fn of(mut lengths: Vec<i64>) -> Option<Self> {
        lengths.sort_unstable();
        let (&shortest, &longest) = (lengths.first()?, lengths.last()?);
        // The nearest rank: always one of the lengths themselves.
        let at = |percent: usize| {
            let rank = (lengths.len() * percent).div_ceil(100).max(1);
            lengths.get(rank - 1).copied().unwrap_or(longest)
        };
        let count = i64::try_from(lengths.len()).unwrap_or(i64::MAX);
        Some(Self { count, shortest, median: at(50), p95: at(95), longest })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_names_lengths_that_were_there() {
        let spread = Spread::of((1..=100).rev().collect()).unwrap();
        assert_eq!((spread.shortest, spread.median, spread.p95, spread.longest), (1, 50, 95, 100));
        let one = Spread::of(vec![7]).unwrap();
        assert_eq!((one.count, one.median, one.p95), (1, 7, 7));
        assert_eq!(Spread::of(Vec::new()), None);
    }
}
