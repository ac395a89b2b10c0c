//! The audit log, over HTTP.

use domain::{
    member::Role,
    permission::{Permission, allows},
};

use crate::{
    approvals::{
        asking::{ONE_APPROVER, asking, open},
        list::link_called,
    },
    runs::house::{House, lacks, path, shows, times},
};

const LOG: &str = "/w/main/audit-log";

#[tokio::test]
async fn only_those_who_may_read_the_log_see_it_and_its_place_in_the_navigation() {
    let house = House::new().await;
    for &role in Role::ALL {
        let mut browser = house.browser(role).await;
        let may = allows(role, Permission::ViewAuditLog);
        let page = browser.get(LOG).await;
        assert_eq!(page.status, if may { 200 } else { 403 }, "{role}");
        let elsewhere = browser.get("/w/main/registers").await;
        assert_eq!(elsewhere.body.contains(LOG), may, "{role}");
        if !may {
            lacks(&page, &["workspace.created"]);
        }
    }
}

#[tokio::test]
async fn an_entry_says_who_did_what_to_what_and_shows_its_leaf() {
    let (house, run) = asking(ONE_APPROVER, &["A-1"]).await;
    let approval = &open(&house).await[0];
    let mut browser = house.browser(Role::Auditor).await;
    let log = browser.get(LOG).await;
    shows(&log, &["approval.requested", "run.created", "member.added", "definition.created"]);
    shows(&log, &[&format!("/approvals/{}\"", approval.id), &path(run), "Rule intake"]);
    shows(&log, &[">system<", ">host<"]);
    let entries = house.services.audit_entries(house.host, &Default::default(), 500).await.unwrap();
    let requested = entries.iter().find(|e| e.verb.as_str() == "approval.requested").unwrap();
    shows(&log, &[&format!("<code>{}</code>", requested.leaf)]);
    shows(&log, &[&engine::services::leaf_digest(requested)]);
    let root = house.services.audit_root(house.host).await.unwrap();
    shows(&log, &[&domain::canonical::hex(&root.root)]);
}

#[tokio::test]
async fn before_and_after_stand_side_by_side() {
    let house = House::new().await;
    let mut owner = house.browser(Role::Owner).await;
    let members = house.services.members(house.host).await.unwrap();
    let viewer = members.iter().find(|member| member.role == Role::Viewer).unwrap().id;
    let at = format!("/w/main/settings/members/{viewer}");
    assert_eq!(owner.post(&at, &[("role", "auditor")]).await.status, 303);
    let log = owner.get(&format!("{LOG}?verb=member.role-changed")).await;
    shows(&log, &["Before", "After", "\"viewer\"</span>", "\"auditor\"</span>"]);
    shows(&log, &["The owner", &format!("/settings/members/{viewer}")]);
    assert_eq!(times(&log, "class=\"audit-entry\""), 1);
}

#[tokio::test]
async fn every_filter_narrows_and_can_be_taken_off_again() {
    let (house, run) = asking(ONE_APPROVER, &["A-1"]).await;
    let approval = &open(&house).await[0];
    let mut browser = house.browser(Role::Owner).await;
    let members = house.services.members(house.host).await.unwrap();
    let owner = members.iter().find(|member| member.role == Role::Owner).unwrap().id;
    let of_run = browser.get(&format!("{LOG}?run={run}")).await;
    shows(&of_run, &["run.created", "approval.requested", "Everything in run"]);
    lacks(&of_run, &["<code>member.added"]);
    let both = browser.get(&format!("{LOG}?run={run}&verb=approval.requested")).await;
    assert_eq!(times(&both, "class=\"audit-entry\""), 1);
    shows(&both, &[&format!("href=\"{LOG}?run={run}\""), "name=\"run\""]);
    let about = browser.get(&format!("{LOG}?object={}", approval.id)).await;
    assert_eq!(times(&about, "class=\"audit-entry\""), 1);
    let by_owner = browser.get(&format!("{LOG}?actor={owner}")).await;
    shows(&by_owner, &["sign-in.succeeded"]);
    lacks(&by_owner, &["<code>run.created"]);
    let none = browser.get(&format!("{LOG}?verb=run.cancelled")).await;
    shows(&none, &["No entries", "matches all of the filters"]);
    for query in ["verb=run.exploded", "actor=ada", "object=run_1", "run=x", "before=x", "page=2"] {
        let answer = browser.get(&format!("{LOG}?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
    }
}

#[tokio::test]
async fn a_long_log_goes_back_to_its_first_entry() {
    let keys: Vec<String> = (0..40).map(|n| format!("A-{n:02}")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let (house, _) = asking(ONE_APPROVER, &keys).await;
    let mut browser = house.browser(Role::Auditor).await;
    let size = house.services.audit_root(house.host).await.unwrap().size;
    let (mut page, mut seen) = (browser.get(LOG).await, 0);
    loop {
        seen += times(&page, "class=\"audit-entry\"");
        if !page.body.contains("Older<") {
            break;
        }
        page = browser.get(&link_called(&page.body, "Older")).await;
        shows(&page, &["Newest"]);
    }
    assert_eq!(seen as u64, size);
    shows(&page, &["workspace.created", "id=\"entry-0\""]);
}

#[tokio::test]
async fn hostile_words_stay_words_and_other_logs_stay_closed() {
    let house = House::new().await;
    house.accounts(&["A-1"]).await;
    house.delivering("xx", "<script>alert(1)</script>", "").await;
    let mut browser = house.browser(Role::Owner).await;
    lacks(&browser.get(LOG).await, &["<script>alert"]);
    let mut stranger = house.stranger().await;
    assert_eq!(stranger.get(LOG).await.status, 404);
    lacks(&stranger.get("/w/other/audit-log").await, &["definition.created</code>"]);
}
