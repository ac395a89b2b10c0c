//! One run: what is said first, its items, and its address.

use domain::{member::Role, record::RecordRef};
use serde_json::json;

use super::{
    house::{House, RUNS, lacks, path, shows, times},
    receiver::Plan,
};

#[tokio::test]
async fn what_failed_comes_first_with_its_cause_and_whether_a_retry_is_safe() {
    let house = House::new().await;
    house.delivering("kyc", "Weekly KYC review", "").await;
    house.accounts(&["A-1", "A-2", "A-3"]).await;
    house.receiver.plan([Plan::Refuse(503), Plan::Refuse(422)]);
    let run = house.event("kyc", "1").await;
    house.settle().await;
    let answer = house.browser(Role::Operator).await.get(&path(run)).await;
    assert_eq!(answer.status, 200);
    shows(
        &answer,
        &[
            "Completed with failures",
            "2 items failed",
            "http-503",
            "http-422",
            "safe to retry",
            "pointless to retry as it stands",
            "Look at the retry plan",
            "evidence.request-claim",
            "keyed-remote",
            "severity",
            "subject.status == ",
        ],
    );
    let causes = answer.body.find("run-causes").unwrap();
    assert!(causes < answer.body.find("Trigger event").unwrap(), "failures come first");
}

#[tokio::test]
async fn items_are_filtered_by_outcome_and_passed_through_by_position() {
    let house = House::new().await;
    house.delivering("kyc", "Weekly KYC review", "").await;
    let keys: Vec<String> = (0..120).map(|n| format!("A-{n:03}")).collect();
    house.accounts(&keys.iter().map(String::as_str).collect::<Vec<_>>()).await;
    house.receiver.plan([Plan::Refuse(503)]);
    let run = house.event("kyc", "1").await;
    house.settle().await;
    let mut browser = house.browser(Role::Viewer).await;
    let rows = |answer: &_| times(answer, "data-label=\"Attempt\"");
    let all = browser.get(&path(run)).await;
    assert_eq!(rows(&all), 50);
    shows(&all, &["Next items", "after=49#items"]);
    let last = browser.get(&format!("{}?after=99", path(run))).await;
    assert_eq!(rows(&last), 20);
    shows(&last, &["First items"]);
    lacks(&last, &["Next items"]);
    let failed = browser.get(&format!("{}?outcome=failed", path(run))).await;
    assert_eq!(rows(&failed), 1);
    shows(&failed, &["http-503"]);
    let none = browser.get(&format!("{}?outcome=skipped", path(run))).await;
    shows(&none, &["No item has this outcome now."]);
    for (query, words) in [
        ("outcome=perhaps", "expected one of: failed, awaiting-approval, open"),
        ("after=-1", "expected a whole number from 0"),
        ("colour=red", "this page does not know it"),
    ] {
        let answer = browser.get(&format!("{}?{query}", path(run))).await;
        assert_eq!(answer.status, 400, "{query}");
        shows(&answer, &[words]);
    }
}

#[tokio::test]
async fn a_run_is_found_by_both_forms_of_its_id_and_by_members_of_its_workspace_alone() {
    let house = House::new().await;
    house.delivering("kyc", "Weekly KYC review", "").await;
    house.accounts(&["A-1"]).await;
    let run = house.event("kyc", "1").await;
    house.settle().await;
    let item = house.items(run).await[0].id;
    let mut browser = house.browser(Role::Viewer).await;
    for id in [run.to_string(), run.uuid().to_string()] {
        assert_eq!(browser.get(&format!("{RUNS}/{id}")).await.status, 200, "{id}");
    }
    for (status, address, words) in [
        (400, "nonsense".to_owned(), "is no run id; expected run_"),
        (400, format!("{run}x"), "is no run id"),
        (400, item.to_string(), "is no run id"),
        (400, format!("{run}/items/nonsense"), "is no run item id; expected itm_"),
        (404, format!("{run}/items/{}", run.uuid()), "no such run item"),
        (404, "run_01kx0000000000000000000000".to_owned(), "no such run"),
        (404, "run_01kx0000000000000000000000/retry".to_owned(), "no such run"),
        (404, "run_01kx0000000000000000000000/cancel".to_owned(), "no such run"),
        (400, "nonsense/retry".to_owned(), "is no run id"),
    ] {
        let answer = browser.get(&format!("{RUNS}/{address}")).await;
        assert_eq!(answer.status, status, "{address}");
        shows(&answer, &[words]);
    }
    let mut stranger = house.stranger().await;
    let elsewhere = RUNS.replace("/w/main/", "/w/other/");
    for address in ["", "/retry", "/cancel", "/close", &format!("/items/{item}")] {
        let own = stranger.get(&format!("{elsewhere}/{run}{address}")).await;
        assert_eq!(own.status, 404, "{address}");
        let theirs = stranger.get(&format!("{RUNS}/{run}{address}")).await;
        assert_eq!(theirs.status, 404, "{address}");
    }
    for act in ["retry", "cancel", "close"] {
        let fields = [("reason", "because"), ("plan", "x")];
        let answer = stranger.post(&format!("{elsewhere}/{run}/{act}"), &fields).await;
        assert_eq!(answer.status, 404, "{act}");
    }
}

#[tokio::test]
async fn a_run_that_could_not_proceed_says_why() {
    let house = House::new().await;
    house
        .apply(
            "key: broken\nname: Broken\ntrigger: { kind: governed-event, type: broken }\n\
             subjects: { from: register, kind: account }\ncondition: subject.nothing.here == 1\n\
             action: { actioner: findings.create, with: { title: x, severity: low } }\n",
        )
        .await;
    house.accounts(&["A-1"]).await;
    let run = house.event("broken", "1").await;
    house.settle().await;
    let answer = house.browser(Role::Viewer).await.get(&path(run)).await;
    shows(
        &answer,
        &["The run as a whole could not proceed", "condition-does-not-evaluate", "Failed"],
    );
}

#[tokio::test]
async fn hostile_events_are_text() {
    let house = House::new().await;
    house.delivering("kyc", "Weekly KYC review", "").await;
    let key = "<img src=x onerror=alert(1)>";
    house.accounts(&[key, "B & C"]).await;
    let payload = json!({"note": "</code><script>alert(2)</script>"});
    let subject = RecordRef { kind: "account".into(), key: key.into() };
    let run = house.tell("kyc", "\"><svg onload=alert(3)>", subject, payload).await;
    house.settle().await;
    let answer = house.browser(Role::Viewer).await.get(&path(run)).await;
    assert_eq!(answer.status, 200);
    lacks(&answer, &["<img src=x", "<script>alert", "<svg onload"]);
    shows(&answer, &["%3Cimg%20src%3Dx%20onerror%3Dalert%281%29%3E", "B &amp; C"]);
}
