//! What the address of an export says: the filters are read as the lists themselves read them.

use domain::{
    approval::ApprovalStatus,
    export::{ExportFormat, ListName},
    filter::RunFilter,
    record::check_kind,
};
use engine::{
    services::{ExportedList, ItemFilter},
    store::RecordFilter,
};

use super::{audit_log::filter, registers::register};
use crate::{context::Page, fault::Fault};

/// The name of the format in the query string; what is left is the filter.
const FORMAT: &str = "format";

/// Takes the format out of the query and reads the rest as the filter of the list.
pub fn read(list: ListName, mut page: Page) -> Result<(ExportedList, ExportFormat), Fault> {
    let format = match page.query_value(FORMAT) {
        None => return Err(Fault::bad_request(FORMAT, "expected csv, jsonl or xlsx")),
        Some(word) => word.parse().map_err(|error| Fault::bad_request(FORMAT, error))?,
    };
    page.query.retain(|(name, _)| name != FORMAT);
    Ok((filtered(list, &page)?, format))
}

fn filtered(list: ListName, page: &Page) -> Result<ExportedList, Fault> {
    Ok(match list {
        ListName::Runs => {
            let pairs = page.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            ExportedList::Runs(RunFilter::parse(pairs, &[])?)
        }
        ListName::Items => {
            page.check_query(&["run", "outcome"])?;
            let run = needed(page, "run")?.parse();
            let run = run.map_err(|error| Fault::bad_request("run", error))?;
            let outcome = page.query_value("outcome").map(str::to_owned);
            let filter = ItemFilter { run, outcome };
            if filter.states().is_none() {
                return Err(Fault::bad_request("outcome", "expected open or an outcome"));
            }
            ExportedList::Items(filter)
        }
        ListName::Approvals => {
            page.check_query(&["status"])?;
            let status = page.query_value("status").map(str::parse).transpose();
            let status = status.map_err(|error| Fault::bad_request("status", error))?;
            ExportedList::Approvals(status.unwrap_or(ApprovalStatus::Open))
        }
        ListName::Records => {
            page.check_query(&["kind", register::KEY])?;
            let kind = needed(page, "kind")?;
            check_kind(kind).map_err(|_| Fault::not_found("register"))?;
            let (kind, key_contains) = (kind.to_owned(), register::asked_key(page)?);
            ExportedList::Records(RecordFilter { kind, key_contains })
        }
        ListName::Audit => ExportedList::Audit(filter::read(page)?),
    })
}

fn needed<'a>(page: &'a Page, name: &str) -> Result<&'a str, Fault> {
    page.query_value(name).ok_or_else(|| Fault::bad_request(name, "it has to be named"))
}
