//! What the command line prints: the documents of the API, here and from a server, and tables of them.

use std::{
    collections::BTreeSet,
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    time::{Duration, Instant},
};

use clap::CommandFactory as _;
use serde_json::{Value, json};

use crate::{running::Server, tables, terminal::Terminal};

const LISTENS: &str = "\
key: listens
name: Listens
trigger: { kind: governed-event, type: checked }
subjects: { from: register, kind: account }
condition: subject.status == 'active'
action: { actioner: findings.create, with: { title: 'Look at {{ subject.key }}', severity: low } }
";

const ASKS: &str = "\
key: asks
name: Asks
trigger: { kind: governed-event, type: asked }
subjects: { from: event, kind: account }
action: { actioner: findings.create, with: { title: Look, severity: low } }
approval: { before-action: { role: approver, quorum: 1, expires-after: P7D, on-expiry: dismiss } }
";

/// A workspace with definitions, accounts and a server.
pub struct House {
    pub terminal: Terminal,
    /// `http://127.0.0.1:4711`
    pub origin: String,
    _server: Server,
}

impl House {
    pub fn new() -> Self {
        let terminal = Terminal::with_workspace();
        let accounts = "key,status\nACC-1,active\nACC-2,closed\nACC-3,active\n";
        fs::write(terminal.folder().join("accounts.csv"), accounts).unwrap();
        assert_eq!(terminal.run(&["import", "accounts.csv", "--kind", "account"]).code, 0);
        fs::write(terminal.folder().join("a.yaml"), format!("{LISTENS}---\n{ASKS}")).unwrap();
        assert_eq!(terminal.run(&["apply", "a.yaml"]).code, 0);
        let mut server = Server::start(&terminal);
        let line = server.line_with("origin=http://");
        let origin = line.split("origin=").nth(1).unwrap().split_whitespace().next().unwrap();
        Self { origin: origin.to_owned(), terminal, _server: server }
    }

    pub fn token(&self, role: &str) -> String {
        let email = format!("{role}@north.example");
        let add = ["member", "add", &email, "--name", role, "--role", role];
        assert_eq!(self.terminal.run(&add).code, 0);
        let create = ["token", "create", "Test", "--member", &email, "--format", "json"];
        self.terminal.run(&create).json()["secret"].as_str().unwrap().to_owned()
    }

    pub fn send(&self, kind: &str, more: &[&str]) -> Value {
        let event = ["event", "send", "--kind", "governed-event", "--source", "test", "--id", kind];
        let more = [&["--type", kind, "--format", "json"], more].concat();
        self.terminal.run(&[&event[..], &more].concat()).json()
    }

    /// Waits until a run is as it is to be; gives what is printed of it.
    pub fn until(&self, run: &str, done: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let found = self.terminal.run(&["runs", "show", run, "--format", "json"]).json();
            if done(&found["run"]) {
                return found;
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "{found}");
        }
    }

    /// What the API answers.
    fn api(&self, token: &str, path: &str) -> Value {
        let address = self.origin.strip_prefix("http://").unwrap();
        let mut connection = TcpStream::connect(address).unwrap();
        let request = format!(
            "GET /api/v1/workspaces/north{path} HTTP/1.1\r\nhost: {address}\r\n\
             authorization: Bearer {token}\r\nconnection: close\r\n\r\n"
        );
        connection.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200 "), "{answer}");
        serde_json::from_str(body).unwrap()
    }

    /// What a command prints, here and when it asks the server.
    fn both(&self, token: &str, arguments: &[&str]) -> [Value; 2] {
        let json = [arguments, &["--format", "json"]].concat();
        let there = [&json[..], &["--server", &self.origin, "--token", token]].concat();
        [json, there].map(|arguments| {
            let done = self.terminal.run(&arguments);
            assert_eq!(done.code, 0, "{arguments:?}: {}", done.err);
            done.json()
        })
    }
}

