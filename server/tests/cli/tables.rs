//! Tables for people, narrow and wide, as they are kept in `snapshots/`; and a workspace with something in
//! every list.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpListener,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::documents::House;

const FAILS: &str = "\
key: fails
name: Fails
trigger: { kind: governed-event, type: failed }
subjects: { from: register, kind: account }
condition: subject.key == 'ACC-2'
action: { actioner: notify.http, with: { url: 'https://nowhere.example/' } }
budget: { cost: { fixed: 0.04 }, per-run: 10.00 }
";

const POLICY: &str = "\
key: not-the-second
name: Not the second
statement: It is under litigation.
effect: deny
rule: subject.key == 'ACC-9'
";

/// What there is one of.
pub struct Made {
    pub run: String,
    pub event: String,
    pub approval: String,
    pub incident: String,
    pub delivery: String,
    pub endpoint: String,
}

/// Puts something into every list.
pub fn furnish(house: &House) -> Made {
    let run = |arguments: &[&str]| {
        let done = house.terminal.run(&[arguments, &["--format", "json"]].concat());
        assert_eq!(done.code, 0, "{arguments:?}: {}", done.err);
        done.json()
    };
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    for (name, file) in [("fails.yaml", FAILS), ("policy.yaml", POLICY)] {
        fs::write(house.terminal.folder().join(name), file).unwrap();
    }
    run(&["apply", "fails.yaml"]);
    let heard = house.send("checked", &[]);
    let found = text(&heard["runs"][0]);
    let failed = text(&house.send("failed", &[])["runs"][0]);
    let asked = text(&house.send("asked", &["--subject", "account/ACC-1"])["runs"][0]);
    house.until(&found, |run| run["status"] == "completed");
    house.until(&failed, |run| run["status"] == "completed-with-failures");
    house.until(&asked, |run| run["counts"]["awaiting_approval"] == 1);
    run(&["kill", "--definition", "fails", "--reason", "It asks nowhere"]);
    run(&["policy", "apply", "policy.yaml"]);
    run(&["hold", "place", "--definition", "listens", "--reason", "A dispute"]);
    let receiver = receiver();
    run(&["destination", "allow", &receiver, "--private"]);
    run(&["destination", "sign", &receiver]);
    let webhook = ["webhook", "add", &receiver, "--name", "On call", "--event", "run.failed"];
    let webhook = text(&run(&webhook)["webhook"]["id"]);
    let delivery = text(&run(&["webhook", "test", &webhook])["id"]);
    let begun = Instant::now();
    while run(&["webhook", "delivery", &delivery])["delivery"]["state"] != "delivered" {
        assert!(begun.elapsed() < Duration::from_secs(30));
    }
    let inbound = ["inbound", "add", "Scanner", "--check", "github", "--kind", "monitor-result"];
    let of = ["--source", "scanner", "--type", "scan.finished", "--id-from", "digest"];
    let places = ["--subject-from", "account:/data/account", "--time-from", "/data/at"];
    let made = run(&[&inbound[..], &of, &places].concat());
    let auditor = ["--name", "Auditor", "--role", "auditor"];
    run(&[&["member", "add", "auditor@north.example"][..], &auditor].concat());
    let days = ["--from", "2026-07-01", "--to", "2026-09-30"];
    run(&[&["member", "window", "grant", "auditor@north.example"][..], &days].concat());
    Made {
        run: found,
        event: text(&heard["event"]["id"]),
        approval: text(&run(&["approvals", "list"])["data"][0]["id"]),
        incident: text(&run(&["incidents", "list"])["data"][0]["id"]),
        delivery,
        endpoint: text(&made["endpoint"]["id"]),
    }
}

/// The address of a receiver that takes whatever is sent.
fn receiver() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for mut connection in listener.incoming().map(Result::unwrap) {
            let _ = connection.read(&mut [0; 65_536]);
            let taken = "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";
            let _ = connection.write_all(taken.as_bytes());
        }
    });
    address
}

/// The tables are those that are kept.
pub fn are_kept(house: &House, made: &Made) {
    let lists: &[(&str, &[&str])] = &[
        ("runs_list", &["runs", "list", "--status", "completed"]),
        ("runs_show", &["runs", "show", &made.run]),
        ("runs_items", &["runs", "items", &made.run]),
        ("events_list", &["events", "list"]),
        ("records_list", &["records", "list", "account"]),
        ("automations_list", &["automations", "list"]),
        ("approvals_list", &["approvals", "list"]),
        ("incidents_list", &["incidents", "list"]),
        ("incidents_groups", &["incidents", "groups"]),
        ("incidents_show", &["incidents", "show", &made.incident]),
        ("budget_list", &["budget", "list"]),
        ("policy_list", &["policy", "list"]),
        ("price_list", &["price", "list"]),
        ("kill_list", &["kill", "--list"]),
        ("hold_list", &["hold", "list"]),
        ("destination_list", &["destination", "list"]),
        ("webhook_list", &["webhook", "list"]),
        ("webhook_deliveries", &["webhook", "deliveries"]),
        ("inbound_list", &["inbound", "list"]),
        ("inbound_show", &["inbound", "show", &made.endpoint]),
        ("member_list", &["member", "list"]),
        ("window_list", &["member", "window", "list"]),
        ("token_list", &["token", "list"]),
        ("audit_list", &["audit", "list", "--verb", "workspace.created"]),
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
            let is_table = name.ends_with("_list");
            let fits = |line: &str| !is_table || line.chars().count() <= columns;
            assert!(text.lines().all(fits), "{text}");
        }
    }
}

/// A text in which ids, times and ports are always the same, of the same length.
fn plain(text: &str) -> String {
    let plain = |word: &str| {
        let bare = word.trim_end_matches(',');
        let id = bare.len().checked_sub(30).filter(|at| bare.as_bytes()[at + 3] == b'_');
        let is_time =
            bare.starts_with("20") && bare.matches('-').count() == 2 || bare.ends_with('Z');
        match (id, is_time, bare.strip_prefix("http://127.0.0.1:")) {
            (Some(at), ..) => word.replace(&bare[at + 4..], &"0".repeat(26)),
            (_, true, _) => word.replace(|letter: char| letter.is_ascii_digit(), "0"),
            (_, _, Some(port)) => {
                word.replace(port, &port.replace(|letter: char| letter.is_ascii_digit(), "0"))
            }
            _ => word.to_owned(),
        }
    };
    let words = text.split_inclusive([' ', '\n']).map(|word| {
        let bare = word.trim_end_matches([' ', '\n']);
        plain(bare) + &word[bare.len()..]
    });
    words.collect()
}
