//! The usual band of a figure: what it was like before, and how far from that is still usual.
//!
//! The middle is the median of the samples before, and the reach is 3.5 times their median absolute deviation
//! on the scale of a standard deviation: the bound that Iglewicz and Hoaglin recommend for outliers, which one
//! bad day among the samples does not move. What the samples themselves were is usual as well, but for the single
//! lowest and the single highest. Every figure has a least reach of its own, so that what hardly ever
//! varies does not cry out over nothing. From fewer than [`FEWEST`] samples there is no band.

use serde::{Deserialize, Serialize};

/// Samples that a band needs.
pub const FEWEST: usize = 6;

/// From the median absolute deviation to 3.5 deviations: 3.5 / 0.6745.
const REACH: f64 = 5.189;

/// Where a figure usually lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Band {
    pub low: i64,
    pub high: i64,
    pub median: i64,
    /// How many samples it is made of.
    pub samples: usize,
}

impl Band {
    /// The band of figures, none of which can be less than nothing; `least` says the least reach around a median.
    /// `None` from too few.
    pub fn of(mut samples: Vec<i64>, least: impl Fn(i64) -> i64) -> Option<Self> {
        if samples.len() < FEWEST {
            return None;
        }
        samples.sort_unstable();
        let median = median(&samples);
        let mut away: Vec<i64> = samples.iter().map(|sample| (sample - median).abs()).collect();
        away.sort_unstable();
        let deviation = self::median(&away) as f64;
        let reach = ((deviation * REACH).ceil() as i64).max(least(median));
        let (second, last_but_one) = (samples[1], samples[samples.len() - 2]);
        Some(Self {
            low: median.saturating_sub(reach).min(second).max(0),
            high: median.saturating_add(reach).max(last_but_one),
            median,
            samples: samples.len(),
        })
    }

    pub fn holds(&self, figure: i64) -> bool {
        (self.low..=self.high).contains(&figure)
    }
}

/// The middle of sorted figures; of an even number the mean of the two.
fn median(sorted: &[i64]) -> i64 {
    let half = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[half] } else { i64::midpoint(sorted[half - 1], sorted[half]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_is_as_wide_as_what_it_is_made_of() {
        for (samples, least, low, high, why) in [
            (vec![5; 5], 0, None, None, "too few samples"),
            (vec![1; 6], 0, Some(1), Some(1), "what never varies has no room"),
            (vec![1; 6], 2, Some(0), Some(3), "unless it is given some; never less than nothing"),
            (vec![10, 11, 9, 10, 12, 8], 0, Some(4), Some(16), "3.5 deviations around the median"),
            (vec![10, 11, 9, 10, 12, 8, 500], 0, Some(4), Some(16), "one bad day does not move it"),
            (vec![1, 1, 1, 1, 1, 0, 0, 9, 9], 0, Some(0), Some(9), "what came twice is usual"),
        ] {
            let band = Band::of(samples, |_| least);
            assert_eq!(
                (band.map(|band| band.low), band.map(|band| band.high)),
                (low, high),
                "{why}"
            );
        }
    }

    #[test]
    fn the_borders_belong_to_the_band() {
        let band = Band::of(vec![10, 11, 9, 10, 12, 8], |_| 0).unwrap();
        assert!(band.holds(4) && band.holds(16) && !band.holds(3) && !band.holds(17));
        assert_eq!((band.median, band.samples), (10, 6));
    }
}
