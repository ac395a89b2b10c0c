//! What is done at a server from the command line, and how its answers are printed.

use std::fs;

use serde_json::{Value, json};

use crate::{documents::House, terminal::Done};

impl House {
    /// A command that asks the server.
    fn there(&self, token: &str, arguments: &[&str]) -> Done {
        let at = ["--server", &self.origin, "--token", token];
        self.terminal.run(&[arguments, &at].concat())
    }

    /// One that has to succeed; gives its document.
    fn done(&self, token: &str, arguments: &[&str]) -> Value {
        let done = self.there(token, &[arguments, &["--format", "json"]].concat());
        assert_eq!(done.code, 0, "{arguments:?}: {}", done.err);
        done.json()
    }
}

const FAILS: &str = "\
key: fails
name: Fails
trigger: { kind: manual-request }
subjects: { from: event, kind: account }
action: { actioner: notify.http, with: { url: 'https://nowhere.example/' } }
on-item-failure: hold
";

#[test]
fn failures_are_dealt_with_at_a_server() {
    let house = House::new();
    let token = house.token("operator");
    fs::write(house.terminal.folder().join("fails.yaml"), FAILS).unwrap();
    let diff = house.there(&token, &["automations", "diff", "fails.yaml"]);
    assert!(diff.out.starts_with("fails (fails.yaml) would be new"), "{}{}", diff.out, diff.err);
    let applied = house.done(&token, &["automations", "apply", "fails.yaml"]);
    assert_eq!(applied["files"][0]["definitions"][0]["applied"], "created");
    let check =
        house.done(&token, &["automations", "check", "fails", "--subject", "account/ACC-1"]);
    assert_eq!(
        (&check["matched"], &check["would"][0]["subject"]["key"]),
        (&1.into(), &"ACC-1".into())
    );
    let fired = house.done(&token, &["automations", "fire", "fails", "--subject", "account/ACC-1"]);
    let run = fired["runs"][0].as_str().unwrap();
    house.until(run, |run| run["counts"]["failed"] == 1);
    let found = house.done(&token, &["runs", "incidents", run]);
    let incident = found["data"][0]["id"].as_str().unwrap();
    let shown = house.there(&token, &["incidents", "show", incident]);
    assert!(shown.out.contains(run) && shown.out.contains("what to do"), "{}", shown.out);
    let plan = house.done(&token, &["runs", "retry", run]);
    let digest = plan["digest"].as_str().unwrap();
    let item = plan["items"][0]["item"].as_str().unwrap();
    let retry = ["runs", "retry", run, "--plan", digest, "--reason", "Again"];
    let acknowledged = [&retry[..], &["--acknowledge", item]].concat();
    assert_eq!(house.done(&token, &acknowledged)["queued"], 1);
    assert_eq!(house.there(&token, &acknowledged).code, 5, "the plan changed");
    house.until(run, |run| run["round"] == 1 && run["counts"]["failed"] == 1);
    let preview = house.done(&token, &["runs", "cancel", run]);
    assert_eq!((&preview["run"], &preview["finished"]), (&run.into(), &1.into()));
    let closed = house.done(&token, &["runs", "close", run, "--reason", "Accepted"]);
    assert_eq!(closed["status"], "completed-with-failures");
    let watched = house.there(&token, &["runs", "watch", run, "--format", "ndjson"]);
    let last: Value = serde_json::from_str(watched.out.lines().last().unwrap()).unwrap();
    assert_eq!((watched.code, &last["run"]["id"]), (6, &run.into()));
    assert_eq!(house.there(&token, &["runs", "cancel", run, "--reason", "x"]).code, 5);
}

