//! The list of approvals.

use domain::member::Role;

use super::asking::{APPROVALS, ONE_APPROVER, asking, open, path};
use crate::runs::house::{House, lacks, shows, times};

#[tokio::test]
async fn an_empty_list_says_why_for_every_status() {
    let house = House::new().await;
    let mut browser = house.browser(Role::Viewer).await;
    shows(&browser.get(APPROVALS).await, &["Nothing waits for a decision"]);
    for (status, words) in [
        ("approved", "Nothing was approved yet"),
        ("dismissed", "Nothing was dismissed yet"),
        ("expired", "Nothing has expired yet"),
        ("withdrawn", "Nothing was withdrawn yet"),
    ] {
        let page = browser.get(&format!("{APPROVALS}?status={status}")).await;
        assert_eq!(page.status, 200);
        shows(&page, &[words, "aria-current=\"page\""]);
    }
}

#[tokio::test]
async fn every_row_says_what_is_asked_about_what_by_whom_and_until_when() {
    let (house, _) = asking(ONE_APPROVER, &["A-1", "A-2"]).await;
    let waiting = open(&house).await;
    let page = house.browser(Role::Approver).await.get(APPROVALS).await;
    shows(&page, &["evidence.request-claim", "/w/main/registers/account/A-2", "Rule intake"]);
    shows(
        &page,
        &["then dismissed", "0 of 1", "before acting", "2026-07-08 06:00", &path(&waiting[0])],
    );
    // The navigation says how many wait.
    shows(&page, &["2</span><span class=\"visually-hidden\"> waiting"]);
    assert_eq!(times(&page, "type=\"checkbox\""), 2);
}

#[tokio::test]
async fn a_long_list_has_pages_and_each_approval_stands_on_one_of_them() {
    let keys: Vec<String> = (1..=60).map(|n| format!("A-{n:03}")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let (house, _) = asking(ONE_APPROVER, &keys).await;
    let mut browser = house.browser(Role::Approver).await;
    let first = browser.get(APPROVALS).await;
    assert_eq!(times(&first, "type=\"checkbox\""), 50);
    let next = link_called(&first.body, "Next");
    let second = browser.get(&next).await;
    assert_eq!(times(&second, "type=\"checkbox\""), 10);
    let back = browser.get(&link_called(&second.body, "Back")).await;
    assert_eq!(times(&back, "type=\"checkbox\""), 50);
    for key in keys {
        let link = format!("/registers/account/{key}\"");
        assert_eq!(times(&first, &link) + times(&second, &link), 1, "{key}");
    }
    let all = browser.get(&format!("{APPROVALS}?select=all")).await;
    assert_eq!(times(&all, " checked"), 50);
    assert_eq!(browser.get(&next.replace("after=a", "after=b")).await.status, 400);
}

/// The address of the button-like link with this name.
pub fn link_called(body: &str, name: &str) -> String {
    let end = body.find(&format!("{name}<")).or_else(|| body.find(&format!("{name}</a"))).unwrap();
    let start = body[..end].rfind("<a href=\"").unwrap() + 9;
    let length = body[start..].find('"').unwrap();
    body[start..start + length].replace("&amp;", "&")
}

#[tokio::test]
async fn what_the_address_says_wrong_is_named() {
    let house = House::new().await;
    let mut browser = house.browser(Role::Viewer).await;
    for (query, word) in [
        ("status=late", "status"),
        ("after=x", "after"),
        ("page=2", "page"),
        ("status=open&select=some", "select"),
    ] {
        let answer = browser.get(&format!("{APPROVALS}?{query}")).await;
        if query.contains("select") {
            // Nothing is listed, so nothing is selected.
            assert_eq!(answer.status, 200, "{query}");
            continue;
        }
        assert_eq!(answer.status, 400, "{query}");
        shows(&answer, &[&format!("{word}:")]);
    }
}

#[tokio::test]
async fn hostile_words_stay_words() {
    let hostile = "<script>alert(1)<i>";
    let (house, _) = asking(ONE_APPROVER, &[hostile, "\"><img src=x onerror=y>"]).await;
    let mut browser = house.browser(Role::Approver).await;
    let list = browser.get(APPROVALS).await;
    lacks(&list, &["<script>alert", "<img src"]);
    shows(&list, &["&lt;script&gt;alert(1)"]);
    for approval in open(&house).await {
        let page = browser.get(&path(&approval)).await;
        lacks(&page, &["<script>alert", "<img src"]);
        let digest = approval.action_digest.as_str();
        let reason = "</textarea><script>alert(2)</script>";
        let sent = browser
            .post(
                &path(&approval),
                &[
                    ("verdict", "approve"),
                    ("reason", reason),
                    ("action_digest", "0"),
                    ("x", digest),
                ],
            )
            .await;
        assert_eq!(sent.status, 409);
        lacks(&sent, &["<script>alert"]);
        shows(&sent, &["&lt;/textarea&gt;&lt;script&gt;alert(2)"]);
    }
}