/// Commands that change something: they print what the operation answered, as `there.rs` and others show.
const ACTS: &[&str] = &[
    "apply",
    "approvals approve",
    "approvals dismiss",
    "audit check",
    "audit erase",
    "audit stamp",
    "automations apply",
    "automations check",
    "automations diff",
    "automations fire",
    "destination allow",
    "destination remove",
    "destination sign",
    "destination unsign",
    "event send",
    "hold place",
    "hold release",
    "import",
    "inbound add",
    "inbound remove",
    "inbound rotate",
    "incidents settle",
    "kill",
    "member add",
    "member link",
    "member remove",
    "member role",
    "member window grant",
    "member window revoke",
    "policy apply",
    "policy off",
    "policy on",
    "policy test",
    "price remove",
    "price set",
    "records import",
    "release",
    "retention set",
    "runs cancel",
    "runs close",
    "runs tell",
    "runs watch",
    "token create",
    "token revoke",
    "webhook add",
    "webhook change",
    "webhook disable",
    "webhook enable",
    "webhook remove",
    "webhook replay",
    "webhook rotate",
    "webhook test",
    "whoami",
];

/// Commands whose result is a file or a text, wherever they are carried out.
const FILES: &[&str] = &[
    "audit proof",
    "audit stamp-request",
    "export approvals",
    "export audit",
    "export bundle",
    "export deliveries",
    "export events",
    "export incidents",
    "export items",
    "export records",
    "export runs",
];

/// Commands about the host, its processes and its keys, or about what is on this machine.
const HOST: &[&str] = &[
    "audit accept-rollback",
    "audit rotate-key",
    "completions",
    "config",
    "demo",
    "doctor",
    "man",
    "migrate",
    "profile list",
    "profile remove",
    "profile save",
    "retention compact",
    "retention run",
    "serve",
    "verify",
    "webhook rotate-key",
    "worker",
    "workspace add",
];

/// Commands that foresee from this very moment: no two answers are the same.
const FORESEE: &[&str] = &["retention preview"];