#[test]
fn files_go_to_a_server_and_come_from_it() {
    let house = House::new();
    let token = house.token("owner");
    let folder = house.terminal.folder();
    fs::write(folder.join("more.csv"), "key,status\nACC-8,active\n,x\nACC-9,active\n").unwrap();
    let import = ["records", "import", "more.csv", "--kind", "account"];
    let refused = house.there(&token, &import);
    assert!(refused.code == 2 && refused.err.contains("more.csv:3 key"), "{}", refused.err);
    let best = [&import[..], &["--mode", "best-effort", "--format", "json"]].concat();
    let done = house.there(&token, &best);
    let told = done.json();
    assert_eq!((done.code, &told["created"], &told["refused"]), (6, &2.into(), &1.into()));
    assert!(told["errors"][0].as_str().unwrap().starts_with("more.csv:3 key"), "{told}");
    let written = house.done(&token, &["export", "records", "account", "--out", "out.jsonl"]);
    let text = fs::read_to_string(folder.join("out.jsonl")).unwrap();
    assert_eq!((text.lines().count(), &written["bytes"]), (7, &text.len().into()));
    let bundle = ["export", "bundle", "--from", "2026-01-01", "--to", "2026-01-02"];
    let made = house.done(&token, &[&bundle[..], &["--out", "b.zip"]].concat());
    let size = fs::metadata(folder.join("b.zip")).unwrap().len();
    assert_eq!((&made["status"], &made["file"]["size"]), (&"ready".into(), &size.into()));
}

#[test]
fn tokens_webhooks_and_holds_are_kept_at_a_server() {
    let house = House::new();
    let token = house.token("owner");
    let made = house.done(&token, &["token", "create", "Second", "--scope", "view-runs"]);
    let (second, id) = (made["secret"].as_str().unwrap(), made["token"]["id"].as_str().unwrap());
    assert_eq!(house.there(second, &["runs", "list"]).code, 0);
    assert_eq!(house.there(second, &["webhook", "list"]).code, 3, "its scope");
    assert_eq!(house.done(&token, &["token", "revoke", id])["status"], "revoked");
    assert_eq!(house.there(second, &["runs", "list"]).code, 3);
    house.done(&token, &["destination", "allow", "https://hooks.example"]);
    let add = ["webhook", "add", "https://hooks.example/x", "--name", "On call"];
    let made = house.done(&token, &add);
    assert_eq!(made["webhook"]["site"], house.origin.as_str(), "a server knows its own");
    let id = made["webhook"]["id"].as_str().unwrap();
    let changed = house.done(&token, &["webhook", "change", id, "--name", "Nobody"]);
    assert_eq!((&changed["name"], &changed["url"]), (&"Nobody".into(), &made["webhook"]["url"]));
    assert_eq!(house.done(&token, &["webhook", "disable", id])["disabled"]["because"], "asked");
    assert_eq!(house.there(&token, &["webhook", "test", id]).code, 5);
    assert_eq!(house.done(&token, &["webhook", "remove", id])["id"], id);
    let set = ["retention", "set", "--reported-days", "20", "--reported-stub-days", "60"];
    assert_eq!(house.done(&token, &set)["data"][0]["policy"]["reported_stub_days"], 60);
    assert_eq!(house.done(&token, &["retention", "preview"])["due_runs"], 0);
    let swept = house.there(&token, &["retention", "run"]);
    assert_eq!(swept.code, 2, "a server sweeps by itself: {}", swept.err);
    let held = house.done(&token, &["hold", "place", "--reason", "A dispute"]);
    let release = ["hold", "release", held["id"].as_str().unwrap(), "--reason", "Settled"];
    assert!(house.done(&token, &release)["released_at"].is_string());
    let pressed = house.done(&token, &["kill", "--reason", "Smoke"]);
    assert!(pressed["kill_switch"]["id"].as_str().unwrap().starts_with("kil_"));
    assert_eq!(house.there(&token, &["release", "--reason", "Air"]).code, 5, "a person has to");
    assert_eq!(house.terminal.run(&["release", "--reason", "Air"]).code, 0);
    let signed = house.done(&token, &["destination", "sign", "https://hooks.example"]);
    assert!(signed["secret"].as_str().unwrap().starts_with("whsec_") && signed["until"].is_null());
    let unsigned = house.done(&token, &["destination", "unsign", "https://hooks.example"]);
    assert_eq!(
        (&unsigned["address"], &unsigned["secrets"]),
        (&"https://hooks.example:443".into(), &json!([]))
    );
    let left = house.done(&token, &["destination", "remove", "https://hooks.example"]);
    assert_eq!(left["data"], json!([]));
    assert_eq!(house.there(&token, &["destination", "unsign", "https://hooks.example"]).code, 4);
    let host_only = house.there(&token, &["workspace", "add", "south", "South Branch"]);
    assert!(host_only.code == 2 && host_only.err.contains("--server"), "{}", host_only.err);
}

