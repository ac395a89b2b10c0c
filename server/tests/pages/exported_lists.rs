//! Lists taken home over HTTP, and the brief.

use domain::{member::Role, permission::Permission};
use engine::services::{RecordFile, RecordFormat};
use http::Method;
use serde_json::{Value, json};

use crate::{
    approvals::asking::{ONE_APPROVER, asking, open, path as path_of},
    browser::{Answer, Browser},
    runs::{
        house::{House, RUNS, lacks, path, shows},
        receiver::Plan,
    },
};

const LISTS: &str = "/w/main/exports/lists";
const BRIEF: &str = "/w/main/governance/automation/brief";
const SCRIPT: &str = "</textarea><script>alert(1)</script>";

/// A run with an item that failed and one that succeeded.
async fn played() -> House {
    let house = House::new().await;
    house.delivering("kyc", "Weekly KYC review", "").await;
    house.accounts(&["A-1", "A-2"]).await;
    house.receiver.plan([Plan::Refuse(422)]);
    house.event("kyc", "1").await;
    house.settle().await;
    house
}

/// The lines of a JSONL export between what it is and its end.
fn rows(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let line = |line| serde_json::from_str(line).unwrap();
    let mut lines: Vec<Value> = answer.body.lines().map(line).collect();
    assert_eq!(lines.pop().unwrap()["end"]["rows"], lines.len() - 1);
    lines.split_off(1)
}

/// The address of a list in a format.
fn address(list: &str, format: &str) -> String {
    let join = if list.contains('?') { '&' } else { '?' };
    format!("{LISTS}/{list}{join}format={format}")
}

#[tokio::test]
async fn every_list_has_a_menu_that_keeps_its_filter_and_leads_to_its_file() {
    let house = played().await;
    let mut browser = house.browser(Role::Owner).await;
    let run = house.event("kyc", "2").await;
    house.settle().await;
    let automation = "/w/main/governance/automation";
    for (page, list, name) in [
        (format!("{RUNS}?status=failed&rows=25"), "runs?status=failed".to_owned(), "runs-"),
        (
            format!("{}?outcome=succeeded", path(run)),
            format!("items?run={run}&outcome=succeeded"),
            "items-run_",
        ),
        (
            format!("{automation}/approvals?status=dismissed"),
            "approvals?status=dismissed".to_owned(),
            "approvals-dismissed-",
        ),
        (
            "/w/main/registers/account?key=a-1".to_owned(),
            "records?kind=account&key=a-1".to_owned(),
            "records-account-",
        ),
        (
            "/w/main/audit-log?verb=run.created".to_owned(),
            "audit?verb=run.created".to_owned(),
            "audit-log-",
        ),
        (
            format!("{automation}/incidents?severity=high&definition=kyc"),
            "incidents?severity=high&definition=kyc".to_owned(),
            "incidents-",
        ),
        (format!("{automation}/events?matched=true"), "events?matched=true".to_owned(), "events-"),
        (
            "/w/main/settings/deliveries?state=failed".to_owned(),
            "deliveries?state=failed".to_owned(),
            "deliveries-",
        ),
    ] {
        let shown = browser.get(&page).await;
        let media =
            ["text/csv; charset=utf-8", "application/jsonl; charset=utf-8", "application/v"];
        for (format, media) in ["csv", "jsonl", "xlsx"].into_iter().zip(media) {
            let address = address(&list, format);
            shows(&shown, &[&format!("href=\"{}\"", address.replace('&', "&amp;"))]);
            let file = browser.get(&address).await;
            assert_eq!(file.status, 200, "{address}");
            assert!(file.header("content-type").starts_with(media), "{address}");
            let called = file.header("content-disposition");
            assert!(called.starts_with(&format!("attachment; filename=\"{name}")), "{called}");
            assert!(called.ends_with(&format!(".{format}\"")), "{called}");
            assert!(!file.body.is_empty());
        }
    }
}

