//! Schema, workspaces, members.

use crate::terminal::Terminal;

const ADA: [&str; 7] =
    ["member", "add", "ada@north.example", "--name", "Ada Example", "--role", "owner"];

#[test]
fn a_new_database_is_migrated_and_found_in_order() {
    let terminal = Terminal::new();
    let doctor = terminal.run(&["doctor"]);
    assert_eq!(doctor.code, 1);
    assert!(doctor.out.contains("run `assize migrate`"), "{}", doctor.out);
    let listed = terminal.run(&["migrate", "--list", "--format", "json"]).json();
    assert_eq!(listed["migrations"][0]["applied"], false);
    let migrated = terminal.run(&["migrate", "--format", "json"]).json();
    assert_eq!(migrated["migrations"][0]["applied"], true);
    terminal.run(&["workspace", "add", "north", "North Branch"]);
    let doctor = terminal.run(&["doctor", "--format", "json"]);
    assert_eq!(doctor.code, 0, "{}", doctor.out);
    assert_eq!(doctor.json()["ok"], true);
    assert!(doctor.out.contains("audit log of north"));
}

#[test]
fn a_command_on_a_database_without_a_schema_says_what_to_do() {
    let done = Terminal::new().run(&["member", "list"]);
    assert_eq!(done.code, 1);
    assert!(done.err.contains("assize migrate"), "{}", done.err);
    assert!(done.out.is_empty());
}

#[test]
fn a_member_is_added_changed_and_removed() {
    let terminal = Terminal::with_workspace();
    let added = terminal.run(&[&ADA[..], &["--format", "json"]].concat()).json();
    assert!(added["link"]["link"].as_str().unwrap().contains("/accept-link?token="));
    let ben = ["member", "add", "ben@north.example", "--name", "Ben Example", "--role", "viewer"];
    assert_eq!(terminal.run(&ben).code, 0);
    let changed = terminal.run(&["member", "role", "BEN@north.example", "operator"]);
    assert!(changed.out.contains("operator"), "{}", changed.out);
    assert_eq!(terminal.run(&["member", "remove", "ben@north.example"]).code, 0);
    let listed = terminal.run(&["member", "list"]);
    assert!(listed.out.contains("Ben Example (removed)"), "{}", listed.out);
    assert!(!listed.out.contains('\u{1b}'), "no colours");
}

#[test]
fn a_window_is_granted_listed_and_revoked() {
    let terminal = Terminal::with_workspace();
    for (name, role) in [("ada", "auditor"), ("ben", "viewer")] {
        let email = format!("{name}@north.example");
        let added = terminal.run(&["member", "add", &email, "--name", name, "--role", role]);
        assert_eq!(added.code, 0, "{}", added.err);
    }
    let grant = |member, from, to| {
        terminal.run(&["member", "window", "grant", member, "--from", from, "--to", to])
    };
    let granted = grant("ada@north.example", "2026-07-01", "2026-09-30");
    assert_eq!(granted.code, 0, "{}", granted.err);
    assert!(granted.out.contains("2026-09-30") && granted.out.contains("open"), "{}", granted.out);
    for (member, from, to, code, words) in [
        ("ben@north.example", "2026-07-01", "2026-09-30", 5, "windows are for auditors"),
        ("eve@north.example", "2026-07-01", "2026-09-30", 4, "no such member"),
        ("ada@north.example", "2026-09-30", "2026-07-01", 2, "ends before it begins"),
        ("ada@north.example", "soon", "2026-07-01", 2, "soon"),
    ] {
        let done = grant(member, from, to);
        assert_eq!(done.code, code, "{member}: {}", done.err);
        assert!(done.err.contains(words), "{member}: {}", done.err);
    }
    let list = ["member", "window", "list", "ada@north.example", "--format", "json"];
    let listed = terminal.run(&list).json();
    let window = &listed["data"][0];
    assert_eq!((&window["from"], &window["to"]), (&"2026-07-01".into(), &"2026-09-30".into()));
    assert!(window["revoked_at"].is_null(), "{window}");
    let id = window["id"].as_str().unwrap();
    let revoked = terminal.run(&["member", "window", "revoke", id]);
    assert!(revoked.out.contains("revoked 20"), "{}", revoked.out);
    assert_eq!(terminal.run(&["member", "window", "revoke", id]).code, 4);
    assert_eq!(terminal.run(&list).json()["data"].as_array().unwrap().len(), 1, "it is kept");
    let others =
        terminal.run(&["member", "window", "list", "ben@north.example", "--format", "json"]);
    assert!(others.json()["data"].as_array().unwrap().is_empty());
}

#[test]
fn every_refusal_has_its_exit_code_and_its_words_on_the_error_stream() {
    let terminal = Terminal::with_workspace();
    assert_eq!(terminal.run(&ADA).code, 0);
    for (arguments, code, words) in [
        (&["member", "add", "x", "--name", "X", "--role", "king"][..], 2, "king"),
        (&["member", "add", "nobody", "--name", "X", "--role", "viewer"], 2, "email"),
        (&["member", "remove", "nobody@north.example"], 4, "no such member"),
        (&["member", "remove", "ada@north.example"], 5, "last owner"),
        (&ADA, 5, "already"),
        (&["member", "list", "--workspace", "south"], 4, "no such workspace"),
        (&["runs", "show", "run_nonsense"], 2, "run_nonsense"),
        (&["runs", "show", "run_01m7ycmqsje00bafv4jrbc8nhs"], 4, "no such run"),
        (&["doctor", "--database-url", "mysql://x"], 1, "not as it must be"),
        (&["member", "list", "--database-url", "mysql://x"], 2, "sqlite:"),
    ] {
        let done = terminal.run(arguments);
        assert_eq!(done.code, code, "{arguments:?}: {}", done.err);
        assert!(done.err.contains(words), "{arguments:?}: {}", done.err);
    }
}

#[test]
fn where_there_are_several_workspaces_one_has_to_be_named() {
    let terminal = Terminal::with_workspace();
    terminal.run(&["workspace", "add", "south", "South Branch"]);
    let done = terminal.run(&["member", "list"]);
    assert_eq!(done.code, 2);
    assert!(done.err.contains("--workspace"), "{}", done.err);
    assert_eq!(terminal.run(&["member", "list", "--workspace", "south"]).code, 0);
}
