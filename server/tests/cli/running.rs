//! Records, definitions, destinations, runs, and the server itself.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::terminal::Terminal;

#[test]
fn records_are_imported_once() {
    let terminal = Terminal::with_workspace();
    fs::write(terminal.folder().join("accounts.csv"), "key,name\nA-1,Ada\nA-2,Ben\n").unwrap();
    let import = ["import", "accounts.csv", "--kind", "account", "--format", "json"];
    assert_eq!(terminal.run(&import).json()["created"], 2);
    assert_eq!(terminal.run(&import).json()["unchanged"], 2);
}

#[test]
fn a_broken_file_of_records_names_its_line_and_imports_nothing() {
    let terminal = Terminal::with_workspace();
    fs::write(terminal.folder().join("a.csv"), "key,name\nA-1,Ada\n,Ben\n").unwrap();
    let done = terminal.run(&["import", "a.csv", "--kind", "account"]);
    assert_eq!(done.code, 2);
    assert!(done.err.contains("a.csv:3"), "{}", done.err);
    assert_eq!(terminal.run(&["import", "a.txt", "--kind", "account"]).code, 2);
}

#[test]
fn a_broken_definition_names_its_line_and_is_not_applied() {
    let terminal = Terminal::with_workspace();
    fs::write(terminal.folder().join("broken.yaml"), "key: kyc\nname: [unclosed\n").unwrap();
    let done = terminal.run(&["apply", "broken.yaml"]);
    assert_eq!(done.code, 2, "{}", done.err);
    assert!(done.out.contains("broken.yaml:"), "{}", done.out);
}

#[test]
fn destinations_are_allowed_and_removed() {
    let terminal = Terminal::with_workspace();
    let allowed = terminal.run(&["destination", "allow", "https://hooks.example"]);
    assert!(allowed.out.contains("https://hooks.example:443"), "{}", allowed.out);
    assert_eq!(terminal.run(&["destination", "remove", "https://hooks.example"]).code, 0);
    assert_eq!(terminal.run(&["destination", "remove", "https://hooks.example"]).code, 4);
}

#[test]
fn a_list_of_no_runs_is_an_empty_list() {
    let terminal = Terminal::with_workspace();
    let listed = terminal.run(&["runs", "list", "--status", "failed", "--format", "json"]).json();
    assert_eq!(listed["data"].as_array().unwrap().len(), 0);
    let unknown = terminal.run(&["runs", "list", "--definition", "nothing"]);
    assert_eq!(unknown.code, 2, "{}", unknown.err);
}

#[test]
fn a_run_there_is_not_has_no_report_and_no_incidents() {
    let terminal = Terminal::with_workspace();
    let run = "run_01k6xw3v5te8ds8yb3p96fx2kq";
    assert_eq!(terminal.run(&["runs", "report", run]).code, 4);
    assert_eq!(terminal.run(&["run", "incidents", run, "--format", "json"]).code, 4);
    assert_eq!(terminal.run(&["runs", "report", "nonsense"]).code, 2);
}

#[test]
fn an_incident_is_found_by_its_cause_shown_and_settled() {
    let terminal = Terminal::with_workspace();
    fs::write(terminal.folder().join("a.csv"), "key,status\nA-1,active\nA-2,active\n").unwrap();
    terminal.run(&["import", "a.csv", "--kind", "account"]);
    let yaml = "key: fails\nname: fails\ntrigger: { kind: governed-event, type: fails }\n\
                subjects: { from: register, kind: account }\n\
                action: { actioner: notify.http, with: { url: 'https://nowhere.example/' } }\n";
    fs::write(terminal.folder().join("a.yaml"), yaml).unwrap();
    assert_eq!(terminal.run(&["apply", "a.yaml"]).code, 0);
    let event = ["event", "send", "--kind", "governed-event", "--source", "t", "--id", "1"];
    let sent = terminal.run(&[&event[..], &["--type", "fails", "--format", "json"]].concat());
    let run = sent.json()["runs"][0].as_str().unwrap().to_owned();
    let mut server = Server::start(&terminal);
    assert_eq!(terminal.run(&["runs", "watch", &run]).code, 6);
    assert!(server.stop().success());
    let sheet = terminal.run(&["run", "incidents", &run]).out;
    assert!(sheet.starts_with(&format!("Incidents for {run}\n[high]  policy_denial  ")), "{sheet}");
    let groups = terminal.run(&["incidents", "groups", "--format", "json"]).json();
    assert_eq!(groups["data"][0]["cause"], "destination-refused");
    assert_eq!(
        (groups["data"][0]["incidents"].clone(), groups["data"].as_array().unwrap().len()),
        (2.into(), 1)
    );
    let listed = terminal
        .run(&["incidents", "list", "--cause", "destination-refused", "--format", "json"])
        .json();
    let id = listed["data"][0]["id"].as_str().unwrap();
    let shown = terminal.run(&["incident", "show", id]).out;
    assert!(shown.starts_with(&format!("{id}  The destination is not allowed\n")), "{shown}");
    assert!(shown.contains("policy_denial") && shown.contains("standing    open"), "{shown}");
    assert_eq!(terminal.run(&["incidents", "settle", id]).code, 2, "without a note");
    let settled = terminal.run(&["incidents", "settle", id, "--note", "not wanted", "--alike"]);
    assert_eq!(settled.out.lines().count(), 2, "{}", settled.out);
    assert_eq!(terminal.run(&["incidents", "settle", id, "--note", "not wanted"]).code, 5);
    let open =
        terminal.run(&["incidents", "list", "--standing", "open", "--format", "json"]).json();
    assert_eq!(open["data"].as_array().unwrap().len(), 0);
    assert!(terminal.run(&["incidents", "show", id]).out.contains("not wanted"));
}