#[tokio::test]
async fn a_file_says_what_it_is_and_has_the_rows_of_the_list() {
    let house = played().await;
    let mut browser = house.browser(Role::Viewer).await;
    let runs = browser.get(&address("runs?definition=kyc", "jsonl")).await;
    let head: Value = serde_json::from_str(runs.body.lines().next().unwrap()).unwrap();
    for (fact, said) in [
        ("list", "runs"),
        ("filter", "definition=kyc"),
        ("exported_by_name", "The viewer"),
        ("workspace_name", "Main"),
        ("exported_at", "2026-07-06T06:00:00.000000Z"),
    ] {
        assert_eq!(head["export"][fact], said);
    }
    let found = rows(&runs);
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0]["failed"], &found[0]["succeeded"]), (&json!(1), &json!(1)));
    assert_eq!(found[0]["duration_seconds"], 0.0);

    let csv = browser.get(&address("runs?definition=kyc", "csv")).await;
    assert_eq!(csv.body.lines().count(), 2);
    shows(&csv, &["exported by The viewer", "the JSONL export is the exact record"]);
    let filter = domain::audit::AuditFilter::default();
    let last = house.services.audit_entries(house.host, &filter, 1).await.unwrap();
    assert_eq!(last[0].payload.as_ref().unwrap()["format"], "csv");
}

#[tokio::test]
async fn a_compressed_file_comes_to_its_end() {
    let house = played().await;
    let mut browser = house.browser(Role::Viewer).await;
    for format in ["csv", "jsonl"] {
        let request = browser.request(Method::GET, &address("runs", format));
        let request = request.header("accept-encoding", "br");
        let answer = browser.send(request.body(axum::body::Body::empty()).unwrap()).await;
        assert_eq!((answer.status, answer.header("content-encoding")), (200, "br"));
        assert!(!answer.body.is_empty());
    }
}

#[tokio::test]
async fn what_an_export_does_not_know_is_refused_by_name() {
    let house = played().await;
    let mut browser = house.browser(Role::Viewer).await;
    const NOBODY: &str = "run=run_01k6xw3v5te8ds8yb3p96fx2kq";
    for (query, status, words) in [
        ("runs", 400, "format: expected csv, jsonl or xlsx"),
        ("runs?format=pdf", 400, "format"),
        ("runs?format=csv&colour=red", 400, "colour: there is no such filter"),
        ("runs?format=csv&definition=nobody", 400, "there is no definition"),
        ("items?format=csv", 400, "run: it has to be named"),
        (&format!("items?format=csv&{NOBODY}"), 404, "no such run"),
        (&format!("items?format=csv&{NOBODY}&outcome=queued"), 400, "outcome"),
        ("records?format=csv&kind=..%2F..", 400, "kind"),
        ("approvals?format=csv&status=maybe", 400, "status"),
        ("audit?format=csv", 403, "Not allowed"),
        ("passwords?format=csv", 404, "no such list"),
    ] {
        let answer = browser.get(&format!("{LISTS}/{query}")).await;
        assert_eq!(answer.status, status, "{query}: {}", answer.body);
        shows(&answer, &[words]);
    }
}

#[tokio::test]
async fn every_role_exports_what_it_reads_and_strangers_find_nothing() {
    let house = played().await;
    for &role in Role::ALL {
        let mut browser = house.browser(role).await;
        for (list, needed) in [
            ("runs", Permission::ViewRuns),
            ("approvals", Permission::ViewRuns),
            ("incidents", Permission::ViewRuns),
            ("events", Permission::ViewRuns),
            ("records?kind=account", Permission::ViewRuns),
            ("deliveries", Permission::ViewWebhooks),
            ("audit", Permission::ViewAuditLog),
        ] {
            let answer = browser.get(&address(list, "jsonl")).await;
            let expected = if domain::permission::allows(role, needed) { 200 } else { 403 };
            assert_eq!(answer.status, expected, "{role} {list}");
        }
        assert_eq!(browser.get(BRIEF).await.status, 200, "{role}");
    }
    let mut stranger = house.stranger().await;
    let run = house.event("kyc", "3").await;
    for address in [
        address("runs", "csv"),
        BRIEF.to_owned(),
        format!("/w/other/exports/lists/items?run={run}&format=csv"),
    ] {
        assert_eq!(stranger.get(&address).await.status, 404, "{address}");
    }
    let theirs = stranger.get("/w/other/exports/lists/runs?format=jsonl").await;
    assert!(rows(&theirs).is_empty());
}

