//! The outcome counts of a run as a bar and as words.

use domain::{counts::Counts, item::ItemState};
use leptos::prelude::*;

use super::{
    button::Size,
    icon::{Glyph, Icon},
    status_badge::Status,
    tone::Tone,
};
use crate::format;

/// Width of the bar in its own units; the page scales it.
const WIDTH: i64 = 1_000;
/// The least a count that is not zero may take, so that one failure in a thousand is seen.
const LEAST: i64 = 12;

/// One stretch of the bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Segment {
    status: Status,
    count: i64,
    x: i64,
    width: i64,
}

/// The parts of a run that are not zero, what failed first: it must not hide at the far end.
fn parts(counts: &Counts) -> Vec<(Status, i64)> {
    let open = Status::new("open", Glyph::Half, Tone::Info);
    [
        (ItemState::Failed.into(), counts.failed),
        (ItemState::AwaitingApproval.into(), counts.awaiting_approval),
        (open, counts.open),
        (ItemState::Succeeded.into(), counts.succeeded),
        (ItemState::IdempotentReplay.into(), counts.idempotent_replay),
        (ItemState::Skipped.into(), counts.skipped),
    ]
    .into_iter()
    .filter(|(_, count)| *count > 0)
    .collect()
}

fn segments(parts: &[(Status, i64)]) -> Vec<Segment> {
    let total: i64 = parts.iter().map(|(_, count)| count).sum();
    let spare = WIDTH - LEAST * i64::try_from(parts.len()).unwrap_or(0);
    let mut x = 0;
    parts
        .iter()
        .map(|&(status, count)| {
            let width = LEAST + count * spare / total.max(1);
            let segment = Segment { status, count, x, width };
            x += width;
            segment
        })
        .collect()
}

/// The counts of one run or one group of runs.
#[component]
pub fn CountsBar(
    /// The stored counts.
    counts: Counts,
    /// `Small` keeps to one line, for a table's cell.
    #[prop(optional)]
    size: Size,
) -> impl IntoView {
    let parts = parts(&counts);
    if parts.is_empty() {
        return view! { <span class="quiet">"No items"</span> }.into_any();
    }
    let segments = segments(&parts);
    let legend = parts.into_iter().map(|(status, count)| {
        let word = format::label(status.word).to_lowercase();
        let (title, class) = match size {
            Size::Small => (Some(word.clone()), "visually-hidden"),
            _ => (None, "counts-bar-word"),
        };
        view! {
            <li class="status-badge" data-tone=status.tone.as_str() title=title>
                <Icon glyph=status.glyph />
                {format::count(count)}
                " "
                <span class=class>{word}</span>
            </li>
        }
    });
    view! {
        <div class="counts-bar" data-size=size.as_str()>
            <svg
                class="counts-bar-svg"
                viewBox=format!("0 0 {WIDTH} 8")
                preserveAspectRatio="none"
                aria-hidden="true"
            >
                {segments
                    .into_iter()
                    .map(|s| {
                        view! {
                            <rect
                                data-tone=s.status.tone.as_str()
                                x=s.x.to_string()
                                width=s.width.to_string()
                                height="8"
                            ></rect>
                        }
                    })
                    .collect_view()}
            </svg>
            <ul class="counts-bar-legend">{legend.collect_view()}</ul>
        </div>
    }
    .into_any()
}

/// The same at its usual size as text, for islands.
pub fn html(counts: &Counts) -> String {
    let parts = parts(counts);
    if parts.is_empty() {
        return "<span class=\"quiet\">No items</span>".to_owned();
    }
    let rects: String = segments(&parts)
        .iter()
        .map(|Segment { status, x, width, .. }| {
            let tone = status.tone.as_str();
            format!("<rect data-tone=\"{tone}\" x=\"{x}\" width=\"{width}\" height=\"8\"></rect>")
        })
        .collect();
    let legend: String = parts
        .iter()
        .map(|(status, count)| {
            let (tone, glyph) = (status.tone.as_str(), status.glyph.href());
            let (count, word) = (format::count(*count), status.word.replace('-', " "));
            format!(
                "<li class=\"status-badge\" data-tone=\"{tone}\"><svg class=\"icon\" \
                 aria-hidden=\"true\"><use href=\"{glyph}\"></use></svg>{count} <span \
                 class=\"counts-bar-word\">{word}</span></li>"
            )
        })
        .collect();
    format!(
        "<div class=\"counts-bar\" data-size=\"medium\"><svg class=\"counts-bar-svg\" viewBox=\"0 0 \
         {WIDTH} 8\" preserveAspectRatio=\"none\" aria-hidden=\"true\">{rects}</svg><ul \
         class=\"counts-bar-legend\">{legend}</ul></div>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn widths(counts: Counts) -> Vec<(&'static str, i64)> {
        segments(&parts(&counts)).iter().map(|s| (s.status.word, s.width)).collect()
    }

    #[test]
    fn the_bar_leaves_out_zeroes_and_puts_failures_first() {
        let counts = Counts { succeeded: 5, failed: 5, ..Counts::default() };
        assert_eq!(widths(counts), [("failed", 500), ("succeeded", 500)]);
    }

    #[test]
    fn one_failure_in_a_million_is_still_seen() {
        let counts = Counts { succeeded: 999_999, failed: 1, ..Counts::default() };
        assert_eq!(widths(counts)[0], ("failed", LEAST));
    }

    #[test]
    fn the_segments_never_overrun_the_bar() {
        let counts = Counts {
            open: 7,
            succeeded: 1_001,
            failed: 1,
            skipped: 3,
            awaiting_approval: 18,
            idempotent_replay: 2,
            ..Counts::default()
        };
        let all = segments(&parts(&counts));
        assert_eq!(all.len(), 6);
        assert!(all.iter().map(|s| s.width).sum::<i64>() <= WIDTH);
        assert!(all.windows(2).all(|w| w[0].x + w[0].width == w[1].x));
        assert!(segments(&[]).is_empty());
    }
}
