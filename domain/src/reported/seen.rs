//! Which numbers were seen: a few stretches where they are dense, whatever order they came in.

use serde::{Deserialize, Serialize};

/// A set of numbers as stretches, both ends included, in order, none touching the next.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seen(Vec<(i64, i64)>);

impl Seen {
    /// Adds a number. False if it was there.
    pub fn add(&mut self, number: i64) -> bool {
        // The first stretch that ends at the number's neighbour or later.
        let at = self.0.partition_point(|(_, last)| last.saturating_add(1) < number);
        let Some(&(first, last)) = self.0.get(at) else {
            self.0.push((number, number));
            return true;
        };
        if (first..=last).contains(&number) {
            return false;
        }
        if last.saturating_add(1) == number {
            self.0[at].1 = number;
            self.join(at);
        } else if number.saturating_add(1) == first {
            self.0[at].0 = number;
        } else {
            self.0.insert(at, (number, number));
        }
        true
    }

    /// Makes one of a stretch and the next if they touch.
    fn join(&mut self, at: usize) {
        if let Some(&(first, last)) = self.0.get(at + 1)
            && self.0[at].1.saturating_add(1) == first
        {
            self.0[at].1 = last;
            self.0.remove(at + 1);
        }
    }

    /// How many stretches it takes.
    pub fn stretches(&self) -> usize {
        self.0.len()
    }

    /// How many numbers it holds.
    pub fn count(&self) -> i64 {
        self.0.iter().map(|(first, last)| last - first + 1).sum()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_holds_what_a_set_holds(numbers in prop::collection::vec(0..60i64, 0..120)) {
            let (mut seen, mut set) = (Seen::default(), BTreeSet::new());
            for &number in &numbers {
                prop_assert_eq!(seen.add(number), set.insert(number));
            }
            prop_assert_eq!(seen.count(), set.len() as i64);
            let gaps = set.iter().filter(|number| !set.contains(&(**number - 1))).count();
            prop_assert_eq!(seen.stretches(), gaps);
        }
    }
}
