//! Files of records over the API.

use domain::member::Role;

use crate::house::{AT, House};

/// Larger than any other body may be.
fn large(rows: usize) -> String {
    let wide = "x".repeat(20_000);
    let rows: String = (0..rows).map(|row| format!("K-{row},{wide}\n")).collect();
    format!("key,text\n{rows}")
}

#[tokio::test]
async fn a_file_of_many_mebibytes_is_taken_in_and_known_again_by_its_key() {
    let house = House::new().await;
    let operator = house.client(Role::Operator).await;
    let text = large(450);
    assert!(text.len() > 8 * 1024 * 1024);
    let path = format!("{AT}/registers/account/import");
    let headers = [("idempotency-key", "file-1"), ("content-type", "text/csv")];
    let send = |text: String| {
        operator.send(http::Method::POST, &path, &headers, axum::body::Body::from(text))
    };
    let first = send(text.clone()).await;
    let done = first.json();
    assert_eq!((first.status, &done["created"], &done["refused"]), (200, &450.into(), &0.into()));
    let again = send(text.clone()).await;
    assert_eq!((again.header("idempotent-replayed"), again.json()), ("true", done));
    assert_eq!(send(text + "L,1\n").await.problem(422)["code"], "idempotency-key-reused");
}

#[tokio::test]
async fn a_file_is_all_or_nothing_or_as_much_as_can_be_used() {
    let house = House::new().await;
    let operator = house.client(Role::Operator).await;
    let text = "{\"key\": \"A\"}\n{\"key\": 7}\n{\"key\": \"B\", \"kind\": \"supplier\"}\n";
    let path = format!("{AT}/records/import?kind=account&file=a.ndjson");
    let refused = operator.text(&path, "application/x-ndjson", text).await.problem(422);
    assert_eq!(refused["errors"][0]["detail"], "a.ndjson:2 key: it is not a text");
    let listed = operator.get(&format!("{AT}/registers/account")).await.ok(200);
    assert_eq!(listed["data"], serde_json::json!([]), "nothing of it");
    let path = format!("{path}&mode=best-effort");
    let done = operator.text(&path, "application/x-ndjson", text).await.ok(200);
    assert_eq!((&done["created"], &done["refused"]), (&2.into(), &1.into()));
    assert_eq!(done["errors"], serde_json::json!(["a.ndjson:2 key: it is not a text"]));
    operator.get(&format!("{AT}/registers/supplier/B")).await.ok(200);
    let wrong = path.replace("best-effort", "perhaps");
    operator.text(&wrong, "application/x-ndjson", text).await.problem(400);
}

#[tokio::test]
async fn whoever_may_not_import_is_refused_before_the_file_is_read() {
    let house = House::new().await;
    let viewer = house.client(Role::Viewer).await;
    let path = format!("{AT}/registers/account/import");
    let endless = futures::stream::pending::<Result<Vec<u8>, std::io::Error>>();
    let headers = [("idempotency-key", "file-1"), ("content-type", "text/csv")];
    let body = axum::body::Body::from_stream(endless);
    let answer = viewer.send(http::Method::POST, &path, &headers, body).await;
    assert_eq!(answer.problem(403)["code"], "not-allowed");
}
