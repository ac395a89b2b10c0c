//! The list: filters, pages, groups and empty states.

use chrono::TimeDelta;
use domain::member::Role;

use super::{
    house::{House, RUNS, lacks, path, shows, times},
    receiver::Plan,
};
use crate::browser::Answer;

/// Where the link with these words leads: the last address before the words.
fn href_before(answer: &Answer, words: &str) -> String {
    let end = answer.body.find(words).unwrap_or_else(|| panic!("{words} in {}", answer.body));
    let before = &answer.body[..end];
    let start = before.rfind("href=\"/").unwrap() + 6;
    let length = before[start..].find('"').unwrap();
    before[start..start + length].replace("&amp;", "&")
}

/// Rows of the list.
fn rows(answer: &Answer) -> usize {
    times(answer, "data-label=\"Outcomes\"")
}

async fn two_definitions() -> House {
    let house = House::new().await;
    house.delivering("kyc", "Weekly KYC review", "").await;
    house.delivering("aml", "AML monitor failure", "").await;
    house.accounts(&["A-1", "A-2"]).await;
    house.event("kyc", "1").await;
    house.settle().await;
    house.clock.advance(TimeDelta::days(1));
    house.receiver.plan([Plan::Refuse(422)]);
    house.event("kyc", "2").await;
    house.settle().await;
    house.clock.advance(TimeDelta::days(1));
    house.event("aml", "3").await;
    house.settle().await;
    house
}

#[tokio::test]
async fn runs_are_listed_newest_first_and_filtered_by_what_the_address_says() {
    let house = two_definitions().await;
    let mut browser = house.browser(Role::Viewer).await;
    let all = browser.get(RUNS).await;
    assert_eq!((all.status, rows(&all)), (200, 3), "{}", all.body);
    let place = |name: &str| all.body.find(&format!("runs-name\">{name}")).unwrap();
    assert!(place("AML monitor failure") < place("Weekly KYC review"));
    for (query, found) in [
        ("definition=kyc", 2),
        ("definition=kyc&definition=aml", 3),
        ("status=completed-with-failures", 1),
        ("status=completed&definition=kyc", 1),
        ("trigger=governed-event", 3),
        ("from=2026-07-07&to=2026-07-07", 1),
        ("from=2026-07-07", 2),
        ("by=completed&order=oldest&to=2026-07-06", 1),
        ("status=&from=&to=&by=started&order=newest", 3),
    ] {
        let answer = browser.get(&format!("{RUNS}?{query}")).await;
        assert_eq!((answer.status, rows(&answer)), (200, found), "{query}");
    }
}

