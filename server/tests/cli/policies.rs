//! `assize policy`, from the file to what it says about the past.

use std::fs;

use crate::terminal::Terminal;

const FILE: &str = "\
key: not-the-second
name: Not the second
statement: It is under litigation.
effect: deny
rule: |
  subject.key == 'ACC-2' &&
  action.actioner == 'findings.create'
";

#[test]
fn a_policy_goes_from_a_file_to_being_on() {
    let terminal = Terminal::with_workspace();
    let path = terminal.folder().join("policy.yaml");
    fs::write(&path, FILE.replace("'ACC-2' &&", "'ACC-2' && )")).unwrap();
    let broken = terminal.run(&["policy", "apply", "policy.yaml"]);
    assert!(
        broken.code == 2 && broken.err.contains("policy.yaml:6:"),
        "{}{}",
        broken.out,
        broken.err
    );
    fs::write(&path, FILE).unwrap();
    let days = ["--from", "2026-01-01", "--to", "2026-12-31"];
    let draft = terminal.run(&[&["policy", "test", "policy.yaml"][..], &days].concat());
    assert!(
        draft.out.starts_with("Of 0 items 0 would have been denied"),
        "{}{}",
        draft.out,
        draft.err
    );
    let applied = terminal.run(&["policy", "apply", "policy.yaml"]);
    assert!(applied.code == 0 && applied.out.contains("created"), "{}{}", applied.out, applied.err);
    let shown = terminal.run(&["policy", "show", "not-the-second"]).out;
    assert!(shown.starts_with("# Version 1, digest ") && shown.contains("; off\n"), "{shown}");
    fs::write(&path, &shown).unwrap();
    let again = terminal.run(&["policy", "apply", "policy.yaml"]);
    assert!(
        again.out.contains("unchanged"),
        "what is shown can be applied: {}{}",
        again.out,
        again.err
    );
    let on = ["policy", "on", "not-the-second", "--reason", "agreed"];
    let on = terminal.run(&on);
    assert!(on.code == 0 && on.out.contains("version 1"), "{}{}", on.out, on.err);
    let list = terminal.run(&["policy", "list", "--format", "json"]).json();
    assert_eq!(
        (&list["data"][0]["on"], &list["data"][0]["switch_reason"]),
        (&1.into(), &"agreed".into())
    );
    let off = terminal.run(&["policy", "off", "not-the-second", "--reason", "settled"]);
    assert!(off.code == 0 && off.out.contains("off"), "{}{}", off.out, off.err);
    let tested = ["policy", "test", "not-the-second", "--version", "1", "--format", "json"];
    let tested = terminal.run(&[&tested[..], &days].concat()).json();
    assert_eq!(tested["effect"], "deny");
    assert_eq!(terminal.run(&["policy", "show", "nothing"]).code, 4);
}
