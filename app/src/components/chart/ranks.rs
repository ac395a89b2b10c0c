//! Figures beside each other, the greatest first: a name, a bar, and the figure itself.

use leptos::prelude::*;

use crate::components::tone::Tone;

/// Width of a full bar, in its own units.
const WIDTH: i64 = 1_000;

/// One figure.
#[derive(Debug, Clone)]
pub struct Rank {
    pub name: String,
    /// Where it leads.
    pub href: Option<String>,
    pub figure: i64,
    /// The same as people read it.
    pub written: String,
    /// What to know about it.
    pub note: Option<String>,
}

/// A list of figures, drawn as bars of one tone.
pub fn ranks(ranks: Vec<Rank>, tone: Tone) -> AnyView {
    let most = ranks.iter().map(|rank| rank.figure).max().unwrap_or(0).max(1);
    let rows = ranks.into_iter().map(|rank| {
        let width = (i128::from(rank.figure.max(0)) * i128::from(WIDTH) / i128::from(most)).max(4);
        let name = match rank.href {
            Some(href) => view! { <a href=href>{rank.name}</a> }.into_any(),
            None => rank.name.into_any(),
        };
        view! {
            <li>
                <span class="chart-rank-name">{name}</span>
                <svg
                    class="chart-rank"
                    aria-hidden="true"
                    viewBox=format!("0 0 {WIDTH} 10")
                    preserveAspectRatio="none"
                >
                    <rect class="chart-area" data-tone=tone.as_str() width=width.to_string() height="10"></rect>
                </svg>
                <b>{rank.written}</b>
                {rank.note.map(|note| view! { <small>{note}</small> })}
            </li>
        }
    });
    view! { <ol class="chart-ranks">{rows.collect_view()}</ol> }.into_any()
}
