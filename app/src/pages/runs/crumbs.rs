//! The way to the pages about runs.

use domain::id::RunId;

use crate::{components::page_header::Crumb, context::Place};

/// The way to the list.
pub(super) fn to_list(place: &Place) -> Vec<Crumb> {
    vec![Crumb::group("Governance"), Crumb::group("Automation"), Crumb::to("Runs", place.runs())]
}

/// The way to what belongs to a run.
pub(super) fn of(place: &Place, run: RunId, name: &str) -> Vec<Crumb> {
    let mut crumbs = to_list(place);
    crumbs.push(Crumb::to(name, place.run(run)));
    crumbs
}
