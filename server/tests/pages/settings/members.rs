//! Settings → Members.

use domain::{
    id::MemberId,
    member::{Member, Role},
    permission::{Permission, allows},
};

use crate::{
    browser::Answer,
    runs::house::{House, lacks, shows, signed_in},
};

const MEMBERS: &str = "/w/main/settings/members";

pub async fn member(house: &House, role: Role) -> Member {
    let members = house.services.members(house.host).await.unwrap();
    let is = |member: &Member| member.role == role && member.removed_at.is_none();
    members.into_iter().find(is).unwrap()
}

fn one(id: MemberId) -> String {
    format!("{MEMBERS}/{id}")
}

/// The secret of the sign-in link a page shows.
fn token(answer: &Answer) -> String {
    let start = answer.body.find("/accept-link?token=").unwrap() + 19;
    answer.body[start..]
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
        .collect()
}

#[tokio::test]
async fn owners_manage_auditors_look_and_the_others_see_nothing() {
    let house = House::new().await;
    let target = member(&house, Role::Viewer).await.id;
    let pages = [
        "",
        "/add",
        &format!("/{target}"),
        &format!("/{target}/link"),
        &format!("/{target}/remove"),
    ]
    .map(|page| format!("{MEMBERS}{page}"));
    for role in [Role::Operator, Role::Approver, Role::Auditor, Role::Viewer] {
        let mut browser = house.browser(role).await;
        let looks = allows(role, Permission::ViewMembers);
        for (page, look) in pages.iter().zip([looks, false, looks, false, false]) {
            let answer = browser.get(page).await;
            assert_eq!(answer.status, if look { 200 } else { 403 }, "{role} {page}");
            lacks(&answer, &["<form method=\"post\" action=\"/w/", "Add a member<"]);
        }
        let elsewhere = browser.get("/w/main/registers").await;
        assert_eq!(elsewhere.body.contains(MEMBERS), looks, "{role}");
        for (page, fields) in [
            (&pages[1], vec![("email", "x@y.example"), ("name", "X"), ("role", "owner")]),
            (&pages[2], vec![("role", "owner")]),
            (&pages[3], vec![]),
            (&pages[4], vec![]),
        ] {
            assert_eq!(browser.post(page, &fields).await.status, 403, "{role} {page}");
        }
    }
    let mut owner = house.browser(Role::Owner).await;
    for page in &pages {
        assert_eq!(owner.get(page).await.status, 200, "{page}");
    }
    assert_eq!(house.services.members(house.host).await.unwrap().len(), Role::ALL.len());
}

#[tokio::test]
async fn a_new_member_comes_in_by_a_link_that_is_shown_once() {
    let house = House::new().await;
    let mut owner = house.browser(Role::Owner).await;
    let fields = [("email", "Ada@Example.org "), ("name", "Ada <b>Example"), ("role", "approver")];
    let sent = owner.post(&format!("{MEMBERS}/add"), &fields).await;
    assert_eq!(sent.status, 200);
    shows(
        &sent,
        &["shown this once", "ada@example.org", "http://127.0.0.1:8480/accept-link?token="],
    );
    lacks(&sent, &["<b>Example"]);
    assert_eq!(sent.header("cache-control"), "no-store");
    lacks(&owner.get(MEMBERS).await, &["accept-link"]);
    let mut ada = signed_in(&house.routes, &token(&sent)).await;
    shows(&ada.get("/w/main/registers").await, &["Ada &lt;b&gt;Example", "Approver"]);

    let again = owner.post(&format!("{MEMBERS}/add"), &fields).await;
    assert_eq!(again.status, 409);
    shows(&again, &["a member already", "value=\"Ada &lt;b&gt;Example\""]);
    let log = owner.get("/w/main/audit-log?verb=sign-in.link-issued").await;
    lacks(&log, &[&token(&sent)]);
}

#[tokio::test]
async fn every_field_that_is_wrong_is_named() {
    let house = House::new().await;
    let mut owner = house.browser(Role::Owner).await;
    let fields = [("email", "nobody"), ("name", " "), ("role", "viewer")];
    let sent = owner.post(&format!("{MEMBERS}/add"), &fields).await;
    assert_eq!(sent.status, 422);
    shows(&sent, &["id=\"email-error\"", "id=\"name-error\"", "value=\"nobody\""]);
    let fields = [("email", "a@b.example"), ("name", "A"), ("role", "king")];
    let sent = owner.post(&format!("{MEMBERS}/add"), &fields).await;
    assert_eq!(sent.status, 422);
    shows(&sent, &["id=\"role-error\""]);
    // What a form sends never passes for something the server says.
    let fields = [("email", "nobody"), ("issued-link", "https://evil.example"), ("done", "Yes")];
    lacks(
        &owner.post(&format!("{MEMBERS}/add"), &fields).await,
        &["evil.example", "shown this once"],
    );
}

#[tokio::test]
async fn a_role_holds_from_the_next_request_on() {
    let house = House::new().await;
    let id = member(&house, Role::Viewer).await.id;
    let (mut owner, mut viewer) =
        (house.browser(Role::Owner).await, house.browser(Role::Viewer).await);
    assert_eq!(viewer.get("/w/main/audit-log").await.status, 403);
    let sent = owner.post(&one(id), &[("role", "auditor")]).await;
    assert_eq!((sent.status, sent.location()), (303, one(id).as_str()));
    assert_eq!(viewer.get("/w/main/audit-log").await.status, 200);
}

