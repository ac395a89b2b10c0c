//! Where the pages about runs are, beyond those that others lead to (`mentions`).

use std::str::FromStr;

use domain::id::RunId;

use crate::{
    components::{app_frame::Section, page_header::Crumb},
    context::Place,
    fault::Fault,
};

/// The list of runs.
pub fn runs(place: &Place) -> String {
    Section::Runs.href(&place.workspace.slug)
}

/// The plan of a retry.
pub fn retry(place: &Place, run: RunId) -> String {
    format!("{}/retry", place.run(run))
}

/// What cancelling would do.
pub fn cancel(place: &Place, run: RunId) -> String {
    format!("{}/cancel", place.run(run))
}

/// What closing a held run accepts.
pub fn close(place: &Place, run: RunId) -> String {
    format!("{}/close", place.run(run))
}

/// One version of a definition.
pub fn version(place: &Place, key: &str, number: i64) -> String {
    format!("{}/versions/{number}", place.definition(key))
}

/// The way to the list.
pub(super) fn crumbs(place: &Place) -> Vec<Crumb> {
    vec![Crumb::group("Governance"), Crumb::group("Automation"), Crumb::to("Runs", runs(place))]
}

/// The way to what belongs to a run.
pub(super) fn crumbs_of(place: &Place, run: RunId, name: &str) -> Vec<Crumb> {
    let mut crumbs = crumbs(place);
    crumbs.push(Crumb::to(name, place.run(run)));
    crumbs
}

/// Reads an id in a path. There is nothing at an address with a malformed one, and the answer says
/// which part it is.
pub fn id<T: FromStr<Err: std::fmt::Display>>(what: &str, text: &str) -> Result<T, Fault> {
    text.parse().map_err(|error: T::Err| Fault {
        happened: format!("The address names no {what}: {error}."),
        ..Fault::not_found(what)
    })
}
