//! Charts: drawn on the server as SVG, each with its figures as a table behind it. No chart needs a script, and
//! none says anything by colour alone.
//!
//! The drawing is stretched to the width there is; what is written stands beside it as text of the page, so
//! that it keeps its size on a phone. A drawing has one place of [`PLACE`] units for each step of time, and
//! [`HEIGHT`] units for the top of its scale.

pub mod lines;
pub mod ranks;
pub mod scale;
pub mod stacked;
pub mod strip;

use leptos::prelude::*;

use super::tone::Tone;

/// Width of a step of time, in the drawing's own units.
pub const PLACE: usize = 10;
/// Height of the drawing, in its own units.
pub const HEIGHT: f64 = 100.0;

/// How a series is told from the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// A filled area.
    Fill(Tone),
    /// A filled area with stripes.
    Stripes(Tone),
    /// An outline.
    Hollow(Tone),
    /// A line; the word names its dashes in the style sheet.
    Line(&'static str),
}

/// A series in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    pub mark: Mark,
    pub label: String,
    /// What it comes to.
    pub figure: String,
}

/// A chart with its legend, its scale, and its figures behind it.
#[component]
pub fn Chart(
    /// Unique on the page.
    id: &'static str,
    /// What it shows.
    #[prop(into)]
    title: String,
    /// The same in a sentence, with what stands out.
    #[prop(into)]
    says: String,
    /// The series, in the order in which they are drawn.
    keys: Vec<Key>,
    /// The scale, from the top to nothing.
    scale: Vec<String>,
    /// Under the drawing, from its beginning to its end.
    ends: Vec<String>,
    /// How many steps of time there are.
    places: usize,
    /// The drawing.
    drawing: AnyView,
    /// The figures, as a table.
    table: AnyView,
) -> impl IntoView {
    let (title_id, says_id) = (format!("{id}-title"), format!("{id}-says"));
    let named = format!("{title_id} {says_id}");
    let width = (places * PLACE).max(PLACE);
    let steps = scale.len();
    let lines = (1..steps.max(1)).map(|n| {
        let y = (HEIGHT * (n - 1) as f64 / (steps - 1) as f64).to_string();
        view! { <line class="chart-grid" x1="0" x2=width.to_string() y1=y.clone() y2=y></line> }
    });
    let label = |text: String| view! { <li>{text}</li> };
    view! {
        <figure class="chart">
            <ul class="chart-keys">{keys.into_iter().map(key).collect_view()}</ul>
            <div class="chart-frame">
                <ol class="chart-scale" aria-hidden="true">
                    {scale.into_iter().map(label).collect_view()}
                </ol>
                <svg
                    class="chart-drawing"
                    role="img"
                    aria-labelledby=named
                    viewBox=format!("0 0 {width} {HEIGHT}")
                    preserveAspectRatio="none"
                >
                    <title id=title_id>{title}</title>
                    <desc id=says_id>{says}</desc>
                    {lines.collect_view()}
                    {drawing}
                    <line
                        class="chart-base"
                        x1="0"
                        x2=width.to_string()
                        y1=HEIGHT.to_string()
                        y2=HEIGHT.to_string()
                    ></line>
                </svg>
                <ol class="chart-ends" aria-hidden="true">
                    {ends.into_iter().map(label).collect_view()}
                </ol>
            </div>
            <Figures>{table}</Figures>
        </figure>
    }
    .into_any()
}

/// The figures behind a chart, folded away.
#[component]
pub fn Figures(children: Children) -> impl IntoView {
    view! {
        <details class="chart-figures">
            <summary>"Show the figures"</summary>
            {children()}
        </details>
    }
    .into_any()
}

/// A series with a sample of how it is drawn.
fn key(key: Key) -> AnyView {
    let Key { mark, label, figure } = key;
    let sample = match mark {
        Mark::Fill(tone) => view! { <rect class="chart-area" data-tone=tone.as_str() width="12" height="12"></rect> }.into_any(),
        Mark::Hollow(tone) => view! {
            <rect class="chart-hollow" data-tone=tone.as_str() x="0.5" y="0.5" width="11" height="11"></rect>
        }
        .into_any(),
        Mark::Stripes(tone) => view! {
            <rect class="chart-area" data-tone=tone.as_str() width="12" height="12"></rect>
            <path class="chart-stripes" d="M-2 6 6 -2M-2 14 14 -2M6 14 14 6"></path>
        }
        .into_any(),
        Mark::Line(dashes) => view! { <path class="chart-line" data-line=dashes d="M0 6h12"></path> }.into_any(),
    };
    view! {
        <li>
            <svg class="chart-key" aria-hidden="true" width="12" height="12" viewBox="0 0 12 12">
                {sample}
            </svg>
            <span>{label}</span>
            <b>{figure}</b>
        </li>
    }
    .into_any()
}

/// How high a figure stands on a scale that ends with `top`, from the bottom.
pub fn height(figure: i64, top: i64) -> f64 {
    let share = figure.max(0) as f64 / top.max(1) as f64;
    (share.min(1.0) * HEIGHT * 100.0).round() / 100.0
}