#[tokio::test]
async fn the_last_owner_stays_and_is_told_why() {
    let house = House::new().await;
    let owner_id = member(&house, Role::Owner).await.id;
    let mut owner = house.browser(Role::Owner).await;
    shows(&owner.get(&one(owner_id)).await, &["This is the last owner", "disabled"]);
    let page = owner.get(&format!("{}/remove", one(owner_id))).await;
    shows(&page, &["This is the last owner"]);
    lacks(&page, &["Remove the member"]);
    for (path, fields) in
        [(one(owner_id), vec![("role", "viewer")]), (format!("{}/remove", one(owner_id)), vec![])]
    {
        let sent = owner.post(&path, &fields).await;
        assert_eq!(sent.status, 409, "{path}");
        shows(&sent, &["this is the last owner; make somebody else an owner first"]);
    }
    let heir = member(&house, Role::Operator).await.id;
    assert_eq!(owner.post(&one(heir), &[("role", "owner")]).await.status, 303);
    lacks(&owner.get(&one(owner_id)).await, &["This is the last owner"]);
    // Whoever gives up their own role begins again with what is left.
    let sent = owner.post(&one(owner_id), &[("role", "viewer")]).await;
    assert_eq!((sent.status, sent.location()), (303, "/"));
    assert_eq!(owner.get(MEMBERS).await.status, 403);
}

#[tokio::test]
async fn a_removed_member_is_out_and_their_name_stays() {
    let house = House::new().await;
    let id = member(&house, Role::Viewer).await.id;
    let (mut owner, mut viewer) =
        (house.browser(Role::Owner).await, house.browser(Role::Viewer).await);
    let path = format!("{}/remove", one(id));
    shows(&owner.get(&path).await, &["Remove The viewer?", "stays in the audit log"]);
    let sent = owner.post(&path, &[]).await;
    assert_eq!((sent.status, sent.location()), (303, MEMBERS));
    assert_eq!(
        viewer.get("/w/main/registers").await.location(),
        "/sign-in?next=%2Fw%2Fmain%2Fregisters"
    );
    shows(&owner.get(MEMBERS).await, &["Removed", "The viewer"]);
    for path in [one(id), path] {
        assert_eq!(owner.get(&path).await.status, 404, "{path}");
    }
    assert_eq!(owner.post(&one(id), &[("role", "owner")]).await.status, 404);
    shows(&owner.get(&format!("/w/main/audit-log?actor={id}")).await, &["The viewer"]);
}

#[tokio::test]
async fn a_new_link_ends_sessions_and_is_shown_once() {
    let house = House::new().await;
    let id = member(&house, Role::Viewer).await.id;
    let (mut owner, mut viewer) =
        (house.browser(Role::Owner).await, house.browser(Role::Viewer).await);
    let path = format!("{}/link", one(id));
    shows(&owner.get(&path).await, &["Issue a sign-in link for The viewer?", "All sessions of"]);
    assert_eq!(viewer.get("/w/main/registers").await.status, 200);
    let sent = owner.post(&path, &[]).await;
    assert_eq!(sent.status, 200);
    shows(&sent, &["shown this once", "2026-07-06 06:30 UTC"]);
    assert_eq!(viewer.get("/w/main/registers").await.status, 303);
    signed_in(&house.routes, &token(&sent)).await;
    lacks(&owner.get(&path).await, &["accept-link"]);
}

#[tokio::test]
async fn a_link_for_an_account_of_other_workspaces_is_the_hosts_business() {
    let house = House::new().await;
    let services = &house.services;
    let host = domain::member::Principal::Host;
    let south = services.create_workspace(host, "south", "South").await.unwrap();
    let caller = engine::services::Caller { workspace: south.id, principal: host };
    let viewer = member(&house, Role::Viewer).await;
    let new = engine::services::NewMember {
        email: viewer.email.clone(),
        name: viewer.name.clone(),
        role: Role::Viewer,
    };
    services.add_member(caller, new).await.unwrap();
    let mut owner = house.browser(Role::Owner).await;
    let sent = owner.post(&format!("{}/link", one(viewer.id)), &[]).await;
    assert_eq!(sent.status, 409);
    shows(&sent, &["only the host can issue a link for this account"]);
    lacks(&sent, &["accept-link"]);
}

#[tokio::test]
async fn members_of_other_workspaces_do_not_exist_here() {
    let house = House::new().await;
    let target = member(&house, Role::Viewer).await.id;
    let mut stranger = house.stranger().await;
    let there = one(target).replace("/main/", "/other/");
    for path in [there.clone(), format!("{there}/link"), format!("{there}/remove")] {
        assert_eq!(stranger.get(&path).await.status, 404, "{path}");
        assert_eq!(stranger.post(&path, &[("role", "owner")]).await.status, 404, "{path}");
    }
    let mut owner = house.browser(Role::Owner).await;
    assert_eq!(owner.get(&format!("{MEMBERS}/x")).await.status, 400);
    assert_eq!(owner.post(&format!("{MEMBERS}/x/remove"), &[]).await.status, 400);
}
