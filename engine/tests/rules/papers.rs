//! The tables in the papers are those in the code.

use std::{fs, path::Path};

use domain::{audit::Verb, member::Role, permission};

/// The rows of the table under a heading, cell by cell, without the line under its head.
fn table_under(heading: &str, paper: &str) -> Vec<Vec<String>> {
    let (_, section) = paper.split_once(&format!("\n## {heading}\n")).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with('|') && !line.starts_with("|--"));
    let cells = |row: &str| {
        let inner = row.trim_matches('|').split('|');
        inner.map(|cell| cell.trim().trim_matches('`').to_owned()).collect()
    };
    rows.map(cells).collect()
}

#[test]
fn the_table_of_roles_in_the_papers_is_the_one_in_the_code() {
    let paper = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/OPERATIONS.md");
    let found = table_under("Roles", &fs::read_to_string(paper).unwrap());
    let roles = Role::ALL.iter().map(|role| role.as_str());
    let head: Vec<_> = ["permission", "allows to"].into_iter().chain(roles).collect();
    assert_eq!(found[0], head);
    let rows: Vec<_> = found[1..]
        .iter()
        .map(|row| {
            assert!(!row[1].is_empty(), "{row:?} says nothing");
            (row[0].clone(), row[2..].to_vec())
        })
        .collect();
    let expected: Vec<_> = permission::table()
        .into_iter()
        .map(|(permission, allowed)| {
            let cells = allowed.map(|allowed| if allowed { "yes" } else { "" }.to_owned());
            (permission.to_string(), cells.to_vec())
        })
        .collect();
    assert_eq!(rows, expected);
}

#[test]
fn the_table_of_verbs_in_the_papers_is_the_one_in_the_code() {
    let paper = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/audit-verbs.md");
    let found = table_under("Verbs", &fs::read_to_string(paper).unwrap());
    let rows: Vec<_> = found[1..].iter().map(|row| (row[0].as_str(), row[1].as_str())).collect();
    let expected: Vec<_> = Verb::ALL.iter().map(|verb| (verb.as_str(), verb.about())).collect();
    assert_eq!(rows, expected);
}
