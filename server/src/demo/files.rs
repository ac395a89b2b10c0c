//! The files of the examples, inside the binary.

use clap::ValueEnum;

/// What the demo can play.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Example {
    /// A credit union's quarter
    #[default]
    CreditUnion,
    /// A morning on which one incident of each type happens
    IncidentDrill,
}

/// Files of one folder, each with its name and content.
type Folder = &'static [(&'static str, &'static str)];

/// The files of one example.
#[derive(Debug, Clone, Copy)]
pub(super) struct Files {
    pub(super) scenario: &'static str,
    pub(super) expected: &'static str,
    pub(super) automations: Folder,
    records: Folder,
}

macro_rules! file {
    ($example:literal, $name:expr) => {
        include_str!(concat!("../../../examples/", $example, "/", $name))
    };
}

macro_rules! example {
    ($example:literal: [$($automation:literal),+ $(,)?], [$($records:literal),+ $(,)?]) => {
        Files {
            scenario: file!($example, "scenario.yaml"),
            expected: file!($example, "expected.json"),
            automations: &[$(($automation, file!($example, concat!("automations/", $automation)))),+],
            records: &[$(($records, file!($example, concat!("records/", $records)))),+],
        }
    };
}

const CREDIT_UNION: Files = example!("credit-union": [
    "aml-monitor-failure.yaml",
    "post-exception-assessment.yaml",
    "post-incident-review-check.yaml",
    "regulator-rule-change-intake.yaml",
    "supplier-attestation-renewal.yaml",
    "weekly-kyc-review.yaml",
], [
    "accounts.csv",
    "accounts-2026-07-13.csv",
    "accounts-2026-08-03.csv",
    "accounts-2026-08-24.csv",
    "accounts-2026-09-14.csv",
    "exceptions.csv",
    "monitors.csv",
    "rules.csv",
    "suppliers.csv",
]);

const INCIDENT_DRILL: Files = example!("incident-drill": [
    "account-closure.yaml",
    "adverse-media-search.yaml",
    "alert-escalation.yaml",
    "credential-rotation.yaml",
    "delivery-check.yaml",
    "finding-follow-up.yaml",
    "limit-review.yaml",
    "vendor-attestation.yaml",
], [
    "accounts.csv",
    "checks.csv",
    "vendors.csv",
]);

impl Example {
    pub(super) const fn files(self) -> &'static Files {
        match self {
            Self::CreditUnion => &CREDIT_UNION,
            Self::IncidentDrill => &INCIDENT_DRILL,
        }
    }

    /// What it is called for people, at the beginning of a sentence.
    pub const fn title(self) -> &'static str {
        match self {
            Self::CreditUnion => "The quarter",
            Self::IncidentDrill => "The drill",
        }
    }

    /// What its files are called beside which it is served.
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::CreditUnion => "assize-demo",
            Self::IncidentDrill => "assize-incident-drill",
        }
    }
}

impl Files {
    /// The content of a file of records.
    pub(super) fn records(&self, name: &str) -> Option<&'static str> {
        self.records.iter().find(|(known, _)| *known == name).map(|(_, content)| *content)
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    #[test]
    fn every_file_of_the_examples_is_in_the_binary() {
        for example in Example::value_variants() {
            let name = example.to_possible_value().unwrap().get_name().to_owned();
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(name);
            let files = example.files();
            for (folder, known) in [("automations", files.automations), ("records", files.records)]
            {
                let entries = fs::read_dir(path.join(folder)).unwrap();
                let there: BTreeSet<_> = entries
                    .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                    .collect();
                let known: BTreeSet<_> = known.iter().map(|(name, _)| (*name).to_owned()).collect();
                assert_eq!(there, known, "{example:?} {folder}");
            }
        }
    }
}
