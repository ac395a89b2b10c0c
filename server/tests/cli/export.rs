//! Lists and bundles taken home from the command line.

use std::fs;

use serde_json::Value;

use crate::terminal::Terminal;

/// A register of two accounts, one of which would be a formula.
fn with_accounts() -> Terminal {
    let terminal = Terminal::with_workspace();
    fs::write(terminal.folder().join("accounts.csv"), "key,owner\nA-1,=1+1\nA-2,Bo\n").unwrap();
    let done = terminal.run(&["import", "accounts.csv", "--kind", "account"]);
    assert_eq!(done.code, 0, "{}", done.err);
    terminal
}

#[test]
fn a_list_is_written_in_the_format_its_name_ends_in() {
    let terminal = with_accounts();
    for (name, begin) in [("a.csv", &b"kind,"[..]), ("a.jsonl", b"{\"export\":"), ("a.xlsx", b"PK")]
    {
        let done = terminal.run(&["export", "records", "account", "--out", name]);
        assert_eq!(done.code, 0, "{}", done.err);
        let written = fs::read(terminal.folder().join(name)).unwrap();
        let text = String::from_utf8_lossy(&written);
        let body = text.trim_start_matches('\u{feff}').as_bytes();
        assert!(body.starts_with(begin) || text.contains("A-1"), "{name}: {text}");
        assert!(done.out.contains(&format!("{} bytes", written.len())), "{}", done.out);
        assert!(!terminal.folder().join(format!("{name}.part")).exists());
    }
    let as_json = ["export", "records", "account", "--out", "b.csv", "--format", "json"];
    assert_eq!(terminal.run(&as_json).json()["file"], "b.csv");
}

#[test]
fn what_goes_to_the_standard_output_is_the_file_and_nothing_else() {
    let terminal = with_accounts();
    let list = ["export", "records", "account", "--key", "a-2", "--out", "-"];
    let done = terminal.run(&[&list[..], &["--as", "jsonl"]].concat());
    assert_eq!(done.code, 0, "{}", done.err);
    let lines: Vec<Value> =
        done.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3, "a head, one record and the end: {}", done.out);
    assert_eq!((&lines[1]["key"], &lines[2]["end"]["rows"]), (&"A-2".into(), &1.into()));
    let done = terminal.run(&list);
    assert_eq!(done.code, 2);
    assert!(done.err.contains("--as"), "{}", done.err);
}

#[test]
fn incidents_events_and_deliveries_are_exported_with_their_filters() {
    let terminal = with_accounts();
    let event = ["event", "send", "--kind", "monitor-result", "--source", "tower"];
    let event = [&event[..], &["--id", "t-1", "--type", "fell"]].concat();
    assert_eq!(terminal.run(&event).code, 0);
    for (list, rows) in [
        (&["events", "--source", "tower", "--matched", "false"][..], 1),
        (&["events", "--source", "elsewhere"], 0),
        (&["incidents", "--severity", "high", "--from", "2026-07-01"], 0),
        (&["deliveries", "--state", "failed", "--event", "run.failed"], 0),
    ] {
        let done = terminal.run(&[&["export"], list, &["--out", "-", "--as", "jsonl"]].concat());
        assert_eq!(done.code, 0, "{list:?}: {}", done.err);
        assert_eq!(done.out.lines().count(), rows + 2, "{list:?}: {}", done.out);
    }
    let done = terminal.run(&["export", "incidents", "--type", "bad_luck", "--out", "x.csv"]);
    assert_eq!(done.code, 2, "{}", done.err);
}

#[test]
fn a_cell_that_would_be_a_formula_is_not_one() {
    let terminal = with_accounts();
    let list = ["export", "records", "account", "--out", "-", "--as"];
    let csv = terminal.run(&[&list[..], &["csv"]].concat()).out;
    let hostile = csv.lines().find(|line| line.contains("1+1")).unwrap();
    assert!(!hostile.contains(",=1+1") && !hostile.starts_with('='), "{hostile}");
    let exact = terminal.run(&[&list[..], &["jsonl"]].concat()).out;
    assert!(exact.contains("\"=1+1\""), "{exact}");
}

#[test]
fn what_cannot_be_exported_leaves_what_was_there() {
    let terminal = with_accounts();
    fs::write(terminal.folder().join("old.csv"), "what was there").unwrap();
    let nobody = "run_01k6xw3v5te8ds8yb3p96fx2kq";
    for (arguments, code) in [
        (vec!["items", nobody], 4),
        (vec!["runs", "--definition", "nobody"], 2),
        (vec!["items", "nonsense"], 2),
        (vec!["bundle", "--from", "2026-07-01", "--to", "2026-06-30"], 2),
    ] {
        let done = terminal.run(&[&["export"][..], &arguments, &["--out", "old.csv"]].concat());
        assert_eq!(done.code, code, "{arguments:?}: {}", done.err);
        assert!(!done.err.is_empty() && !done.err.contains("panicked"), "{}", done.err);
    }
    let kept = fs::read_to_string(terminal.folder().join("old.csv")).unwrap();
    assert_eq!(kept, "what was there");
    assert!(!terminal.folder().join("old.csv.part").exists());
}

#[test]
fn every_export_is_in_the_audit_log() {
    let terminal = with_accounts();
    let done = terminal.run(&["export", "audit", "--verb", "records.imported", "--out", "a.jsonl"]);
    assert_eq!(done.code, 0, "{}", done.err);
    let listed = ["audit", "list", "--verb", "list.exported", "--format", "json"];
    let entries = terminal.run(&listed).json();
    let payload = &entries["data"][0]["payload"];
    assert_eq!(
        (&payload["list"], &payload["filter"]),
        (&"audit".into(), &"verb=records.imported".into())
    );
}