#[test]
fn the_command_line_prints_the_documents_of_the_api() {
    let house = House::new();
    let made = tables::furnish(&house);
    let run = made.run.as_str();
    let incident = made.incident.as_str();
    // When a token was last used is noted no more than once a minute: now.
    let owner = house.token("owner");
    house.api(&owner, "/me");
    let asked = [
        ("runs list", "--status completed", "/runs?status=completed".to_owned()),
        ("runs show", run, format!("/runs/{run}")),
        (
            "runs items",
            &format!("{run} --outcome succeeded"),
            format!("/runs/{run}/items?outcome=succeeded"),
        ),
        ("runs report", run, format!("/runs/{run}/reports")),
        ("runs incidents", run, format!("/incidents?run={run}")),
        ("runs retry", run, format!("/runs/{run}/retry-plan")),
        ("runs metrics", run, format!("/runs/{run}/metrics")),
        ("automations list", "", "/automations".to_owned()),
        ("approvals list", "", "/approvals".to_owned()),
        ("approvals show", &made.approval, format!("/approvals/{}", made.approval)),
        ("incidents list", "--severity high", "/incidents?severity=high".to_owned()),
        ("incidents groups", "", "/incidents/groups".to_owned()),
        ("incidents show", incident, format!("/incidents/{incident}")),
        ("event list", "--matched true", "/events?matched=true".to_owned()),
        ("event show", &made.event, format!("/events/{}", made.event)),
        ("records list", "account", "/registers/account".to_owned()),
        ("records show", "account/ACC-1", "/registers/account/ACC-1".to_owned()),
        ("records registers", "", "/registers".to_owned()),
        ("budget list", "", "/budgets".to_owned()),
        ("health", "--since 7d --compare", "/health?since=7d&compare=previous".to_owned()),
        ("kill", "--list", "/kill-switches".to_owned()),
        ("policy list", "", "/policies".to_owned()),
        ("policy show", "not-the-second", "/policies/not-the-second".to_owned()),
        ("price list", "", "/prices".to_owned()),
        ("webhook list", "", "/webhooks".to_owned()),
        ("webhook deliveries", "", "/deliveries".to_owned()),
        ("webhook delivery", &made.delivery, format!("/deliveries/{}", made.delivery)),
        ("inbound list", "", "/inbound".to_owned()),
        ("inbound show", &made.endpoint, format!("/inbound/{}", made.endpoint)),
        ("destination list", "", "/destinations".to_owned()),
        ("member list", "", "/members".to_owned()),
        ("member window list", "", "/windows".to_owned()),
        ("token list", "", "/tokens".to_owned()),
        ("hold list", "", "/holds".to_owned()),
        ("retention list", "", "/retention".to_owned()),
        ("audit list", "--verb run.created", "/audit/entries?verb=run.created".to_owned()),
        ("audit checkpoint", "", "/audit/state".to_owned()),
        ("workspace list", "", String::new()),
    ];
    let mut named: BTreeSet<String> =
        [ACTS, FILES, HOST, FORESEE].concat().iter().map(ToString::to_string).collect();
    for (name, more, path) in &asked {
        named.insert((*name).to_owned());
        let words: Vec<_> = name.split(' ').chain(more.split_whitespace()).collect();
        // What a worker does meanwhile, as signing the log, is no difference.
        let settled = (0..20).find_map(|_| {
            let before = house.api(&owner, path);
            let printed = house.both(&owner, &words);
            (house.api(&owner, path) == before).then_some((before, printed))
        });
        let (mut expected, printed) = settled.unwrap_or_else(|| panic!("{words:?} never settles"));
        if *name == "workspace list" {
            expected = json!({"data": [expected], "next": null, "previous": null});
        }
        for printed in printed {
            assert_eq!(printed, expected, "{words:?}");
        }
    }
    assert_eq!(leaves(&server::cli::Cli::command()), named, "every command is in one of the lists");
    let page = house.both(&owner, &["runs", "items", run, "--limit", "1"]);
    assert_eq!(page[0], page[1]);
    let next = page[0]["next"].as_str().unwrap();
    let second = house.both(&owner, &["runs", "items", run, "--limit", "1", "--after", next]);
    assert_eq!((&second[0]["data"][0]["position"], &second[1]["next"]), (&1.into(), &Value::Null));
    tables::are_kept(&house, &made);
}

/// The commands that do something, by all their words.
fn leaves(command: &clap::Command) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for part in command.get_subcommands().filter(|part| part.get_name() != "help") {
        let name = part.get_name().to_owned();
        match part.has_subcommands() {
            true => found.extend(leaves(part).iter().map(|more| format!("{name} {more}"))),
            false => drop(found.insert(name)),
        }
    }
    found
}