/// Keys that a spreadsheet, a file system or a terminal might take for something else.
const KEYS: [&str; 5] = ["=cmd()", "@sum", "..\\..\\passwd", "\u{202e}gpj.exe", "+1"];

/// A house whose records and definitions are called such things.
async fn hostile(long: &str) -> House {
    let house = House::new().await;
    house.delivering("kyc", SCRIPT, "").await;
    let record = |key| json!({"key": key, "status": "active", "note": long, "name": SCRIPT});
    let lines: Vec<String> = KEYS.iter().map(|key| record(key).to_string()).collect();
    let file = RecordFile {
        name: "=cmd().ndjson".into(),
        format: RecordFormat::Ndjson,
        kind: Some("account".into()),
    };
    let text = std::io::Cursor::new(lines.join("\n").into_bytes());
    house.services.import_records(house.host, file, text).await.unwrap();
    house.receiver.plan([Plan::Refuse(422)]);
    house
}

#[tokio::test]
async fn hostile_names_go_through_every_export_and_the_brief_as_text() {
    let long = "x".repeat(10_000);
    let house = hostile(&long).await;
    let run = house.event("kyc", "1").await;
    house.settle().await;
    let mut browser = house.browser(Role::Owner).await;
    let items = format!("items?run={run}");
    for list in ["runs", &items, "incidents", "events", "records?kind=account", "audit"] {
        // Every export of the log is itself an entry of the next one.
        let more = usize::from(list == "audit");
        let found = rows(&browser.get(&address(list, "jsonl")).await);
        assert!(!found.is_empty(), "{list}");
        let csv = browser.get(&address(list, "csv")).await;
        let mut reader = csv::Reader::from_reader(csv.body.as_bytes());
        let read: Vec<_> = reader.records().map(Result::unwrap).collect();
        assert_eq!(read.len(), found.len() + more, "{list}");
        for field in read.iter().flatten() {
            assert!(!field.starts_with(['=', '+', '-', '@', '\t', '\r']), "{field}");
        }
        let sheet = sheet(&house, &browser, &address(list, "xlsx")).await;
        assert!(!sheet.contains("<script") && !sheet.contains("<f>"), "{list}");
        assert_eq!(sheet.matches("<row ").count(), read.len() + 1 + more, "{list}");
    }
    let records = rows(&browser.get(&address("records?kind=account", "jsonl")).await);
    let mut found: Vec<_> = records.iter().map(|row| row["key"].as_str().unwrap()).collect();
    let mut expected = KEYS.to_vec();
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected);
    assert!(records.iter().all(|row| row["attributes"]["note"] == long.as_str()));

    let brief = browser.get(&format!("{BRIEF}?from=2026-07-01&to=2026-09-30")).await;
    assert_eq!(brief.status, 200);
    shows(&brief, &["&lt;script&gt;alert"]);
    lacks(&brief, &["<script>alert", " style=", " onclick="]);
}