#[tokio::test]
async fn what_a_filter_does_not_know_is_refused_by_name() {
    let house = two_definitions().await;
    let mut browser = house.browser(Role::Viewer).await;
    for (query, words) in [
        ("colour=red", "colour: there is no such filter"),
        ("status=done", "completed-with-failures"),
        ("trigger=moon", "trigger"),
        ("definition=nobody", "there is no definition with the key"),
        ("definition=%3Cscript%3E", "expected the key of a definition"),
        ("from=yesterday", "expected a day such as 2026-09-30"),
        ("from=2026-07-09&to=2026-07-01", "the last day is before the first"),
        ("group=month", "group: expected definition"),
        ("rows=7", "rows: expected 25, 50 or 100"),
        ("after=nonsense", "does not belong to this list"),
        ("status=failed&before=nonsense", "does not belong to this list"),
    ] {
        let answer = browser.get(&format!("{RUNS}?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        shows(&answer, &[words, "All runs", "Skip to content"]);
    }
    let kept = browser.get(&format!("{RUNS}?status=failed&after=nonsense")).await;
    shows(&kept, &["First page of this filter", "runs?status=failed\""]);
}

#[tokio::test]
async fn active_filters_are_chips_that_can_be_taken_away() {
    let house = two_definitions().await;
    let mut browser = house.browser(Role::Viewer).await;
    let answer = browser.get(&format!("{RUNS}?definition=kyc&status=completed&rows=25")).await;
    let without = href_before(&answer, "Remove filter Status: Completed");
    assert_eq!(without, format!("{RUNS}?definition=kyc&rows=25"));
    shows(&answer, &["Clear all", "Weekly KYC review"]);
    let clear = href_before(&answer, "Clear all");
    assert_eq!(clear, format!("{RUNS}?rows=25"));
    assert_eq!(rows(&browser.get(&clear).await), 3);
}

#[tokio::test]
async fn pages_lead_on_and_back_without_losing_or_repeating_a_run() {
    let house = House::new().await;
    house.delivering("kyc", "Weekly KYC review", "").await;
    for n in 0..60 {
        house.event("kyc", &n.to_string()).await;
        house.clock.advance(TimeDelta::minutes(1));
    }
    house.settle().await;
    let mut browser = house.browser(Role::Auditor).await;
    let first = browser.get(&format!("{RUNS}?rows=25")).await;
    assert_eq!(rows(&first), 25);
    lacks(&first, &["before="]);
    let second = browser.get(&href_before(&first, "Older")).await;
    assert_eq!((second.status, rows(&second)), (200, 25));
    let third = browser.get(&href_before(&second, "Older")).await;
    assert_eq!(rows(&third), 10);
    lacks(&third, &["rows=25&amp;after="]);
    let back = browser.get(&href_before(&third, "Newer")).await;
    assert_eq!(rows(&back), 25);
    let start = browser.get(&href_before(&back, "Newer")).await;
    assert_eq!(rows(&start), 25);
    lacks(&start, &["before="]);

    // Sorted the other way round, the next page is the newer one.
    let oldest = browser.get(&format!("{RUNS}?rows=25&order=oldest")).await;
    let newer = browser.get(&href_before(&oldest, "Newer")).await;
    assert_eq!(rows(&newer), 25);

    // A cursor fits its own filter alone, and no link that changes the filter carries it.
    let cursor = href_before(&first, "Older");
    let alien = browser.get(&format!("{cursor}&status=completed")).await;
    assert_eq!(alien.status, 400);
    let second = browser.get(&cursor).await;
    let view = href_before(&second, "With failures");
    assert!(!view.contains("after="), "{view}");
}

#[tokio::test]
async fn grouped_by_definition_the_counts_add_up() {
    let house = two_definitions().await;
    let mut browser = house.browser(Role::Viewer).await;
    let answer = browser.get(&format!("{RUNS}?group=definition")).await;
    assert_eq!(answer.status, 200);
    shows(
        &answer,
        &[
            "1 completed, 1 completed with failures",
            "All of these",
            "2 runs: 1 completed, 1 completed with failures",
            "runs?definition=kyc\"",
        ],
    );
    // The last row adds up: runs, items, invoked, succeeded, failed.
    let total = &answer.body[answer.body.find("All of these").unwrap()..];
    let number = |label: &str| {
        let cell = &total[total.find(&format!("data-label=\"{label}\"")).unwrap()..];
        let cell = &cell[cell.find("run-totals-number").unwrap()..];
        let start = cell.find('>').unwrap() + 1;
        cell[start..start + cell[start..].find('<').unwrap()].to_owned()
    };
    let numbers = ["Runs", "Items", "Invoked", "Succeeded", "Failed"].map(number);
    assert_eq!(numbers, ["3", "6", "6", "5", "1"]);
    let filtered = browser.get(&format!("{RUNS}?group=definition&status=completed")).await;
    shows(&filtered, &["runs?definition=kyc&amp;status=completed\""]);
    let narrowed = browser.get(&format!("{RUNS}?group=definition&definition=aml")).await;
    lacks(&narrowed, &["runs-name\">Weekly KYC review"]);
}

#[tokio::test]
async fn an_empty_list_says_why_and_what_to_do() {
    let house = House::new().await;
    let mut owner = house.browser(Role::Owner).await;
    let mut viewer = house.browser(Role::Viewer).await;
    shows(&owner.get(RUNS).await, &["No runs yet", "assize apply"]);
    shows(&viewer.get(RUNS).await, &["No runs yet", "Owners and operators apply definitions"]);
    house.delivering("kyc", "Weekly KYC review", "").await;
    shows(&owner.get(RUNS).await, &["No runs yet", "Nothing has fired yet"]);
    house.event("kyc", "1").await;
    house.settle().await;
    let hidden = owner.get(&format!("{RUNS}?status=failed")).await;
    shows(&hidden, &["No runs match these filters", "one run", "Clear all filters"]);
    let grouped = owner.get(&format!("{RUNS}?status=failed&group=definition")).await;
    shows(&grouped, &["No runs match these filters"]);
}

#[tokio::test]
async fn what_asks_for_a_person_stands_out() {
    let house = House::new().await;
    house.delivering("kyc", "Weekly KYC review", "on-item-failure: hold").await;
    house.delivering("ask", "Asks first", "approval: { before-action: { role: approver } }").await;
    house.accounts(&["A-1"]).await;
    house.receiver.plan([Plan::Refuse(422)]);
    house.event("kyc", "1").await;
    house.event("ask", "2").await;
    house.settle().await;
    let answer = house.browser(Role::Viewer).await.get(RUNS).await;
    shows(&answer, &["data-tone=\"danger\" class=\"runs-status\"", "Held open"]);
    shows(&answer, &["data-tone=\"warning\" class=\"runs-status\"", "Awaiting approval"]);
}

#[tokio::test]
async fn the_list_is_small_and_needs_neither_inline_style_nor_handler() {
    let house = House::new().await;
    house.delivering("kyc", "Weekly KYC review", "").await;
    house.accounts(&["A-1"]).await;
    for n in 0..50 {
        house.event("kyc", &n.to_string()).await;
    }
    house.settle().await;
    let answer = house.browser(Role::Owner).await.get(RUNS).await;
    assert_eq!(rows(&answer), 50);
    lacks(&answer, &[" style=", " onclick=", "javascript:"]);
    assert!(answer.body.len() < 200_000, "{} bytes before compression", answer.body.len());
}

#[tokio::test]
async fn a_hostile_name_is_text_everywhere() {
    let house = House::new().await;
    let name = "</title><script>alert(1)</script>";
    house.delivering("kyc", name, "").await;
    house.accounts(&["A-1"]).await;
    let run = house.event("kyc", "1").await;
    house.settle().await;
    let mut browser = house.browser(Role::Owner).await;
    let item = house.items(run).await[0].id;
    for address in [
        RUNS.to_owned(),
        format!("{RUNS}?definition=kyc&group=definition"),
        path(run),
        super::house::item_path(run, item),
        format!("{}/retry", path(run)),
        format!("{}/cancel", path(run)),
        format!("{}/close", path(run)),
    ] {
        let answer = browser.get(&address).await;
        assert_eq!(answer.status, 200, "{address}");
        lacks(&answer, &["<script>alert"]);
        shows(&answer, &["&lt;script&gt;alert"]);
    }
}
