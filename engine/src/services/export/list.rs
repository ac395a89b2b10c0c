//! Which list, how its filter is written, and what its file is called.

use chrono::NaiveDate;
use domain::{
    Timestamp,
    approval::ApprovalStatus,
    audit::AuditFilter,
    export::{ExportFormat, ListName},
    filter::{RunFilter, query},
    id::RunId,
    incident::IncidentFilter,
    item::ItemState,
    trigger::EventFilter,
    webhook::DeliveryFilter,
};

use crate::store::RecordFilter;

/// Items of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemFilter {
    pub run: RunId,
    /// The outcome as the run's page writes it: `open`, or the word of an outcome.
    pub outcome: Option<String>,
}

impl ItemFilter {
    /// The states the outcome stands for; empty for all. `None`: there is no such outcome.
    pub fn states(&self) -> Option<Vec<ItemState>> {
        let with = |outcome: bool| {
            let states = ItemState::ALL.iter().copied();
            states.filter(move |state| state.is_outcome() == outcome)
        };
        match self.outcome.as_deref() {
            None => Some(Vec::new()),
            Some("open") => Some(with(false).collect()),
            Some(word) => with(true).find(|state| state.as_str() == word).map(|state| vec![state]),
        }
    }
}

/// A list with its filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExportedList {
    Runs(RunFilter),
    Items(ItemFilter),
    Approvals(ApprovalStatus),
    Records(RecordFilter),
    /// The place in the log where a page begins is no part of the filter.
    Audit(AuditFilter),
    Incidents(IncidentFilter),
    Events(EventFilter),
    Deliveries(DeliveryFilter),
}

impl ExportedList {
    pub fn name(&self) -> ListName {
        match self {
            Self::Runs(_) => ListName::Runs,
            Self::Items(_) => ListName::Items,
            Self::Approvals(_) => ListName::Approvals,
            Self::Records(_) => ListName::Records,
            Self::Audit(_) => ListName::Audit,
            Self::Incidents(_) => ListName::Incidents,
            Self::Events(_) => ListName::Events,
            Self::Deliveries(_) => ListName::Deliveries,
        }
    }

    /// The filter as a query string, which leads to the same export again.
    pub fn query(&self) -> String {
        let pairs = self.pairs();
        query(pairs.iter().map(|(name, value)| (*name, value.as_str())))
    }

    /// The filter as pairs of a query string.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Runs(filter) => filter.pairs(),
            Self::Items(ItemFilter { run, outcome }) => {
                let outcome = outcome.clone().map(|outcome| ("outcome", outcome));
                std::iter::once(("run", run.to_string())).chain(outcome).collect()
            }
            Self::Approvals(status) => vec![("status", status.to_string())],
            Self::Records(RecordFilter { kind, key_contains }) => {
                let key = key_contains.clone().map(|key| ("key", key));
                std::iter::once(("kind", kind.clone())).chain(key).collect()
            }
            Self::Audit(filter) => filter.pairs(),
            Self::Incidents(filter) => filter.pairs(),
            Self::Events(filter) => filter.pairs(),
            Self::Deliveries(filter) => filter.pairs(),
        }
    }

    /// `runs-2026-07-01-2026-09-30.csv`; where no period is chosen, the day of the export.
    pub(super) fn file_name(&self, now: Timestamp, format: ExportFormat) -> String {
        let today = now.date_naive();
        let name = match self {
            Self::Runs(filter) => format!("runs-{}", days(filter.from, filter.to, today)),
            Self::Incidents(filter) => format!("incidents-{}", days(filter.from, filter.to, today)),
            Self::Items(filter) => format!("items-{}", filter.run),
            Self::Approvals(status) => format!("approvals-{status}-{today}"),
            Self::Records(filter) => format!("records-{}-{today}", filter.kind),
            Self::Audit(_) => format!("audit-log-{today}"),
            Self::Events(_) => format!("events-{today}"),
            Self::Deliveries(_) => format!("deliveries-{today}"),
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let name: String = name.chars().filter(|c| plain(*c)).take(120).collect();
        format!("{name}.{format}")
    }
}

/// The days a file is about.
fn days(from: Option<NaiveDate>, to: Option<NaiveDate>, today: NaiveDate) -> String {
    match (from, to) {
        (Some(from), to) => format!("{from}-{}", to.unwrap_or(today)),
        (None, Some(to)) => format!("until-{to}"),
        (None, None) => today.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(list: &ExportedList) -> String {
        let now = "2026-11-21T10:00:00Z".parse().unwrap();
        list.file_name(now, ExportFormat::Csv)
    }

    #[test]
    fn a_file_is_named_after_its_list_and_its_period() {
        let (from, to) =
            (NaiveDate::from_ymd_opt(2026, 7, 1), NaiveDate::from_ymd_opt(2026, 9, 30));
        let runs = |from, to| ExportedList::Runs(RunFilter { from, to, ..RunFilter::default() });
        assert_eq!(name(&runs(from, to)), "runs-2026-07-01-2026-09-30.csv");
        assert_eq!(name(&runs(from, None)), "runs-2026-07-01-2026-11-21.csv");
        assert_eq!(name(&runs(None, to)), "runs-until-2026-09-30.csv");
        assert_eq!(name(&runs(None, None)), "runs-2026-11-21.csv");
        let kind = "../../e\"v\r\nil é".to_owned();
        let records = ExportedList::Records(RecordFilter { kind, key_contains: None });
        assert_eq!(name(&records), "records-....evil-2026-11-21.csv");
    }

    #[test]
    fn an_outcome_stands_for_its_states_and_an_unknown_one_for_nothing() {
        let run = RunId::new(uuid::Uuid::nil());
        let states = |outcome: Option<&str>| {
            ItemFilter { run, outcome: outcome.map(str::to_owned) }.states()
        };
        assert_eq!(states(None), Some(Vec::new()));
        assert_eq!(states(Some("failed")), Some(vec![ItemState::Failed]));
        assert_eq!(states(Some("open")).map(|open| open.len()), Some(3));
        assert_eq!(states(Some("queued")), None);
    }
}