#[tokio::test]
async fn a_hostile_reason_goes_through_the_export_of_approvals_as_text() {
    let (house, _) = asking(ONE_APPROVER, &["A-1"]).await;
    let approval = &open(&house).await[0];
    let mut browser = house.browser(Role::Approver).await;
    let reason = format!("=cmd()\u{202e}{SCRIPT}");
    let fields = [
        ("verdict", "dismiss"),
        ("reason", reason.as_str()),
        ("action_digest", approval.action_digest.as_str()),
    ];
    assert_eq!(browser.post(&path_of(approval), &fields).await.status, 303);
    let list = "approvals?status=dismissed";
    let found = rows(&browser.get(&address(list, "jsonl")).await);
    assert!(found[0].to_string().contains("=cmd()"), "{}", found[0]);
    let csv = browser.get(&address(list, "csv")).await;
    let mut reader = csv::Reader::from_reader(csv.body.as_bytes());
    let read: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert!(read.iter().flatten().any(|field| field.contains("=cmd()")));
    assert!(read.iter().flatten().all(|field| !field.starts_with('=')));
    let sheet = sheet(&house, &browser, &address(list, "xlsx")).await;
    assert!(sheet.contains("=cmd()") && !sheet.contains("<script") && !sheet.contains("<f>"));
}

/// The first sheet of an export.
async fn sheet(house: &House, browser: &Browser, address: &str) -> String {
    use std::io::Read as _;

    use tower::ServiceExt as _;
    // As browsers ask; what is packed already is not packed again.
    let request = browser.request(Method::GET, address).header("accept-encoding", "gzip, br");
    let request = request.body(axum::body::Body::empty()).unwrap();
    let answer = house.routes.clone().oneshot(request).await.unwrap();
    assert!(!answer.headers().contains_key("content-encoding"));
    let bytes = axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    assert!(archive.file_names().all(|name| !name.unwrap().contains("..")));
    let mut text = String::new();
    archive.by_name("xl/worksheets/sheet1.xml").unwrap().read_to_string(&mut text).unwrap();
    text
}

#[tokio::test]
async fn the_brief_has_the_numbers_of_the_list_with_the_same_filter() {
    let house = played().await;
    house.event("kyc", "2").await;
    house.settle().await;
    let mut browser = house.browser(Role::Auditor).await;
    let days = "from=2026-07-01&to=2026-09-30";
    let brief = browser.get(&format!("{BRIEF}?{days}")).await;
    shows(&brief, &["Brief Q3 2026", "Weekly KYC review", "still failed", "the host"]);
    shows(&brief, &["Root of the tree"]);
    let listed = rows(&browser.get(&address(&format!("runs?{days}"), "jsonl")).await);
    let sum = |name: &str| listed.iter().map(|row| row[name].as_i64().unwrap()).sum::<i64>();
    for (label, n) in [
        ("Runs", 2),
        ("Items", sum("subjects_matched")),
        ("Actions", sum("actions_invoked")),
        ("Failed", sum("failed")),
    ] {
        let shown = &brief.body[brief.body.find(&format!("<dt>{label}</dt>")).unwrap()..];
        let shown = &shown[shown.find("<dd>").unwrap() + 4..];
        assert_eq!(&shown[..shown.find('<').unwrap()], n.to_string(), "{label}");
    }
    assert_eq!(listed.len(), 2);
    // Whoever may not read the log is not shown its root.
    let viewer = house.browser(Role::Viewer).await.get(BRIEF).await;
    lacks(&viewer, &["Root of the tree"]);
}

#[tokio::test]
async fn a_brief_of_nothing_says_so_and_a_period_has_two_ends() {
    let house = played().await;
    let mut browser = house.browser(Role::Viewer).await;
    // Without days it is the last quarter that is over.
    let brief = browser.get(BRIEF).await;
    shows(&brief, &["Brief Q2 2026", "No run started in this period"]);
    shows(&brief, &["No item of these runs failed", "No definition was changed"]);
    for (query, words) in [
        ("from=2026-07-01", "to: a period has a last day"),
        ("from=2026-09-30&to=2026-07-01", "the last day is before the first"),
        ("from=today&to=2026-07-01", "expected a day"),
        ("colour=red", "colour"),
    ] {
        let answer = browser.get(&format!("{BRIEF}?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        shows(&answer, &[words]);
    }
}
