//! Reading which list is asked for: its filter is read as the list itself reads it.

use domain::{
    approval::ApprovalStatus,
    audit::AuditFilter,
    export::{ExportFormat, ListName},
    filter::{InvalidFilter, RunFilter, read},
    incident::IncidentFilter,
    record::check_kind,
    trigger::EventFilter,
    webhook::DeliveryFilter,
};

use super::list::{ExportedList, ItemFilter};
use crate::store::RecordFilter;

/// The name of the format in a query string; what is left is the filter.
const FORMAT: &str = "format";

impl ExportedList {
    /// Takes the format out of the decoded pairs of a query string and reads the rest as the filter of
    /// the list.
    pub fn asked<'a>(
        list: ListName,
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<(Self, ExportFormat), InvalidFilter> {
        let pairs = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        let (formats, filter): (Vec<_>, Vec<_>) = pairs.partition(|(name, _)| *name == FORMAT);
        let format = match formats.first() {
            None => return Err(InvalidFilter::new(FORMAT, "expected csv, jsonl or xlsx")),
            Some((name, word)) => read::value(name, word)?,
        };
        Ok((Self::filtered(list, &filter)?, format))
    }

    fn filtered(list: ListName, pairs: &[(&str, &str)]) -> Result<Self, InvalidFilter> {
        let all = pairs.iter().copied();
        Ok(match list {
            ListName::Runs => Self::Runs(RunFilter::parse(all, &[])?),
            ListName::Audit => Self::Audit(AuditFilter::parse(all, &[])?),
            ListName::Incidents => Self::Incidents(IncidentFilter::parse(all, &[])?),
            ListName::Events => Self::Events(EventFilter::parse(all, &[])?),
            ListName::Deliveries => Self::Deliveries(DeliveryFilter::parse(all, &[])?),
            ListName::Items => Self::Items(items(pairs)?),
            ListName::Approvals => {
                let status = match only(pairs, ["status"])? {
                    [Some(status)] => read::value("status", status)?,
                    [None] => ApprovalStatus::Open,
                };
                Self::Approvals(status)
            }
            ListName::Records => {
                let [kind, key] = only(pairs, ["kind", "key"])?;
                let kind = needed("kind", kind)?;
                check_kind(kind).map_err(|error| InvalidFilter::new("kind", &error))?;
                Self::Records(RecordFilter::new(kind, key)?)
            }
        })
    }
}

fn items(pairs: &[(&str, &str)]) -> Result<ItemFilter, InvalidFilter> {
    let [run, outcome] = only(pairs, ["run", "outcome"])?;
    let run = read::value("run", needed("run", run)?)?;
    let filter = ItemFilter { run, outcome: outcome.map(str::to_owned) };
    match filter.states() {
        Some(_) => Ok(filter),
        None => Err(InvalidFilter::new("outcome", "expected open or an outcome")),
    }
}

/// The values of these names, of which no other is known.
fn only<'a, const N: usize>(
    pairs: &[(&str, &'a str)],
    names: [&str; N],
) -> Result<[Option<&'a str>; N], InvalidFilter> {
    if let Some((name, _)) = pairs.iter().find(|(name, _)| !names.contains(name)) {
        return Err(InvalidFilter::unknown(name));
    }
    let first = |name| pairs.iter().find(|(other, _)| *other == name).map(|(_, value)| *value);
    Ok(names.map(first))
}

fn needed<'a>(name: &str, value: Option<&'a str>) -> Result<&'a str, InvalidFilter> {
    value.ok_or_else(|| InvalidFilter::new(name, "it has to be named"))
}
