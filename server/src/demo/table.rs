//! The table of an example: what every automation did, and whether that is as expected.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use domain::{counts::Counts, filter::RunFilter, incident::IncidentFilter};
use engine::services::{Caller, Services};
use serde::{Deserialize, Serialize};

use super::Example;

/// What all automations did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// By key.
    pub automations: BTreeMap<String, Line>,
    pub totals: Totals,
    /// Incidents by type; types of which there was none are left out.
    pub incidents: BTreeMap<String, i64>,
}

/// What one automation did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub runs: i64,
    pub items: i64,
    /// Items by outcome; those no item has are left out.
    pub outcomes: BTreeMap<String, i64>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    pub runs: i64,
    pub items: i64,
    /// Items whose actioner was called at least once.
    pub actions_invoked: i64,
}

/// What an example must come out at.
pub fn expected(example: Example) -> anyhow::Result<Table> {
    serde_json::from_str(example.files().expected).context("expected.json")
}

/// What the automations of a workspace did.
pub async fn table(services: &Services, caller: Caller) -> anyhow::Result<Table> {
    let mut table = Table::default();
    for (automation, group) in services.run_groups(caller, &RunFilter::default()).await? {
        let (runs, counts) = (group.total.runs, group.total.counts);
        table.totals.runs += runs;
        table.totals.items += counts.subjects_matched;
        table.totals.actions_invoked += counts.actions_invoked;
        let line = Line { runs, items: counts.subjects_matched, outcomes: outcomes(&counts) };
        table.automations.insert(automation.key, line);
    }
    for group in services.incident_groups(caller, &IncidentFilter::default()).await? {
        *table.incidents.entry(group.kind.to_string()).or_default() += group.incidents;
    }
    Ok(table)
}

fn outcomes(counts: &Counts) -> BTreeMap<String, i64> {
    [
        ("open", counts.open),
        ("succeeded", counts.succeeded),
        ("failed", counts.failed),
        ("skipped", counts.skipped),
        ("awaiting-approval", counts.awaiting_approval),
        ("idempotent-replay", counts.idempotent_replay),
    ]
    .into_iter()
    .filter(|(_, count)| *count != 0)
    .map(|(outcome, count)| (outcome.to_owned(), count))
    .collect()
}

impl Table {
    /// Every number that is not as in `expected`, one sentence each.
    pub fn differences(&self, expected: &Self) -> Vec<String> {
        let (found, wanted) = (self.numbers(), expected.numbers());
        let names: BTreeSet<_> = found.keys().chain(wanted.keys()).collect();
        let number = |of: &BTreeMap<String, i64>, name| of.get(name).copied().unwrap_or(0);
        names
            .into_iter()
            .map(|name| (name, number(&found, name), number(&wanted, name)))
            .filter(|(_, found, wanted)| found != wanted)
            .map(|(name, found, wanted)| format!("{name} is {found}, expected {wanted}"))
            .collect()
    }

    /// Every number by its path.
    fn numbers(&self) -> BTreeMap<String, i64> {
        let mut numbers = BTreeMap::from([
            ("totals.runs".to_owned(), self.totals.runs),
            ("totals.items".to_owned(), self.totals.items),
            ("totals.actions_invoked".to_owned(), self.totals.actions_invoked),
        ]);
        for (key, line) in &self.automations {
            numbers.insert(format!("{key}.runs"), line.runs);
            numbers.insert(format!("{key}.items"), line.items);
            for (outcome, count) in &line.outcomes {
                numbers.insert(format!("{key}.outcomes.{outcome}"), *count);
            }
        }
        numbers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_no_difference_to_itself_and_names_every_other() {
        let expected = expected(Example::CreditUnion).unwrap();
        assert!(expected.differences(&expected).is_empty());
        let mut found = expected.clone();
        found.totals.runs += 1;
        found.automations.remove("aml-monitor-failure");
        found.automations.entry("weekly-kyc-review".into()).and_modify(|line| {
            line.outcomes.insert("failed".into(), 1);
        });
        assert_eq!(
            found.differences(&expected),
            [
                "aml-monitor-failure.items is 0, expected 23",
                "aml-monitor-failure.outcomes.succeeded is 0, expected 23",
                "aml-monitor-failure.runs is 0, expected 23",
                "totals.runs is 60, expected 59",
                "weekly-kyc-review.outcomes.failed is 1, expected 0",
            ]
        );
    }
}
