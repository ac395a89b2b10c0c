//! Round numbers along a scale: four steps from nothing to somewhat above the highest figure.

/// Steps of a scale.
const STEPS: i64 = 4;

/// Lengths of time that people count in, in milliseconds.
const LENGTHS: [i64; 31] = [
    1,
    2,
    5,
    10,
    25,
    50,
    100,
    250,
    500,
    1_000,
    2_000,
    5_000,
    10_000,
    15_000,
    30_000,
    60_000,
    120_000,
    300_000,
    600_000,
    900_000,
    1_800_000,
    3_600_000,
    7_200_000,
    10_800_000,
    21_600_000,
    43_200_000,
    86_400_000,
    172_800_000,
    432_000_000,
    864_000_000,
    2_592_000_000,
];

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

/// The top of a scale of lengths in milliseconds.
pub fn of_lengths(highest: i64) -> i64 {
    let step = LENGTHS.into_iter().find(|step| step * STEPS >= highest);
    step.map_or_else(|| of_counts(highest), |step| step * STEPS)
}

/// The labels of a scale, from its top to nothing.
pub fn labels(top: i64, write: impl Fn(i64) -> String) -> Vec<String> {
    (0..=STEPS).rev().map(|n| write(top / STEPS * n)).collect()
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
        assert_eq!(of_lengths(9_000), 20_000);
        assert_eq!(of_lengths(200_000), 240_000);
        assert!(of_lengths(i64::MAX / 100) >= i64::MAX / 100);
        assert_eq!(labels(20, |n| n.to_string()), ["20", "15", "10", "5", "0"]);
    }
}
