//! Round numbers along a scale: of counts, four steps from nothing to somewhat above the highest; of lengths of
//! time, as many as they take, each about ten times the one before.

use super::HEIGHT;

/// Steps of a scale of counts.
const STEPS: i64 = 4;

/// The top of a scale of counts.
pub fn of_counts(highest: i64) -> i64 {
    let mut step = 1;
    // 1, 2, 5, 10, 20, 50 …
    for factor in [2, 5, 10].into_iter().cycle().scan(1_i64, |power, factor| {
        let step = *power * factor;
        if factor == 10 {
            *power = step;
        }
        Some(step)
    }) {
        if step * STEPS >= highest {
            break;
        }
        step = factor;
    }
    step * STEPS
}

/// The labels of a scale of counts, from its top to nothing.
pub fn labels(top: i64, write: impl Fn(i64) -> String) -> Vec<String> {
    (0..=STEPS).rev().map(|n| write(top / STEPS * n)).collect()
}

/// Lengths of time that stand one step above the other, in milliseconds.
const LENGTHS: [(i64, &str); 13] = [
    (0, "0"),
    (1, "1 ms"),
    (10, "10 ms"),
    (100, "100 ms"),
    (1_000, "1 s"),
    (10_000, "10 s"),
    (60_000, "1 min"),
    (600_000, "10 min"),
    (3_600_000, "1 h"),
    (86_400_000, "1 d"),
    (864_000_000, "10 d"),
    (8_640_000_000, "100 d"),
    (86_400_000_000, "1,000 d"),
];

/// Steps that a scale of lengths has at least, and at most.
const FEWEST: usize = 2;
const MOST: usize = 6;

/// What to know about a scale of lengths, in words.
pub const GROWS: &str = "each line stands for about ten times the one below";

/// A scale of lengths of time, on which runs of seconds are told apart beside those that wait for days: from
/// one of [`LENGTHS`] to the next it is logarithmic, and only below a millisecond it is not. Where that would take
/// too many steps, the shortest lengths stand on the ground together.
#[derive(Debug, Clone, Copy)]
pub struct LengthScale {
    steps: &'static [(i64, &'static str)],
    /// Some lengths are shorter than the lowest step.
    is_cut: bool,
}

impl LengthScale {
    /// A scale for lengths in milliseconds, with as few steps as they take.
    pub fn around(lengths: impl Iterator<Item = i64> + Clone) -> Self {
        let (low, high) = (lengths.clone().min().unwrap_or(0), lengths.max().unwrap_or(0));
        let below = LENGTHS.iter().rposition(|(step, _)| *step <= low).unwrap_or(0);
        let above = LENGTHS.iter().position(|(step, _)| *step >= high);
        let first = below.min(LENGTHS.len() - 1 - FEWEST);
        let last = above.unwrap_or(LENGTHS.len() - 1).max(first + FEWEST);
        let ground = first.max(last.saturating_sub(MOST));
        Self { steps: &LENGTHS[ground..=last], is_cut: ground > first }
    }

    /// How high a length stands in a drawing, from the bottom; what lies beyond an end stands at it.
    pub fn height(&self, ms: i64) -> f64 {
        let steps = (self.steps.len() - 1) as f64;
        let between = |(n, pair): (usize, &[(i64, &str)])| {
            let ((from, _), (to, _)) = (pair[0], pair[1]);
            (ms < to).then(|| n as f64 + share(ms, from, to))
        };
        let at = self.steps.windows(2).enumerate().find_map(between).unwrap_or(steps);
        (at / steps * HEIGHT * 100.0).round() / 100.0
    }

    /// Its labels, from the top to the bottom.
    pub fn labels(&self) -> Vec<String> {
        let mut labels: Vec<_> = self.steps.iter().map(|(_, label)| (*label).to_owned()).collect();
        if let Some(lowest) = labels.first_mut().filter(|_| self.is_cut) {
            *lowest = format!("≤ {lowest}");
        }
        labels.reverse();
        labels
    }
}

/// How much of the way from one step to the next a length has gone.
fn share(ms: i64, from: i64, to: i64) -> f64 {
    let (ms, from, to) = (ms.max(from) as f64, from as f64, to as f64);
    if from < 1.0 { ms / to } else { (ms / from).ln() / (to / from).ln() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_ends_above_the_highest_figure_and_counts_in_round_steps() {
        for (highest, top) in
            [(0, 4), (3, 4), (5, 8), (20, 20), (41, 80), (81, 200), (2_900, 4_000)]
        {
            assert_eq!(of_counts(highest), top, "{highest}");
        }
        assert_eq!(labels(20, |n| n.to_string()), ["20", "15", "10", "5", "0"]);
    }

    #[test]
    fn lengths_of_seconds_and_of_days_are_told_apart_on_one_scale() {
        let of = |lengths: &[i64]| LengthScale::around(lengths.iter().copied());
        let scale = of(&[2_000, 9_000, 172_800_000]);
        let labels = ["10 d", "1 d", "1 h", "10 min", "1 min", "10 s", "1 s"];
        assert_eq!(scale.labels(), labels);
        for (ms, height) in [
            (1_000, 0.0),
            (10_000, 16.67),
            (3_600_000, 66.67),
            (864_000_000, 100.0),
            (864_000_001, 100.0),
            (-1, 0.0),
        ] {
            assert_eq!(scale.height(ms), height, "{ms}");
        }
        assert!(scale.height(9_000) - scale.height(2_000) > 10.0);
        // What takes no time is not given half of the drawing.
        let scale = of(&[0, 9_000, 172_800_000]);
        assert_eq!(scale.labels(), ["10 d", "1 d", "1 h", "10 min", "1 min", "10 s", "≤ 1 s"]);
        assert_eq!((scale.height(0), scale.height(1_000)), (0.0, 0.0));
    }

    #[test]
    fn a_scale_of_lengths_has_room_for_those_that_are_all_the_same_or_nothing() {
        let of = |lengths: &[i64]| LengthScale::around(lengths.iter().copied());
        for (lengths, labels) in [
            (&[0_i64][..], ["10 ms", "1 ms", "0"]),
            (&[], ["10 ms", "1 ms", "0"]),
            (&[5_000, 5_000], ["1 min", "10 s", "1 s"]),
            (&[i64::MAX], ["1,000 d", "100 d", "10 d"]),
        ] {
            assert_eq!(of(lengths).labels(), labels);
            lengths.iter().for_each(|ms| assert!((0.0..=100.0).contains(&of(lengths).height(*ms))));
        }
        assert_eq!(of(&[0]).height(0), 0.0);
    }
}
