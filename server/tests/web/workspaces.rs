//! Who sees which workspace.

use domain::member::{Principal, Role};
use engine::services::Caller;

use crate::site::Site;

#[tokio::test]
async fn a_workspace_of_others_does_not_exist() {
    let site = Site::new().await;
    site.workspace("south").await;
    let mut browser = site.member("north", Role::Owner).await;
    for path in ["/w/south/registers", "/w/nowhere/registers", "/w/NORTH/registers"] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.body.contains("no such workspace"), "{path}");
    }
}

#[tokio::test]
async fn a_missing_page_of_ones_own_workspace_keeps_the_frame() {
    let site = Site::new().await;
    let answer = site.member("north", Role::Viewer).await.get("/w/north/nowhere").await;
    assert_eq!(answer.status, 404);
    assert!(answer.body.contains("/w/north/governance/automation/runs"));
    assert!(answer.body.contains("Viewer"));
}

#[tokio::test]
async fn a_removed_member_is_out_with_the_next_request() {
    let site = Site::new().await;
    let workspace = site.workspace("south").await;
    let mut browser = site.member("north", Role::Owner).await;
    let added = site.add(&workspace, "owner@north.example", Role::Viewer).await;
    site.add(&workspace, "owner@south.example", Role::Owner).await;
    assert!(browser.get("/").await.body.contains("Your workspaces"));
    assert!(browser.get("/w/south/nowhere").await.body.contains("Viewer"));
    let caller = Caller { workspace: workspace.id, principal: Principal::Host };
    site.services.change_role(caller, added.member.id, Role::Auditor).await.unwrap();
    assert!(browser.get("/w/south/nowhere").await.body.contains("Auditor"), "a new role at once");
    site.services.remove_member(caller, added.member.id).await.unwrap();
    assert!(browser.get("/w/south/nowhere").await.body.contains("no such workspace"));
}

#[tokio::test]
async fn a_workspace_opens_with_its_runs() {
    let site = Site::new().await;
    let mut browser = site.member("north", Role::Viewer).await;
    let answer = browser.get("/w/north").await;
    assert_eq!((answer.status, answer.location()), (303, "/w/north/governance/automation/runs"));
}

#[tokio::test]
async fn a_malformed_address_names_the_part_that_cannot_be_read() {
    let site = Site::new().await;
    let mut browser = site.member("north", Role::Viewer).await;
    for path in ["/w/%ff/registers", "/w/%ff"] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, 400, "{path}");
        assert!(answer.body.contains("This address cannot be read"), "{path}");
        assert!(answer.body.contains("workspace"), "{path}");
    }
}
