//! How long runs take, as a histogram: small enough to keep one for each automation and day, fine enough
//! to read percentiles from.
//!
//! A doubling of the length is cut into four buckets, so that the middle of a bucket is never more than
//! an eighth away from a length in it. The borders are whole milliseconds: SQL finds the same ones.

use std::collections::BTreeMap;

/// The bucket of a length in milliseconds; what is less than nothing is nothing.
pub fn bucket(ms: i64) -> i64 {
    let ms = ms.max(0);
    if ms < 4 {
        return ms;
    }
    let doublings = i64::from(ms.ilog2());
    4 * (doublings - 1) + ((ms >> (doublings - 2)) & 3)
}

/// The shortest length in a bucket.
pub fn shortest(bucket: i64) -> i64 {
    let bucket = bucket.clamp(0, 247);
    if bucket < 4 { bucket } else { (4 + bucket % 4) << (bucket / 4 - 1) }
}

/// Runs by how long they took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lengths(BTreeMap<i64, i64>);

impl Lengths {
    /// Adds runs of one bucket, or takes them away; a bucket without runs is none.
    pub fn add(&mut self, bucket: i64, runs: i64) {
        let counted = self.0.entry(bucket).or_default();
        *counted += runs;
        if *counted == 0 {
            self.0.remove(&bucket);
        }
    }

    pub fn merge(&mut self, other: &Self) {
        other.0.iter().for_each(|(&bucket, &runs)| self.add(bucket, runs));
    }

    pub fn runs(&self) -> i64 {
        self.0.values().sum()
    }

    /// The length in milliseconds that so many of a hundred runs did not exceed: the middle of the bucket
    /// in which the nearest rank lies. `None` without runs.
    pub fn percentile(&self, percent: i64) -> Option<i64> {
        let runs = self.runs();
        let rank = (runs * percent + 99).div_euclid(100).max(1);
        let mut counted = 0;
        let found = self.0.iter().find(|(_, runs)| {
            counted += **runs;
            counted >= rank
        });
        let (&bucket, _) = found.filter(|_| runs > 0)?;
        Some(i64::midpoint(shortest(bucket), shortest(bucket + 1) - 1))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_length_lies_between_the_borders_of_its_bucket(ms in 0_i64..10_000_000_000) {
            let found = bucket(ms);
            prop_assert!(shortest(found) <= ms && ms < shortest(found + 1));
        }
    }

    #[test]
    fn percentiles_are_within_an_eighth_of_the_lengths_themselves() {
        let mut lengths = Lengths::default();
        assert_eq!(lengths.percentile(50), None);
        (1..=1_000).for_each(|n| lengths.add(bucket(n * 60), 1));
        assert_eq!(lengths.runs(), 1_000);
        for (percent, exact) in [(50, 30_000), (95, 57_000), (99, 59_400)] {
            let read = lengths.percentile(percent).unwrap();
            assert!((read - exact).abs() * 8 <= exact, "p{percent}: {read} for {exact}");
        }
    }

    #[test]
    fn what_was_taken_away_again_is_not_counted() {
        let mut lengths = Lengths::default();
        lengths.add(bucket(100), 1);
        lengths.add(bucket(9_000), 1);
        lengths.add(bucket(9_000), -1);
        assert_eq!(lengths.percentile(99), lengths.percentile(1));
        assert_eq!(bucket(-5), 0, "a clock that went back");
    }
}
