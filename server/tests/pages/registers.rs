//! Registers and records, over HTTP.

use domain::{item::ItemState, member::Role, record::RecordRef};
use engine::services::{RecordFile, RecordFormat};
use serde_json::{Value, json};

use crate::{
    approvals::list::link_called,
    runs::house::{House, item_path, lacks, shows, times},
};

const REGISTERS: &str = "/w/main/registers";

async fn import(house: &House, kind: &str, records: &[Value]) {
    let lines: Vec<String> = records.iter().map(Value::to_string).collect();
    let file = RecordFile {
        name: "test.ndjson".into(),
        format: RecordFormat::Ndjson,
        kind: Some(kind.into()),
    };
    let text = std::io::Cursor::new(lines.join("\n").into_bytes());
    house.services.import_records(house.host, file, text).await.unwrap();
}

/// An automation that opens a finding about the account an event is about.
async fn finding(house: &House) {
    house
        .apply(
            "key: aml\nname: AML monitor failure\ntrigger: { kind: governed-event, type: aml }\n\
             subjects: { from: event, kind: account }\naction:\n  actioner: findings.create\n  \
             with: { key: FND-7, title: 'Alert on {{ subject.key }}', severity: high }\n",
        )
        .await;
}

#[tokio::test]
async fn a_workspace_without_records_says_how_they_get_in() {
    let house = House::new().await;
    let page = house.browser(Role::Viewer).await.get(REGISTERS).await;
    shows(&page, &["No records yet", "assize import --workspace main --kind account"]);
}

#[tokio::test]
async fn every_register_is_listed_with_its_size() {
    let house = House::new().await;
    house.accounts(&["A-1", "A-2"]).await;
    import(&house, "evidence-request", &[json!({"key": "E-1"})]).await;
    let page = house.browser(Role::Viewer).await.get(REGISTERS).await;
    shows(&page, &["Accounts", "Evidence requests", "/w/main/registers/evidence-request\""]);
    shows(&page, &["link-card-figure\">2<", "link-card-figure\">1<"]);
}

#[tokio::test]
async fn a_register_shows_what_tells_records_apart_and_finds_them_by_key() {
    let house = House::new().await;
    let about = json!({"kind": "account", "key": "A-1"});
    import(
        &house,
        "finding",
        &[
            json!({"key": "F-1", "title": "First", "severity": "high", "about": about}),
            json!({"key": "F-2", "title": "Second", "severity": "low", "notes": ["x"]}),
        ],
    )
    .await;
    let mut browser = house.browser(Role::Viewer).await;
    let page = browser.get(&format!("{REGISTERS}/finding")).await;
    shows(&page, &["First", "Second", "Severity", "/w/main/registers/account/A-1"]);
    lacks(&page, &[">Notes<"]);
    let found = browser.get(&format!("{REGISTERS}/finding?key=f-2")).await;
    shows(&found, &["Second", "Key contains"]);
    lacks(&found, &["First"]);
    let nothing = browser.get(&format!("{REGISTERS}/finding?key=%25")).await;
    shows(&nothing, &["No key contains “%”", "All records"]);
    let empty = browser.get(&format!("{REGISTERS}/review")).await;
    shows(&empty, &["There are no reviews"]);
}

#[tokio::test]
async fn a_long_register_has_pages() {
    let house = House::new().await;
    let keys: Vec<String> = (0..70).map(|n| format!("A-{n:03}")).collect();
    house.accounts(&keys.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let mut browser = house.browser(Role::Viewer).await;
    let first = browser.get(&format!("{REGISTERS}/account?key=A-")).await;
    let second = browser.get(&link_called(&first.body, "Older")).await;
    assert_eq!(times(&first, "data-table-link"), 50);
    assert_eq!(times(&second, "data-table-link"), 20);
    shows(&second, &["Key contains"]);
    // A page marker fits the list it was made for and no other.
    let other = link_called(&first.body, "Older").replace("key=A-", "key=A-0");
    assert_eq!(browser.get(&other).await.status, 400);
}

#[tokio::test]
async fn a_record_shows_its_attributes_whatever_their_structure() {
    let house = House::new().await;
    let deep = json!({"a": {"b": {"c": {"d": [1, {"e": true}]}}}});
    import(
        &house,
        "supplier",
        &[json!({
            "key": "S-1",
            "name": "Granite & Sons",
            "critical": true,
            "contacts": [{"kind": "account", "key": "A-1"}, "by post"],
            "address": {"city": "Springfield", "lines": []},
            "deep": deep,
            "gone": null,
        })],
    )
    .await;
    let page = house.browser(Role::Viewer).await.get(&format!("{REGISTERS}/supplier/S-1")).await;
    assert_eq!(page.status, 200);
    shows(&page, &["Granite &amp; Sons", ">yes<", "/w/main/registers/account/A-1", "by post"]);
    shows(&page, &["City", "Springfield", "As stored", "Imported", "Revision"]);
    shows(&page, &["No automation has acted on this record"]);
}

#[tokio::test]
async fn a_record_leads_to_everything_automation_did_about_it() {
    let house = House::new().await;
    house.accounts(&["A-1"]).await;
    finding(&house).await;
    let account = RecordRef { kind: "account".into(), key: "A-1".into() };
    let run = house.tell("aml", "1", account, json!({})).await;
    house.settle().await;
    let item = &house.items(run).await[0];
    assert_eq!(item.state, ItemState::Succeeded);
    let mut browser = house.browser(Role::Viewer).await;
    let subject = browser.get(&format!("{REGISTERS}/account/A-1")).await;
    shows(&subject, &["AML monitor failure", "findings.create", "this record", "Succeeded"]);
    shows(&subject, &[&item_path(run, item.id), "/w/main/registers/finding/FND-7"]);
    let result = browser.get(&format!("{REGISTERS}/finding/FND-7")).await;
    shows(&result, &["Brought about by", &item_path(run, item.id), "this record"]);
    shows(&result, &["Alert on A-1", "/w/main/registers/account/A-1"]);
}

#[tokio::test]
async fn keys_of_every_script_are_addresses_and_stay_words() {
    let house = House::new().await;
    let keys = [
        "Fernández & Söhne (Überweisung) 株式会社",
        "100 % sure?",
        "a#b",
        "x+y=z&q",
        "<img src=x onerror=alert(1)>",
    ];
    house.accounts(&keys).await;
    let mut browser = house.browser(Role::Viewer).await;
    let list = browser.get(&format!("{REGISTERS}/account")).await;
    lacks(&list, &["<img src"]);
    for key in keys {
        let path = format!("{REGISTERS}/account/{}", domain::filter::encode(key));
        shows(&list, &[&format!("href=\"{path}\"")]);
        let page = browser.get(&path).await;
        assert_eq!(page.status, 200, "{key}");
        lacks(&page, &["<img src"]);
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let house = House::new().await;
    house.accounts(&["A-1"]).await;
    let mut browser = house.browser(Role::Owner).await;
    for (path, status) in [
        ("account/A-2", 404),
        ("finding/A-1", 404),
        ("Not%20a%20kind", 404),
        ("account?page=2", 400),
        ("account?after=x", 400),
        ("account/A-1?x=1", 400),
    ] {
        assert_eq!(browser.get(&format!("{REGISTERS}/{path}")).await.status, status, "{path}");
    }
    let mut stranger = house.stranger().await;
    assert_eq!(stranger.get(&format!("{REGISTERS}/account/A-1")).await.status, 404);
    assert_eq!(stranger.get("/w/other/registers/account/A-1").await.status, 404);
    lacks(&stranger.get("/w/other/registers").await, &["Accounts"]);
}
