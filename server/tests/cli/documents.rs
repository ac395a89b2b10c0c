//! What the command line prints: the documents of the API, here and from a server, and tables of them.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    path::Path,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{running::Server, terminal::Terminal};

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

#[test]
fn the_command_line_prints_the_documents_of_the_api() {
    let house = House::new();
    let token = house.token("operator");
    let sent = house.send("checked", &[]);
    let run = sent["runs"][0].as_str().unwrap();
    house.until(run, |run| run["status"] == "completed");
    for (arguments, path) in [
        (&["runs", "list", "--status", "completed"][..], "/runs?status=completed"),
        (&["runs", "show", run], &format!("/runs/{run}")),
        (
            &["runs", "items", run, "--outcome", "succeeded"],
            &format!("/runs/{run}/items?outcome=succeeded"),
        ),
        (&["automations", "list"], "/automations"),
        (&["approvals", "list"], "/approvals"),
        (&["runs", "report", run], &format!("/runs/{run}/reports")),
        (&["runs", "retry", run], &format!("/runs/{run}/retry-plan")),
        (&["incidents", "list", "--severity", "high"], "/incidents?severity=high"),
        (&["events", "list", "--matched", "true"], "/events?matched=true"),
        (&["records", "list", "account"], "/registers/account"),
        (&["records", "show", "account/ACC-1"], "/registers/account/ACC-1"),
        (&["records", "registers"], "/registers"),
        (&["budget", "list"], "/budgets"),
        (&["health", "--since", "7d", "--compare"], "/health?since=7d&compare=previous"),
        (&["kill", "--list"], "/kill-switches"),
        (&["webhook", "list"], "/webhooks"),
        (&["webhook", "deliveries"], "/deliveries"),
    ] {
        let expected = house.api(&token, path);
        for printed in house.both(&token, arguments) {
            assert_eq!(printed, expected, "{arguments:?}");
        }
    }
    let page = house.both(&token, &["runs", "items", run, "--limit", "1"]);
    assert_eq!(page[0], page[1]);
    let next = page[0]["next"].as_str().unwrap();
    let second = house.both(&token, &["runs", "items", run, "--limit", "1", "--after", next]);
    assert_eq!((&second[0]["data"][0]["position"], &second[1]["next"]), (&1.into(), &Value::Null));
    let owner = house.token("owner");
    // When a token was last used is noted no more than once a minute: now.
    house.api(&owner, "/me");
    for (arguments, path) in [
        (&["token", "list"][..], "/tokens"),
        (&["hold", "list"], "/holds"),
        (&["audit", "list", "--verb", "run.created"], "/audit/entries?verb=run.created"),
    ] {
        let printed = house.both(&owner, arguments);
        assert_eq!(printed[0], printed[1], "{arguments:?}");
        assert_eq!(printed[0], house.api(&owner, path), "{arguments:?}");
    }
    tables(&house, run);
}

/// The tables, narrow and wide, as they are kept in `snapshots/`.
fn tables(house: &House, run: &str) {
    let lists: &[(&str, &[&str])] = &[
        ("runs_list", &["runs", "list"]),
        ("runs_show", &["runs", "show", run]),
        ("runs_items", &["runs", "items", run]),
        ("events_list", &["events", "list"]),
        ("records_list", &["records", "list", "account"]),
        ("automations_list", &["automations", "list"]),
        ("token_list", &["token", "list"]),
        ("audit_list", &["audit", "list", "--verb", "run.created"]),
    ];
    for (name, arguments) in lists {
        for columns in [80, 140] {
            let mut command = house.terminal.command(arguments);
            let output = command.env("COLUMNS", columns.to_string()).output().unwrap();
            let text = plain(&String::from_utf8(output.stdout).unwrap());
            let path =
                format!("{}/tests/cli/snapshots/{name}_{columns}.txt", env!("CARGO_MANIFEST_DIR"));
            let path = Path::new(&path);
            if std::env::var_os("ASSIZE_UPDATE_SNAPSHOTS").is_some() {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, &text).unwrap();
            }
            let kept = fs::read_to_string(path).unwrap_or_default();
            assert_eq!(text, kept, "{name} at {columns}; ASSIZE_UPDATE_SNAPSHOTS=1 writes it anew");
            assert!(text.lines().all(|line| line.chars().count() <= columns), "{text}");
        }
    }
}

/// A text in which ids and times are always the same, of the same length.
fn plain(text: &str) -> String {
    let plain = |word: &str| {
        let bare = word.trim_end_matches(',');
        let is_id = bare.len() == 30 && bare.as_bytes()[3] == b'_';
        let is_time =
            bare.starts_with("20") && bare.matches('-').count() == 2 || bare.ends_with('Z');
        match (is_id, is_time) {
            (true, _) => word.replace(&bare[4..], &"0".repeat(26)),
            (_, true) => word.replace(|letter: char| letter.is_ascii_digit(), "0"),
            _ => word.to_owned(),
        }
    };
    let words = text.split_inclusive([' ', '\n']).map(|word| {
        let bare = word.trim_end_matches([' ', '\n']);
        plain(bare) + &word[bare.len()..]
    });
    words.collect()
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