#[test]
fn a_server_is_asked_with_a_token_and_its_answers_are_exit_codes() {
    let house = House::new();
    let (approver, viewer) = (house.token("approver"), house.token("viewer"));
    let sent = house.send("asked", &["--subject", "account/ACC-1"]);
    let run = sent["runs"][0].as_str().unwrap();
    house.until(run, |run| run["counts"]["awaiting_approval"] == 1);
    let ask = |token: &str, arguments: &[&str]| {
        let at = ["--server", &house.origin, "--token", token];
        house.terminal.run(&[arguments, &at].concat())
    };
    let me = ask(&viewer, &["whoami"]);
    assert!(me.out.starts_with("viewer, viewer, by tok_"), "{}{}", me.out, me.err);
    let open = ask(&viewer, &["approvals", "list", "--format", "json"]).json();
    let (id, digest) = (&open["data"][0]["id"], &open["data"][0]["action_digest"]);
    let (id, digest) = (id.as_str().unwrap(), digest.as_str().unwrap());
    let shown = ask(&viewer, &["approvals", "show", id]);
    assert!(shown.out.contains(digest) && shown.out.contains("findings.create"), "{}", shown.out);
    let unknown = "apr_01k6xw3v5te8ds8yb3p96fx2kq";
    for (token, arguments, code) in [
        ("asz_nobody", &["approvals", "show", id][..], 3),
        (&viewer, &["approvals", "approve", id, "--digest", digest], 3),
        (&approver, &["approvals", "approve", unknown, "--digest", digest], 4),
        (&approver, &["approvals", "approve", id, "--digest", "another"], 5),
        (&approver, &["approvals", "dismiss", id, "--digest", digest, "--reason", " "], 2),
        (&approver, &["approvals", "approve", id, "--digest", digest], 0),
        (&approver, &["approvals", "approve", id, "--digest", digest], 5),
        (&viewer, &["runs", "cancel", run, "--reason", "x"], 3),
    ] {
        let done = ask(token, arguments);
        assert_eq!(done.code, code, "{arguments:?}: {}{}", done.out, done.err);
    }
    house.until(run, |run| run["status"] == "completed");
    let here = house.terminal.run(&["approvals", "approve", id, "--digest", digest]);
    assert!(here.code == 2 && here.err.contains("--server"), "{}", here.err);
    let nowhere =
        house.terminal.run(&["whoami", "--server", "http://127.0.0.1:1", "--token", &viewer]);
    assert_eq!(nowhere.code, 1, "{}", nowhere.err);
    assert_eq!(house.terminal.run(&["whoami", "--server", &house.origin]).code, 2);
}

#[test]
fn what_a_file_would_change_and_what_would_be_done_is_told_and_not_done() {
    let terminal = Terminal::with_workspace();
    let accounts = "key,status\nACC-1,active\nACC-2,closed\n";
    fs::write(terminal.folder().join("accounts.csv"), accounts).unwrap();
    assert_eq!(terminal.run(&["import", "accounts.csv", "--kind", "account"]).code, 0);
    fs::write(terminal.folder().join("a.yaml"), LISTENS).unwrap();
    let new = terminal.run(&["automations", "diff", "a.yaml"]);
    assert!(
        new.code == 0 && new.out.starts_with("listens (a.yaml) would be new\n+ key"),
        "{}",
        new.out
    );
    assert_eq!(terminal.run(&["automations", "check", "listens"]).code, 4, "it was not applied");
    assert_eq!(terminal.run(&["apply", "a.yaml"]).code, 0);
    let same = terminal.run(&["automations", "diff", "a.yaml"]);
    assert_eq!(same.out, "listens (a.yaml) says the same\n");
    let changed = LISTENS.replace("'active'", "'closed'");
    fs::write(terminal.folder().join("a.yaml"), changed).unwrap();
    let diff = terminal.run(&["automations", "diff", "a.yaml"]).out;
    assert!(
        diff.contains(
            "- condition: subject.status == 'active'\n+ condition: subject.status == 'closed'\n"
        ),
        "{diff}"
    );

    let check = terminal.run(&["automations", "check", "listens"]);
    let expected = "listens v1 would call findings.create for 1 of 2 records\n";
    assert!(check.out.starts_with(expected), "{}{}", check.out, check.err);
    let check = terminal.run(&["automations", "check", "listens", "--format", "json"]).json();
    assert_eq!(
        (&check["matched"], &check["would"][0]["subject"]["key"]),
        (&1.into(), &"ACC-1".into())
    );
    assert_eq!(check["would"][0]["parameters"]["title"], "Look at ACC-1");
    let runs = terminal.run(&["runs", "list", "--format", "json"]).json();
    assert!(runs["data"].as_array().unwrap().is_empty(), "nothing was done");
    fs::write(terminal.folder().join("a.yaml"), "key: [\n").unwrap();
    let broken = terminal.run(&["automations", "diff", "a.yaml"]);
    assert!(broken.code == 2 && broken.out.contains("a.yaml:"), "{}", broken.out);
}