#[test]
fn the_server_prints_the_way_in_once_and_ends_when_told() {
    let terminal = Terminal::new();
    let mut server = Server::start(&terminal);
    let link = server.line_with("/setup?token=");
    let (address, path) = split(link.trim());
    let page = get(&address, &path);
    assert!(page.starts_with("HTTP/1.1 200 "), "{page}");
    assert!(page.contains("Set up Assize"));
    assert!(server.stop().success());
}

#[test]
fn open_streams_do_not_keep_the_server_from_ending() {
    let terminal = Terminal::with_workspace();
    let member = ["member", "add", "ada@north.example", "--name", "Ada", "--role", "viewer"];
    assert_eq!(terminal.run(&member).code, 0);
    let token =
        ["token", "create", "Ears", "--member", "ada@north.example", "--scope", "view-runs"];
    let made = terminal.run(&[&token[..], &["--format", "json"]].concat()).json();
    let secret = made["secret"].as_str().unwrap();
    let mut server = Server::start(&terminal);
    let line = server.line_with("origin=");
    let address = line.split("origin=http://").nth(1).unwrap().split_whitespace().next().unwrap();
    let mut streams = Vec::new();
    for _ in 0..5 {
        let mut connection = TcpStream::connect(address).unwrap();
        let request = format!(
            "GET /api/v1/workspaces/north/stream HTTP/1.1\r\nhost: {address}\r\n\
             authorization: Bearer {secret}\r\n\r\n"
        );
        connection.write_all(request.as_bytes()).unwrap();
        let mut lines = BufReader::new(connection).lines().map(Result::unwrap);
        assert_eq!(lines.next().unwrap(), "HTTP/1.1 200 OK");
        assert!(lines.any(|line| line == "event: ready"));
        streams.push(lines);
    }
    let told = Instant::now();
    assert!(server.stop().success());
    assert!(told.elapsed() < Duration::from_secs(5), "{:?}", told.elapsed());
    for mut lines in streams {
        assert!(!lines.any(|line| line.starts_with("event: end")), "it may come back");
    }
}

