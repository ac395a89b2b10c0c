//! `assize runs tell|metrics|show|report` and `assize price`: runs that take place elsewhere.

use std::fs;

use crate::terminal::Terminal;

const REPORT: &str = r#"{"external_id": "job-1", "automation": "nightly", "statements": [
  {"seq": 0, "type": "start", "at": "2026-07-06T02:00:00Z"},
  {"seq": 1, "type": "step", "name": "load", "status": "failed", "failure": {"message": "no disk"}},
  {"seq": 2, "type": "invocation", "name": "search"},
  {"seq": 3, "type": "usage", "model": "house-model", "input_tokens": 1000, "output_tokens": 500},
  {"seq": 4, "type": "finish", "outcome": "failed", "at": "2026-07-06T02:00:09Z", "summary": "Lost."}]}"#;

#[test]
fn a_run_is_told_of_and_shown_with_the_step_that_blew_up() {
    let terminal = Terminal::with_workspace();
    fs::write(terminal.folder().join("job.json"), REPORT).unwrap();
    let set =
        ["price", "set", "house-model", "--from", "2026-01-01", "--input", "1", "--output", "2"];
    let prices = terminal.run(&set);
    assert!(prices.out.contains("workspace-2026-01-01"), "{}{}", prices.out, prices.err);
    let told = terminal.run(&["runs", "tell", "job.json"]);
    assert!(
        told.out.contains("5 statements taken in, 0 had come before"),
        "{}{}",
        told.out,
        told.err
    );
    let again = terminal.run(&["runs", "tell", "job.json", "--format", "json"]).json();
    assert_eq!((again["taken"].as_i64(), again["status"].as_str()), (Some(0), Some("failed")));
    let run = again["run"].as_str().unwrap();
    let shown = terminal.run(&["runs", "show", run]).out;
    assert!(shown.contains("failed step: load: no disk"), "{shown}");
    let listed = terminal.run(&["runs", "list", "--kind", "reported"]).out;
    assert!(listed.contains("nightly reported"), "{listed}");
    let metrics = terminal.run(&["runs", "metrics", run]).out;
    assert!(metrics.contains("house-model") && metrics.contains("0.002"), "{metrics}");
    let report = terminal.run(&["runs", "report", run]).out;
    assert!(report.contains("cost estimate     $0.002") && report.contains("Lost."), "{report}");
    fs::write(terminal.folder().join("bad.json"), r#"{"statements": 1}"#).unwrap();
    assert_eq!(terminal.run(&["runs", "tell", "bad.json"]).code, 2);
    let gone = ["price", "remove", "house-model", "--from", "2026-01-01"];
    assert_eq!((terminal.run(&gone).code, terminal.run(&gone).code), (0, 4));
}
