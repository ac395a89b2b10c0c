//! Settings → Policies: rules that deny actions or have them approved first, their versions, and what they
//! would have done.

pub mod change;
pub mod detail;
mod form;
pub mod list;
pub mod switch;
mod test;
mod words;

use crate::{components::page_header::Crumb, context::Page};

/// The way to a page below the list.
fn crumbs(page: &Page) -> Vec<Crumb> {
    vec![Crumb::group("Settings"), Crumb::to("Policies", page.place.policies())]
}
