//! What stands in the rows of every list. Names of columns are stable; new columns come last.

mod approvals;
mod deliveries;
mod entries;
mod events;
mod incidents;
mod items;
mod records;
mod runs;

use std::io;

use domain::{
    Timestamp, audit::Entry, automation::Automation, export::ListName, item::Item,
    problem::Failure, record::Record, run::Run, webhook::Delivery,
};

pub(super) use self::approvals::ApprovalRow;
use crate::{export::Cell, services::IncidentList, store::HeardEvent};

/// The names of a list's columns.
pub(super) const fn columns(list: ListName) -> &'static [&'static str] {
    match list {
        ListName::Runs => runs::COLUMNS,
        ListName::Items => items::COLUMNS,
        ListName::Approvals => approvals::COLUMNS,
        ListName::Records => records::COLUMNS,
        ListName::Audit => entries::COLUMNS,
        ListName::Incidents => incidents::COLUMNS,
        ListName::Events => events::COLUMNS,
        ListName::Deliveries => deliveries::COLUMNS,
    }
}

/// Some rows of a list.
pub(super) enum Page {
    Runs(Vec<(Run, Option<Automation>)>),
    Items(Vec<Item>),
    Approvals(Vec<ApprovalRow>),
    Records(Vec<Record>),
    Entries(Vec<Entry>),
    Incidents(IncidentList),
    Events(Vec<HeardEvent>),
    Deliveries(Vec<Delivery>),
}

impl Page {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Runs(rows) => rows.len(),
            Self::Items(rows) => rows.len(),
            Self::Approvals(rows) => rows.len(),
            Self::Records(rows) => rows.len(),
            Self::Entries(rows) => rows.len(),
            Self::Incidents(list) => list.page.rows.len(),
            Self::Events(rows) => rows.len(),
            Self::Deliveries(rows) => rows.len(),
        }
    }

    /// Gives the cells of each row.
    pub(super) fn each(
        &self,
        mut give: impl FnMut(&[Cell<'_>]) -> io::Result<()>,
    ) -> io::Result<()> {
        match self {
            Self::Runs(rows) => {
                rows.iter().try_for_each(|(r, a)| give(&runs::cells(r, a.as_ref())))
            }
            Self::Items(rows) => rows.iter().try_for_each(|row| give(&items::cells(row))),
            Self::Approvals(rows) => rows.iter().try_for_each(|row| give(&approvals::cells(row))),
            Self::Records(rows) => rows.iter().try_for_each(|row| give(&records::cells(row))),
            Self::Entries(rows) => rows.iter().try_for_each(|row| give(&entries::cells(row))),
            Self::Incidents(list) => {
                list.page.rows.iter().try_for_each(|row| give(&incidents::cells(row, list)))
            }
            Self::Events(rows) => rows.iter().try_for_each(|row| give(&events::cells(row))),
            Self::Deliveries(rows) => rows.iter().try_for_each(|row| give(&deliveries::cells(row))),
        }
    }
}

fn cause(failure: Option<&Failure>) -> [Cell<'_>; 3] {
    match failure {
        None => [Cell::Empty, Cell::Empty, Cell::Empty],
        Some(failure) => [
            Cell::text(failure.kind.as_str()),
            Cell::text(&failure.code),
            Cell::text(&failure.message),
        ],
    }
}

fn between<'a>(from: Option<Timestamp>, to: Option<Timestamp>) -> Cell<'a> {
    Cell::maybe(from.zip(to), |(from, to)| Cell::Length(to - from))
}