#[test]
fn members_and_their_windows_are_kept_at_a_server() {
    let house = House::new();
    let token = house.token("owner");
    let ada = "ada@north.example";
    let new = ["member", "add", ada, "--name", "Ada", "--role", "viewer"];
    let added = house.done(&token, &new);
    let link = added["link"]["link"].as_str().unwrap();
    assert!(link.starts_with(&format!("{}/accept-link?token=", house.origin)), "{link}");
    assert_eq!(house.there(&token, &new).code, 5);
    let grant = ["member", "window", "grant", ada, "--from", "2026-07-01", "--to", "2026-09-30"];
    let refused = house.there(&token, &grant);
    assert!(refused.code == 5 && refused.err.contains("not-an-auditor"), "{}", refused.err);
    assert_eq!(house.done(&token, &["member", "role", ada, "auditor"])["role"], "auditor");
    let window = house.done(&token, &grant);
    assert_eq!((&window["to"], &window["revoked_at"]), (&"2026-09-30".into(), &Value::Null));
    let shown = house.there(&token, &["member", "window", "list", ada]).out;
    assert!(shown.contains(ada) && shown.contains("open"), "{shown}");
    let revoke = ["member", "window", "revoke", window["id"].as_str().unwrap()];
    assert!(house.done(&token, &revoke)["revoked_at"].is_string());
    assert_eq!(house.there(&token, &revoke).code, 4);
    let again = house.done(&token, &["member", "link", ada]);
    assert!(again["link"].is_string() && again["link"] != link, "{again}");
    assert!(house.done(&token, &["member", "remove", ada])["removed_at"].is_string());
    assert_eq!(house.there(&token, &["member", "link", ada]).code, 4);
    let check = house.done(&token, &["audit", "check", "--entries", "5"]);
    assert_eq!((&check["sound"], &check["entries"]), (&true.into(), &5.into()), "{check}");
    let viewer = house.token("viewer");
    assert_eq!(house.there(&viewer, &["member", "list"]).code, 3);
    let workspaces = house.done(&viewer, &["workspace", "list"]);
    assert_eq!(workspaces["data"][0]["slug"], "north");
}

#[test]
fn a_list_is_a_table_a_document_a_line_each_or_a_sheet() {
    let house = House::new();
    let list =
        |format: &str| house.terminal.run(&["records", "list", "account", "--format", format]).out;
    let lines: Vec<Value> =
        list("ndjson").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let document: Value = serde_json::from_str(&list("json")).unwrap();
    assert_eq!(json!(lines), document["data"]);
    let csv = list("csv");
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let head = reader.headers().unwrap().clone();
    let key = head.iter().position(|name| name == "key").unwrap();
    assert!(head.iter().any(|name| name == "attributes.status"), "{head:?}");
    let keys: Vec<_> = reader.records().map(|row| row.unwrap()[key].to_owned()).collect();
    let expected: Vec<_> = lines.iter().map(|row| row["key"].as_str().unwrap()).collect();
    assert_eq!(keys, expected);
    assert_eq!(list("table").lines().count(), 4);
}

#[test]
fn a_saved_server_is_asked_by_its_name() {
    let house = House::new();
    let token = house.token("viewer");
    let run = |arguments: &[&str]| {
        let mut command = house.terminal.command(arguments);
        command.env("XDG_CONFIG_HOME", house.terminal.folder().join("home"));
        Done::of(command.output().unwrap())
    };
    let there = ["--server", &house.origin, "--token", &token];
    assert_eq!(run(&["profile", "save", "north", "--token", &token]).code, 2, "no server");
    let saved = run(&[&["profile", "save", "north"][..], &there].concat());
    assert!(saved.code == 0 && !saved.out.contains(&token), "{}{}", saved.out, saved.err);
    let me = run(&["whoami", "--profile", "north"]);
    assert!(me.out.starts_with("viewer, viewer"), "{}{}", me.out, me.err);
    let kept = house.terminal.folder().join("home/assize/profiles.json");
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(kept).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let elsewhere = ["whoami", "--profile", "north", "--server", "http://127.0.0.1:1"];
    let refused = run(&elsewhere);
    assert!(refused.code == 2 && refused.err.contains("wants a token"), "{}", refused.err);
    assert_eq!(run(&["profile", "remove", "north"]).code, 0);
    assert_eq!(run(&["whoami", "--profile", "north"]).code, 2);
}
