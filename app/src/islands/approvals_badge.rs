//! How many approvals wait, beside the word in the navigation.

use leptos::prelude::*;

use super::{
    live::{Heard, Stream, follow},
    live_mark::all,
};
use crate::format;

/// The count; nothing while there is none.
#[island]
pub fn ApprovalsBadge(
    /// As the page was made.
    waiting: i64,
    /// Where what happens is told; empty where nothing is.
    url: String,
    /// How far what the page shows has come.
    after: i64,
) -> impl IntoView {
    Effect::new(move |_| {
        if !url.is_empty() {
            follow(&Stream { url: url.clone(), after }, |heard| {
                if let Heard::Approvals(open) = heard {
                    show(*open);
                }
            });
        }
    });
    view! {
        <span class="app-frame-count" hidden=waiting == 0>
            <span class="app-frame-number">{format::count(waiting)}</span>
            <span class="visually-hidden">" waiting"</span>
        </span>
    }
}

fn show(open: i64) {
    for badge in all(".app-frame-count") {
        let _ = badge.toggle_attribute_with_force("hidden", open == 0);
    }
    for number in all(".app-frame-number") {
        number.set_text_content(Some(&format::count(open)));
    }
}