#[test]
fn a_run_is_watched_until_it_ends_and_the_exit_code_says_how() {
    let terminal = Terminal::with_workspace();
    let account = terminal.folder().join("a.csv");
    fs::write(account, "key,status\nA-1,active\nA-2,active\n").unwrap();
    terminal.run(&["import", "a.csv", "--kind", "account"]);
    for (key, action) in [
        ("looks", "actioner: findings.create, with: { title: Look, severity: low }"),
        ("fails", "actioner: notify.http, with: { url: 'https://nowhere.example/' }"),
    ] {
        let yaml = format!(
            "key: {key}\nname: {key}\ntrigger: {{ kind: governed-event, type: {key} }}\n\
             subjects: {{ from: register, kind: account }}\naction: {{ {action} }}\n"
        );
        fs::write(terminal.folder().join("a.yaml"), yaml).unwrap();
        assert_eq!(terminal.run(&["apply", "a.yaml"]).code, 0);
    }
    let nothing = terminal.run(&["runs", "watch"]);
    assert!(nothing.code == 4 && nothing.err.contains("no such run under way"), "{}", nothing.err);
    let send = |key: &str| {
        let event = ["event", "send", "--kind", "governed-event", "--source", "t", "--id", key];
        let sent = terminal.run(&[&event[..], &["--type", key, "--format", "json"]].concat());
        sent.json()["runs"][0].as_str().unwrap().to_owned()
    };
    let run = send("looks");
    // The newest run that is under way is this one; it has not begun.
    let mut watch = terminal.command(&["runs", "watch"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(watch.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert_eq!(lines.next().unwrap(), "looks  pending  0 of 0 so far");
    let _server = Server::start(&terminal);
    let said: Vec<String> = lines.collect();
    assert_eq!(said.last().unwrap(), "looks  completed  2 of 2, 2 succeeded");
    assert!(watch.wait().unwrap().success());
    let again = terminal.run(&["runs", "watch", &run, "--format", "json"]);
    let last: serde_json::Value = serde_json::from_str(again.out.lines().last().unwrap()).unwrap();
    assert_eq!((again.code, &last["run"]["status"]), (0, &"completed".into()));
    let failed = terminal.run(&["runs", "watch", &send("fails"), "--format", "json"]);
    assert_eq!(failed.code, 6, "{}", failed.err);
    assert!(failed.err.contains("completed-with-failures"), "{}", failed.err);
    for line in failed.out.lines() {
        assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{line}");
    }
}

/// A server under test; it is ended whatever happens.
pub struct Server {
    process: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStderr>>,
}

impl Server {
    pub fn start(terminal: &Terminal) -> Self {
        let mut command = terminal.command(&["serve", "--listen", "127.0.0.1:0"]);
        let mut process = command.stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(process.stderr.take().unwrap()).lines();
        Self { process, lines }
    }

    pub fn line_with(&mut self, words: &str) -> String {
        let mut lines = self.lines.by_ref().map(Result::unwrap);
        lines.find(|line| line.contains(words)).unwrap()
    }

    fn stop(&mut self) -> std::process::ExitStatus {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        self.process.wait().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Host with port, and path, of an address.
fn split(address: &str) -> (String, String) {
    let rest = address.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    (host.to_owned(), format!("/{path}"))
}

fn get(address: &str, path: &str) -> String {
    let mut connection = TcpStream::connect(address).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_webhook_is_added_listed_changed_tested_and_removed() {
    let terminal = Terminal::with_workspace();
    let run = |arguments: &[&str]| terminal.run(&[arguments, &["--format", "json"]].concat());
    let add = ["webhook", "add", "https://hooks.example/T0KEN", "--name", "On call"];
    let refused = run(&add);
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("allow it under Destinations"), "{}", refused.err);
    run(&["destination", "allow", "https://hooks.example"]);
    let made = run(&add).json();
    assert!(made["secret"].as_str().unwrap().starts_with("whsec_"));
    assert_eq!(made["webhook"]["events"].as_array().unwrap().len(), 5, "everything");
    let id = made["webhook"]["id"].as_str().unwrap();
    let changed = run(&["webhook", "change", id, "--event", "run.failed"]).json();
    assert_eq!(changed["events"], serde_json::json!(["run.failed"]));
    assert_eq!(changed["name"], "On call");
    let queued = run(&["webhook", "test", id]).json();
    let delivery = queued["id"].as_str().unwrap();
    let listed = terminal.run(&["webhook", "deliveries", "--state", "queued"]);
    assert!(listed.out.contains(delivery) && listed.out.contains("webhook.test"), "{}", listed.out);
    assert_eq!(run(&["webhook", "delivery", delivery]).json()["attempts"], serde_json::json!([]));
    assert_eq!(run(&["webhook", "replay", delivery]).json()["state"], "queued");
    assert!(run(&["webhook", "rotate", id]).json()["until"].is_string());
    assert_eq!(run(&["webhook", "rotate-key"]).json()["secrets"], 2);
    let doctor = terminal.run(&["doctor"]);
    assert!(doctor.out.contains("opens 2 secrets"), "{}", doctor.out);
    let disabled = terminal.run(&["webhook", "disable", id]);
    assert!(disabled.out.contains("disabled, asked"), "{}", disabled.out);
    assert_eq!(terminal.run(&["webhook", "remove", id]).code, 0);
    assert_eq!(terminal.run(&["webhook", "test", id]).code, 4);
    let signed = run(&["destination", "sign", "https://hooks.example"]).json();
    assert!(signed["secret"].as_str().unwrap().starts_with("whsec_"));
    fs::remove_file(terminal.folder().join("signing/secrets-key")).unwrap();
    let doctor = terminal.run(&["doctor"]);
    assert_eq!(doctor.code, 1);
    assert!(doctor.out.contains("put it back"), "{}", doctor.out);
}

#[test]
fn retention_is_set_foreseen_and_run_while_no_server_runs() {
    let terminal = Terminal::with_workspace();
    let listed = terminal.run(&["retention", "list"]);
    assert!(listed.out.contains("400 days"), "{}", listed.out);
    let set = ["retention", "set", "--days", "30", "--runs", "5", "--failed-days", "90"];
    let set = terminal.run(&set);
    assert!(set.out.contains("30 days or the last 5 runs"), "{}{}", set.out, set.err);
    assert!(set.out.contains("failed 90 days"), "{}", set.out);
    let nothing = terminal.run(&["retention", "set"]);
    assert_eq!(nothing.code, 2, "{}", nothing.err);
    let preview = terminal.run(&["retention", "preview", "--format", "json"]).json();
    assert_eq!(preview["due_runs"], 0);
    let preview = terminal.run(&["retention", "preview"]);
    assert!(preview.out.contains("The database weighs"), "{}", preview.out);
    let swept = terminal.run(&["retention", "run", "--format", "json"]).json();
    assert_eq!(swept["runs_pruned"], 0);
    assert_eq!(terminal.run(&["retention", "compact"]).code, 0);
}
