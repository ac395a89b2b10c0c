//! What each role sees and may do on the pages of runs.

use domain::{
    member::Role,
    permission::{Permission, allows},
};

use super::{
    house::{House, RUNS, item_path, lacks, path, shows},
    receiver::Plan,
};

#[tokio::test]
async fn every_role_reads_every_page_and_finds_the_buttons_of_what_it_may_do() {
    let house = House::new().await;
    house.delivering("kyc", "Weekly KYC review", "on-item-failure: hold").await;
    house.accounts(&["A-1"]).await;
    house.receiver.plan([Plan::Refuse(503)]);
    let run = house.event("kyc", "1").await;
    house.settle().await;
    let item = house.items(run).await[0].id;
    let pages = [RUNS.to_owned(), path(run), item_path(run, item)];
    let acts = ["retry", "cancel", "close"].map(|act| format!("{}/{act}", path(run)));
    for &role in Role::ALL {
        let mut browser = house.browser(role).await;
        for address in pages.iter().chain(&acts) {
            assert_eq!(browser.get(address).await.status, 200, "{role} {address}");
        }
        let page = browser.get(&path(run)).await;
        let may = allows(role, Permission::RetryItems);
        if may {
            shows(&page, &["Retry…", "Close…", "Cancel…"]);
        } else {
            lacks(&page, &["Retry…", "Close…", "Cancel…"]);
            shows(&page, &["one of the owners and operators to retry or close or cancel it"]);
        }
        let audit = page.body.contains(&format!("audit-log?run={run}"));
        assert_eq!(audit, allows(role, Permission::ViewAuditLog), "{role}");
        for address in &acts {
            let form = browser.get(address).await.body.contains(&format!("action=\"{address}\""));
            assert_eq!(form, may, "{role} {address}");
        }
    }
}

#[tokio::test]
async fn a_role_that_may_not_is_refused_whatever_it_sends() {
    let house = House::new().await;
    house.delivering("kyc", "Weekly KYC review", "on-item-failure: hold").await;
    house.accounts(&["A-1"]).await;
    house.receiver.plan([Plan::Refuse(503)]);
    let run = house.event("kyc", "1").await;
    house.settle().await;
    let plan = house.plan(run).await;
    let before = house.items(run).await;
    for role in [Role::Approver, Role::Auditor, Role::Viewer] {
        let mut browser = house.browser(role).await;
        for act in ["retry", "cancel", "close"] {
            let fields = [("plan", plan.as_str()), ("reason", "because")];
            let answer = browser.post(&format!("{}/{act}", path(run)), &fields).await;
            assert_eq!(answer.status, 403, "{role} {act}");
            shows(&answer, &["Not allowed"]);
        }
    }
    assert_eq!(house.items(run).await, before);
}
