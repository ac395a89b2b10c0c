//! The files of `examples/credit-union`, inside the binary.

/// Files of one folder of the example, each with its name and content.
macro_rules! folder {
    ($folder:literal: $($name:literal),+ $(,)?) => {
        &[$((
            $name,
            include_str!(concat!("../../../examples/credit-union/", $folder, "/", $name)),
        )),+]
    };
}

pub(super) const SCENARIO: &str = include_str!("../../../examples/credit-union/scenario.yaml");

pub(super) const EXPECTED: &str = include_str!("../../../examples/credit-union/expected.json");

pub(super) const AUTOMATIONS: &[(&str, &str)] = folder!("automations":
    "aml-monitor-failure.yaml",
    "post-exception-assessment.yaml",
    "post-incident-review-check.yaml",
    "regulator-rule-change-intake.yaml",
    "supplier-attestation-renewal.yaml",
    "weekly-kyc-review.yaml",
);

const RECORDS: &[(&str, &str)] = folder!("records":
    "accounts.csv",
    "accounts-2026-07-13.csv",
    "accounts-2026-08-03.csv",
    "accounts-2026-08-24.csv",
    "accounts-2026-09-14.csv",
    "exceptions.csv",
    "monitors.csv",
    "rules.csv",
    "suppliers.csv",
);

/// The content of a file of records.
pub(super) fn records(name: &str) -> Option<&'static str> {
    RECORDS.iter().find(|(known, _)| *known == name).map(|(_, content)| *content)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    #[test]
    fn every_file_of_the_example_is_in_the_binary() {
        for (folder, known) in [("automations", AUTOMATIONS), ("records", RECORDS)] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/credit-union");
            let entries = fs::read_dir(path.join(folder)).unwrap();
            let there: BTreeSet<_> =
                entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            let known: BTreeSet<_> = known.iter().map(|(name, _)| (*name).to_owned()).collect();
            assert_eq!(there, known, "{folder}");
        }
    }
}
