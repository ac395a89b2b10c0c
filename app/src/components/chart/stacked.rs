//! Bars over time, one part on top of the other; what matters most stands on the ground.

use leptos::prelude::*;

use super::{HEIGHT, Mark, PLACE, height};

/// Room between two bars.
const GAP: f64 = 2.0;
/// The least height of what is there, so that one failure among thousands is seen.
const LEAST: f64 = 1.5;

/// One bar.
#[derive(Debug, Clone)]
pub struct Bar {
    /// What to know about it, shown where it is pointed at.
    pub says: String,
    /// From the ground up.
    pub parts: Vec<(Mark, i64)>,
}

/// Bars on a scale that ends with `top`.
pub fn bars(bars: Vec<Bar>, top: i64) -> AnyView {
    let is_striped = |bar: &Bar| bar.parts.iter().any(|(mark, _)| matches!(mark, Mark::Stripes(_)));
    let striped = bars.iter().any(is_striped);
    let drawn = bars.into_iter().enumerate().map(|(n, bar)| {
        let x = (n * PLACE) as f64 + GAP / 2.0;
        let mut y = HEIGHT;
        let parts =
            bar.parts.into_iter().filter(|(_, figure)| *figure > 0).map(|(mark, figure)| {
                let tall = height(figure, top).max(LEAST);
                y -= tall;
                part(mark, x, y, tall)
            });
        let parts: Vec<_> = parts.collect();
        view! {
            <g>
                <title>{bar.says}</title>
                {parts}
            </g>
        }
    });
    view! {
        {striped.then(stripes)}
        {drawn.collect_view()}
    }
    .into_any()
}

/// What stripes are filled with: one chart of a page has them.
fn stripes() -> AnyView {
    view! {
        <defs>
            <pattern id="stripes" width="4" height="4" patternUnits="userSpaceOnUse">
                <path class="chart-stripes" d="M-1 1 1 -1M0 4 4 0M3 5 5 3"></path>
            </pattern>
        </defs>
    }
    .into_any()
}

fn part(mark: Mark, x: f64, y: f64, tall: f64) -> AnyView {
    let (class, tone) = match mark {
        Mark::Fill(tone) | Mark::Stripes(tone) => ("chart-area", Some(tone)),
        Mark::Hollow(tone) => ("chart-hollow", Some(tone)),
        Mark::Line(_) => ("chart-line", None),
    };
    let (x, y) = (x.to_string(), format!("{y:.2}"));
    let (width, tall) = ((PLACE as f64 - GAP).to_string(), format!("{tall:.2}"));
    let stripes = matches!(mark, Mark::Stripes(_)).then(|| {
        let (x, y, width, height) = (x.clone(), y.clone(), width.clone(), tall.clone());
        view! { <rect x=x y=y width=width height=height fill="url(#stripes)"></rect> }
    });
    view! {
        <rect
            class=class
            data-tone=tone.map(super::Tone::as_str)
            x=x
            y=y
            width=width
            height=tall
        ></rect>
        {stripes}
    }
    .into_any()
}
