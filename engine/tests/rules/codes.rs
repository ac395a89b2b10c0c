//! Every code a failure of a run can have, read from the code itself, leads to a cause of its own.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use domain::incident::Cause;

/// What a code stands behind.
const MAKERS: [&str; 10] = [
    "Failure::deterministic(",
    "Failure::transient(",
    "Failure::unknown(",
    "Answer::Failed(Failure::deterministic(",
    "NetError::refused(",
    "Self::refused(",
    "Self::transient(",
    "Self::unknown(",
    "return refuse(",
    "=> refuse(",
];

/// Failures of bundles and of deliveries, which are no runs.
const OTHERS: [&str; 5] = ["bundle", "bundles.rs", "bundler.rs", "signer", "outbox"];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if OTHERS.contains(&name.trim_end_matches(".rs"))
            || OTHERS.contains(&&*name)
            || name.contains("test")
        {
            continue;
        }
        match path.is_dir() {
            true => sources(&path, found),
            false => found.push(path),
        }
    }
}

/// The codes written in a source file, up to its tests.
fn codes(text: &str) -> BTreeSet<String> {
    let text = text.split("#[cfg(test)]").next().unwrap();
    let mut codes = BTreeSet::new();
    for maker in MAKERS {
        for (at, _) in text.match_indices(maker) {
            let rest = text[at + maker.len()..].trim_start();
            if let Some((code, _)) = rest.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
                codes.insert(code.to_owned());
            }
        }
    }
    codes
}

#[test]
fn every_code_in_the_engine_has_a_cause_of_its_own() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut files = Vec::new();
    sources(&root.join("engine/src"), &mut files);
    sources(&root.join("domain/src"), &mut files);
    let mut found = BTreeSet::new();
    for file in files {
        found.append(&mut codes(&fs::read_to_string(file).unwrap()));
    }
    for code in [
        "key-window-over",
        "net-cannot-connect",
        "subject-not-found",
        "interrupted",
        "call-timeout",
    ] {
        assert!(found.contains(code), "{code} was not found: {found:?}");
    }
    let unknown: Vec<_> = found.iter().filter(|code| !Cause::knows(code)).collect();
    assert!(
        unknown.is_empty(),
        "{unknown:?} have no cause: add them to domain/src/incident/cause.rs"
    );
}
