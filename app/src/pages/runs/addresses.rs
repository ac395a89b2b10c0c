//! Where the pages about runs are, and the pages of others that they lead to.

use std::str::FromStr;

use domain::{
    filter::encode,
    id::{ApprovalId, ItemId, RunId},
};

use crate::{
    components::{app_frame::Section, page_header::Crumb},
    context::Place,
    fault::Fault,
};

/// The list of runs.
pub fn runs(place: &Place) -> String {
    Section::Runs.href(&place.workspace.slug)
}

pub fn run(place: &Place, run: RunId) -> String {
    format!("{}/{run}", runs(place))
}

pub fn item(place: &Place, run: RunId, item: ItemId) -> String {
    format!("{}/{run}/items/{item}", runs(place))
}

/// The plan of a retry.
pub fn retry(place: &Place, run: RunId) -> String {
    format!("{}/{run}/retry", runs(place))
}

/// What cancelling would do.
pub fn cancel(place: &Place, run: RunId) -> String {
    format!("{}/{run}/cancel", runs(place))
}

/// What closing a held run accepts.
pub fn close(place: &Place, run: RunId) -> String {
    format!("{}/{run}/close", runs(place))
}

/// A record in its register.
pub fn record(place: &Place, kind: &str, key: &str) -> String {
    place.href(&format!("registers/{}/{}", encode(kind), encode(key)))
}

pub fn definitions(place: &Place) -> String {
    Section::Definitions.href(&place.workspace.slug)
}

pub fn definition(place: &Place, key: &str) -> String {
    format!("{}/{}", definitions(place), encode(key))
}

/// One version of a definition.
pub fn version(place: &Place, key: &str, number: i64) -> String {
    format!("{}/versions/{number}", definition(place, key))
}

pub fn approval(place: &Place, approval: ApprovalId) -> String {
    format!("{}/{approval}", Section::Approvals.href(&place.workspace.slug))
}

/// The audit entries of one run.
pub fn audit_log(place: &Place, run: RunId) -> String {
    format!("{}?run={run}", Section::AuditLog.href(&place.workspace.slug))
}

/// The way to the list.
pub(super) fn crumbs(place: &Place) -> Vec<Crumb> {
    vec![Crumb::group("Governance"), Crumb::group("Automation"), Crumb::to("Runs", runs(place))]
}

/// The way to what belongs to a run.
pub(super) fn crumbs_of(place: &Place, of: RunId, name: &str) -> Vec<Crumb> {
    let mut crumbs = crumbs(place);
    crumbs.push(Crumb::to(name, run(place, of)));
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
