//! Records, definitions, destinations, runs, and the server itself.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, Command, Stdio},
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
    assert_eq!(listed["runs"].as_array().unwrap().len(), 0);
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

/// A server under test; it is ended whatever happens.
struct Server {
    process: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStderr>>,
}

impl Server {
    fn start(terminal: &Terminal) -> Self {
        let mut command = terminal.command(&["serve", "--listen", "127.0.0.1:0"]);
        let mut process = command.stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(process.stderr.take().unwrap()).lines();
        Self { process, lines }
    }

    fn line_with(&mut self, words: &str) -> String {
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
