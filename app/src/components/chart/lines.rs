//! Lines over time, broken where nothing is known.

use leptos::prelude::*;

use super::{HEIGHT, PLACE};

/// The figures of a line, how high each stands, and the word of its dashes.
pub fn line(figures: &[Option<i64>], height: impl Fn(i64) -> f64, dashes: &'static str) -> AnyView {
    view! { <path class="chart-line" data-line=dashes d=path(figures, height)></path> }.into_any()
}

/// From the middle of a place to the middle of the next; what stands alone is a dash of its own.
fn path(figures: &[Option<i64>], height: impl Fn(i64) -> f64) -> String {
    let mut path = String::new();
    let known = |n: usize| figures.get(n).copied().flatten();
    for (n, figure) in figures.iter().enumerate() {
        let Some(figure) = figure else { continue };
        let y = HEIGHT - height(*figure);
        let left = n * PLACE;
        let before = n.checked_sub(1).and_then(known);
        if before.is_some() {
            path += &format!("L{} {y:.2}", left + PLACE / 2);
        } else if known(n + 1).is_some() {
            path += &format!("M{} {y:.2}", left + PLACE / 2);
        } else {
            path += &format!("M{} {y:.2}h{}", left + 1, PLACE - 2);
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::{super::height, *};

    #[test]
    fn a_line_is_broken_where_nothing_is_known() {
        let figures = [Some(0), Some(10), None, Some(5), None];
        assert_eq!(path(&figures, |n| height(n, 10)), "M5 100.00L15 0.00M31 50.00h8");
        assert_eq!(path(&[None, None], |n| height(n, 10)), "");
    }
}
