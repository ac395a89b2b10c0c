//! The audit log, over HTTP.

use domain::{
    approval::Verdict,
    audit::{AuditFilter, Verb},
    member::{Principal, Role},
    permission::{Permission, allows},
    reported::{Fact, Outcome, Statement},
    retention::Policy,
};
use engine::services::{Caller, DecisionRequest, NewReport, NewRetention};
use http::Method;

use crate::{
    approvals::{
        asking::{ONE_APPROVER, asking, open},
        list::link_called,
    },
    browser::form,
    runs::house::{House, lacks, path, shows, signed_in, times},
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
async fn an_entry_says_who_did_what_to_what_and_its_page_shows_its_leaf() {
    let (house, run) = asking(ONE_APPROVER, &["A-1"]).await;
    let approval = &open(&house).await[0];
    let mut browser = house.browser(Role::Auditor).await;
    let log = browser.get(LOG).await;
    shows(&log, &["approval.requested", "run.created", "member.added", "definition.created"]);
    shows(&log, &[&format!("/approvals/{}\"", approval.id), &path(run), "Rule intake"]);
    shows(&log, &[">system<", ">host<"]);
    let entries = house.services.audit_entries(house.host, &Default::default(), 500).await.unwrap();
    let requested = entries.iter().find(|e| e.verb.as_str() == "approval.requested").unwrap();
    let at = format!("{LOG}/{}", requested.seq);
    shows(&log, &[&format!("href=\"{at}\"")]);
    let root = house.services.audit_root(house.host).await.unwrap();
    shows(&log, &[&domain::canonical::hex(&root.root)]);
    let entry = browser.get(&at).await;
    shows(&entry, &["asked for the approval", "Action digest", "Everything in this run"]);
    shows(&entry, &[&format!("<code>{}</code>", requested.leaf)]);
    shows(&entry, &[&engine::services::leaf_digest(requested), &path(run)]);
    shows(&entry, &[&format!("{LOG}/{}\"", requested.seq - 1)]);
    for (beyond, status) in [("999999", 404), ("-1", 404), ("x", 400)] {
        assert_eq!(browser.get(&format!("{LOG}/{beyond}")).await.status, status, "{beyond}");
    }
    let mut stranger = house.stranger().await;
    assert_eq!(stranger.get(&at).await.status, 404);
}

#[tokio::test]
async fn an_entry_names_the_request_and_its_trace() {
    let house = House::new().await;
    let mut owner = house.browser(Role::Owner).await;
    let members = house.services.members(house.host).await.unwrap();
    let viewer = members.iter().find(|member| member.role == Role::Viewer).unwrap().id;
    let at = format!("/w/main/settings/members/{viewer}");
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let mut last = async |traceparent: &str, role: &str| {
        let request = owner
            .request(Method::POST, &at)
            .header("sec-fetch-site", "same-origin")
            .header("traceparent", traceparent);
        let answer = owner.send(request.body(form(&[("role", role)])).unwrap()).await;
        assert_eq!(answer.status, 303);
        let found = house.services.audit_entries(house.host, &Default::default(), 1).await.unwrap();
        assert_eq!(found[0].said("request").as_deref(), Some(answer.header("x-request-id")));
        found[0].said("trace")
    };
    let header = format!("00-{trace}-00f067aa0ba902b7-01");
    assert_eq!(last(&header, "auditor").await.as_deref(), Some(trace));
    assert_eq!(last("00-forged\",\"verb\":\"x-00f067aa0ba902b7-01", "viewer").await, None);
    // A page that refuses names its request too.
    let mut viewer = house.browser(Role::Viewer).await;
    let refused = viewer.get(LOG).await;
    assert_eq!(refused.status, 403);
    let found = house.services.audit_entries(house.host, &Default::default(), 1).await.unwrap();
    assert_eq!(found[0].verb.as_str(), "act.refused");
    assert_eq!(found[0].said("request").as_deref(), Some(refused.header("x-request-id")));
}

#[tokio::test]
async fn verify_now_says_what_was_checked() {
    let (house, run) = asking(ONE_APPROVER, &["A-1"]).await;
    let mut browser = house.browser(Role::Auditor).await;
    let at = format!("{LOG}?run={run}");
    let page = browser.get(&at).await;
    shows(&page, &["Verify now", &format!("action=\"{at}\"")]);
    lacks(&page, &["Nothing was changed since"]);
    let checked = browser.post(&at, &[]).await;
    assert_eq!(checked.status, 200);
    let root = house.services.audit_root(house.host).await.unwrap();
    shows(
        &checked,
        &["Nothing was changed since it was entered", "The whole log was counted again"],
    );
    shows(&checked, &[&domain::canonical::hex(&root.root), "run.created", "Everything in run"]);
    let one = browser.post(&format!("{LOG}/0"), &[]).await;
    shows(&one, &["The entry on this page has the hash its leaf gives", "One payload is the one"]);
    let mut viewer = house.browser(Role::Viewer).await;
    assert_eq!(viewer.post(LOG, &[]).await.status, 403);
}

#[tokio::test]
async fn every_page_leads_to_its_own_entries() {
    let (house, run) = asking(ONE_APPROVER, &["A-1"]).await;
    let approval = open(&house).await.remove(0);
    let members = house.services.members(house.host).await.unwrap();
    let approver = members.iter().find(|member| member.role == Role::Approver).unwrap();
    let principal = Principal::Member { id: approver.id, role: approver.role };
    let request = DecisionRequest {
        approval: approval.id,
        verdict: Verdict::Approve,
        reason: String::new(),
        action_digest: approval.action_digest,
    };
    house.services.decide(Caller { principal, ..house.host }, request).await.unwrap();
    house.engine.run_until_idle().await.unwrap();
    let mut browser = house.browser(Role::Owner).await;
    let detail = house.services.run(house.host, run).await.unwrap();
    let item = house.items(run).await.remove(0);
    let (definition, item_page) = (
        format!("/w/main/governance/automation/definitions/{}", detail.automation.key),
        format!("{}/items/{}", path(run), item.id),
    );
    let record = format!("/w/main/registers/{}/{}", item.subject_kind, item.subject_key);
    for (page, query) in [
        (definition, format!("object={}", detail.automation.id)),
        (item_page, format!("object={}", item.id)),
        (record, format!("record={}", item.subject)),
        (path(run), format!("run={run}")),
    ] {
        let entries = format!("{LOG}?{query}");
        shows(&browser.get(&page).await, &[&format!("href=\"{entries}\"")]);
        assert!(times(&browser.get(&entries).await, "class=\"audit-entry\"") > 0, "{entries}");
    }
    let mut viewer = house.browser(Role::Viewer).await;
    lacks(&viewer.get(&path(run)).await, &["audit-log?"]);
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
    shows(&log, &["The owner", &format!("/settings/members/{viewer}")]);
    assert_eq!(times(&log, "class=\"audit-entry\""), 1);
    let size = house.services.audit_root(house.host).await.unwrap().size;
    let entry = owner.get(&format!("{LOG}/{}", size - 1)).await;
    shows(
        &entry,
        &["gave ", " another role", "Before", "After", ">viewer<", ">auditor<", "changed"],
    );
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
    let of_kind = browser.get(&format!("{LOG}?kind=approval&from=2026-07-06&to=2026-07-06")).await;
    assert_eq!(times(&of_kind, "class=\"audit-entry\""), 1);
    shows(&of_kind, &["approval.requested", "name=\"from\" value=\"2026-07-06\""]);
    shows(&browser.get(&format!("{LOG}?from=2026-07-07")).await, &["No entries"]);
    for query in [
        "verb=run.exploded",
        "kind=dog",
        "actor=ada",
        "object=run_1",
        "run=x",
        "record=x",
        "from=July",
        "from=%2B99999-01-01",
        "from=2026-07-02&to=2026-07-01",
        "before=x",
        "before=1&after=1",
        "page=2",
    ] {
        let answer = browser.get(&format!("{LOG}?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
    }
}

#[tokio::test]
async fn a_long_log_goes_back_to_its_first_entry_and_forth_again() {
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
        shows(&page, &["Newer<"]);
    }
    assert_eq!(seen as u64, size);
    shows(&page, &["workspace.created", "id=\"entry-0\""]);
    seen = times(&page, "class=\"audit-entry\"");
    while page.body.contains("Newer<") {
        page = browser.get(&link_called(&page.body, "Newer")).await;
        seen += times(&page, "class=\"audit-entry\"");
    }
    assert_eq!(seen as u64, size);
    shows(&page, &[&format!("id=\"entry-{}\"", size - 1)]);
}

#[tokio::test]
async fn hostile_words_stay_words_and_other_logs_stay_closed() {
    let house = House::new().await;
    house.accounts(&["A-1"]).await;
    house.delivering("xx", "<script>alert(1)</script>", "").await;
    let mut browser = house.browser(Role::Owner).await;
    lacks(&browser.get(LOG).await, &["<script>alert"]);
    let created = AuditFilter { verb: Some(Verb::DefinitionCreated), ..AuditFilter::default() };
    let created = house.services.audit_entries(house.host, &created, 1).await.unwrap();
    let entry = browser.get(&format!("{LOG}/{}", created[0].seq)).await;
    shows(&entry, &["&lt;script&gt;alert(1)"]);
    lacks(&entry, &["<script>alert"]);
    let mut stranger = house.stranger().await;
    assert_eq!(stranger.get(LOG).await.status, 404);
    lacks(&stranger.get("/w/other/audit-log").await, &["definition.created</code>"]);
}

#[tokio::test]
async fn where_entries_were_removed_the_log_says_so_and_their_hashes_are_there() {
    let house = House::new().await;
    let services = &house.services;
    let at = house.clock.now();
    let facts = [
        Fact::Start { parent: None, heartbeat_seconds: Some(60) },
        Fact::Finish { outcome: Outcome::Success, summary: None, failure: None },
    ];
    let numbered = facts.into_iter().zip(0..);
    let report = NewReport {
        external_id: "job-1".to_owned(),
        automation: "nightly".to_owned(),
        name: None,
        statements: numbered
            .map(|(fact, seq)| Statement { seq, at, phase: None, fact, detail: None })
            .collect(),
    };
    let run = services.report_run(house.host, report).await.unwrap().run.id;
    let of = AuditFilter { run: Some(run), ..AuditFilter::default() };
    let about = services.audit_entries(house.host, &of, 100).await.unwrap();
    let policy = Policy { reported_stub_days: Some(60), ..Policy::default() };
    let new = NewRetention { definition: None, policy: Some(policy) };
    services.set_retention(house.host, new).await.unwrap();
    house.clock.advance(chrono::TimeDelta::days(61));
    engine::work::retention::run(services, house.clock.now()).await.unwrap();
    let members = services.members(house.host).await.unwrap();
    let owner = members.iter().find(|member| member.role == Role::Owner).unwrap().id;
    let link = services.issue_link(house.host, owner).await.unwrap();
    let mut browser = signed_in(&house.routes, link.token.expose()).await;
    let log = browser.get(LOG).await;
    let (first, last) = (&about[0], &about[about.len() - 1]);
    let page = services.audit_page(house.host, &AuditFilter::default(), 500).await.unwrap();
    // The entry about its pruning went, too.
    assert_eq!(page.gaps.iter().map(|gap| gap.entries).sum::<i64>(), about.len() as i64 + 1);
    for gap in page.gaps {
        shows(&log, &["about reported runs", &format!("{LOG}/{}\">hashes stayed", gap.last)]);
    }
    shows(&log, &["stubs.removed", "entries.removed", " … "]);
    lacks(&browser.get(&format!("{LOG}?kind=workspace")).await, &["were removed after their term"]);
    for entry in [first, last] {
        let gone = browser.get(&format!("{LOG}/{}", entry.seq)).await;
        let hash = engine::services::leaf_digest(entry);
        shows(&gone, &["This entry was removed; its hash stayed", &hash, "verb=entries.removed"]);
    }
    shows(&browser.post(LOG, &[]).await, &["Nothing was changed since it was entered"]);
}
