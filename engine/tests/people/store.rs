//! The store's own promises, without a service around them.

use chrono::TimeDelta;
use domain::{
    Timestamp,
    destination::AllowedDestination,
    id::{AccountId, MemberId, WorkspaceId},
    member::{Member, Role, Workspace},
};
use engine::{
    both_databases,
    ids::Ids,
    secret::Secret,
    store::{StoreError, StoredSession, Throttle, Tx},
    testing::TestStore,
};

use crate::house::start;

fn made(ids: &Ids, slug: &str) -> Workspace {
    let id = WorkspaceId::new(ids.uuid(start()));
    Workspace { id, slug: slug.to_owned(), name: "A house".to_owned(), created_at: start() }
}

/// A workspace with an account that is its member.
async fn populate(tx: &mut Tx, ids: &Ids) -> Member {
    let workspace = made(ids, "main");
    tx.insert_workspace(&workspace).await.unwrap();
    let id = AccountId::new(ids.uuid(start()));
    let account = tx.ensure_account(id, "a@example.org", start()).await.unwrap();
    let member = Member {
        id: MemberId::new(ids.uuid(start())),
        workspace: workspace.id,
        account: account.id,
        email: account.email,
        name: "A".to_owned(),
        role: Role::Owner,
        created_at: start(),
        removed_at: None,
    };
    tx.put_member(&member).await.unwrap();
    member
}

async fn begin(db: &TestStore) -> (Tx, Ids, Member) {
    let (mut tx, ids) = (db.store.begin().await.unwrap(), Ids::seeded(7));
    let member = populate(&mut tx, &ids).await;
    (tx, ids, member)
}

fn is_stale<T>(answer: &Result<T, StoreError>) -> bool {
    matches!(answer, Err(StoreError::Stale { expected: 1, changed: 0, .. }))
}

fn later(seconds: i64) -> Timestamp {
    start() + TimeDelta::seconds(seconds)
}

both_databases! {
    async fn workspaces_are_stored_whole_and_slugs_are_unique(db: TestStore) {
        let (mut tx, ids, member) = begin(&db).await;
        let found = tx.workspace_by_slug("main").await.unwrap().unwrap();
        assert_eq!((found.id, found.created_at), (member.workspace, start()));
        assert_eq!(tx.workspace_by_slug("Main").await.unwrap(), None);
        assert_eq!(tx.workspaces_of(member.account).await.unwrap(), [found]);
        tx.commit().await.unwrap();
        let mut tx = db.store.begin().await.unwrap();
        assert!(tx.insert_workspace(&made(&ids, "main")).await.unwrap_err().is_conflict());
    }

    async fn an_account_is_made_once_for_an_address(db: TestStore) {
        let (mut tx, ids, member) = begin(&db).await;
        let other = AccountId::new(ids.uuid(start()));
        let again = tx.ensure_account(other, "a@example.org", later(1)).await.unwrap();
        assert_eq!(again.id, member.account);
        assert!(again.password_hash.is_none());
        tx.set_password_hash(again.id, &Secret::new("hash".to_owned())).await.unwrap();
        assert!(is_stale(&tx.set_password_hash(other, &Secret::new("hash".to_owned())).await));
        for found in [
            tx.account(again.id).await.unwrap(),
            tx.account_by_email("a@example.org").await.unwrap(),
            tx.lock_account(again.id).await.unwrap(),
        ] {
            let found = found.unwrap();
            assert_eq!((found.id, found.email.as_str()), (again.id, "a@example.org"));
            assert_eq!(found.password_hash.unwrap().expose(), "hash");
        }
        assert!(tx.account(other).await.unwrap().is_none());
        assert!(tx.lock_account(other).await.unwrap().is_none());
        assert!(tx.account_by_email("b@example.org").await.unwrap().is_none());
    }

    async fn members_are_found_in_their_workspace_only(db: TestStore) {
        let (mut tx, ids, member) = begin(&db).await;
        let second = made(&ids, "second");
        tx.insert_workspace(&second).await.unwrap();
        assert_eq!(tx.member(member.workspace, member.id).await.unwrap(), Some(member.clone()));
        assert_eq!(tx.member_of(member.workspace, member.account).await.unwrap(), Some(member.clone()));
        assert_eq!(tx.members(member.workspace).await.unwrap(), std::slice::from_ref(&member));
        assert_eq!(tx.memberships(member.account).await.unwrap(), std::slice::from_ref(&member));
        assert_eq!(tx.lock_owners(member.workspace).await.unwrap(), [member.id]);
        assert_eq!(tx.member(second.id, member.id).await.unwrap(), None);
        assert_eq!(tx.member_of(second.id, member.account).await.unwrap(), None);
        assert_eq!(tx.members(second.id).await.unwrap(), []);
        assert_eq!(tx.lock_owners(second.id).await.unwrap(), []);
        assert!(is_stale(&tx.set_member_role(second.id, member.id, Role::Viewer).await));
        assert!(is_stale(&tx.remove_member(second.id, member.id, later(1)).await));
    }

    async fn a_member_is_removed_once_and_brought_back_once(db: TestStore) {
        let (mut tx, _, member) = begin(&db).await;
        let (workspace, id) = (member.workspace, member.id);
        assert!(tx.has_owner().await.unwrap());
        assert!(is_stale(&tx.put_member(&member).await));
        tx.remove_member(workspace, id, later(1)).await.unwrap();
        assert!(is_stale(&tx.remove_member(workspace, id, later(2)).await));
        assert!(is_stale(&tx.set_member_role(workspace, id, Role::Viewer).await));
        assert!(!tx.has_owner().await.unwrap());
        assert_eq!(tx.lock_owners(workspace).await.unwrap(), []);
        assert_eq!(tx.memberships(member.account).await.unwrap(), []);
        assert_eq!(tx.workspaces_of(member.account).await.unwrap(), []);
        let removed = Member { removed_at: Some(later(1)), ..member.clone() };
        assert_eq!(tx.members(workspace).await.unwrap(), [removed]);
        let back = Member { name: "B".to_owned(), role: Role::Auditor, ..member };
        tx.put_member(&back).await.unwrap();
        tx.set_member_role(workspace, id, Role::Operator).await.unwrap();
        let expected = Member { role: Role::Operator, ..back };
        assert_eq!(tx.member(workspace, id).await.unwrap(), Some(expected));
    }

    async fn a_session_is_kept_touched_and_ended(db: TestStore) {
        let (mut tx, _, member) = begin(&db).await;
        let account = member.account;
        let session = StoredSession {
            account, created_at: start(), seen_at: start(), expires_at: later(1_000),
        };
        for digest in ["one", "two", "old", "idle"] {
            tx.insert_session(digest, &session).await.unwrap();
        }
        assert_eq!(tx.session("one").await.unwrap(), Some(session));
        tx.touch_session("one", later(5)).await.unwrap();
        tx.touch_session("one", later(3)).await.unwrap();
        assert_eq!(tx.session("one").await.unwrap().unwrap().seen_at, later(5));
        tx.touch_session("gone", later(5)).await.unwrap();
        assert_eq!(tx.session("gone").await.unwrap(), None);
        assert_eq!(tx.delete_session("two").await.unwrap(), Some(account));
        assert_eq!(tx.delete_session("two").await.unwrap(), None);
        // What was last seen at the start is stale; what was seen since is not.
        assert_eq!(tx.delete_stale_sessions(account, later(6), start()).await.unwrap(), 2);
        assert_eq!(tx.delete_stale_sessions(account, later(1_000), start()).await.unwrap(), 1);
        tx.insert_session("last", &session).await.unwrap();
        assert_eq!(tx.delete_sessions(account).await.unwrap(), 1);
    }

    async fn a_link_is_used_once_before_it_expires(db: TestStore) {
        let (mut tx, _, member) = begin(&db).await;
        let account = member.account;
        for digest in ["used", "late", "revoked"] {
            tx.insert_link(digest, account, start(), later(10)).await.unwrap();
        }
        assert_eq!(tx.link_account("used", later(9)).await.unwrap(), Some(account));
        assert!(tx.use_link("used", later(9)).await.unwrap());
        assert!(!tx.use_link("used", later(9)).await.unwrap());
        assert_eq!(tx.link_account("used", later(9)).await.unwrap(), None);
        assert_eq!(tx.link_account("late", later(10)).await.unwrap(), None);
        assert!(!tx.use_link("late", later(10)).await.unwrap());
        assert_eq!(tx.revoke_links(account).await.unwrap(), 2, "the used one stays");
        assert!(!tx.use_link("revoked", later(1)).await.unwrap());
        assert!(!tx.use_link("unknown", later(1)).await.unwrap());
    }

    async fn setup_is_offered_until_it_is_claimed(db: TestStore) {
        let (mut tx, ..) = begin(&db).await;
        assert_eq!(tx.setup().await.unwrap(), None);
        assert!(is_stale(&tx.close_setup(later(1)).await));
        assert!(tx.offer_setup("first", start(), later(10)).await.unwrap());
        assert!(tx.offer_setup("second", later(1), later(11)).await.unwrap());
        let offered = tx.lock_setup().await.unwrap().unwrap();
        assert_eq!((offered.token_hash.as_str(), offered.expires_at), ("second", later(11)));
        assert_eq!(offered.claimed_at, None);
        tx.close_setup(later(2)).await.unwrap();
        assert!(is_stale(&tx.close_setup(later(3)).await));
        assert!(!tx.offer_setup("third", later(3), later(13)).await.unwrap());
        let claimed = tx.setup().await.unwrap().unwrap();
        assert_eq!((claimed.token_hash.as_str(), claimed.claimed_at), ("second", Some(later(2))));
    }

    async fn a_throttle_begins_at_nothing_and_is_forgotten_when_old(db: TestStore) {
        let (mut tx, ..) = begin(&db).await;
        let nothing = Throttle { failures: 0, blocked_until: start(), updated_at: start() };
        assert_eq!(tx.lock_throttle("a", start()).await.unwrap(), nothing);
        let some = Throttle { failures: 3, blocked_until: later(8), updated_at: later(4) };
        tx.store_throttle("a", &some).await.unwrap();
        assert_eq!(tx.lock_throttle("a", later(9)).await.unwrap(), some);
        assert!(is_stale(&tx.store_throttle("unknown", &some).await));
        assert_eq!(tx.forget_throttles(later(4)).await.unwrap(), 0);
        assert_eq!(tx.forget_throttles(later(5)).await.unwrap(), 1);
        let anew = Throttle { failures: 0, blocked_until: later(9), updated_at: later(9) };
        assert_eq!(tx.lock_throttle("a", later(9)).await.unwrap(), anew);
    }

    async fn a_destination_stands_once_in_its_workspace(db: TestStore) {
        let (mut tx, ids, member) = begin(&db).await;
        let second = made(&ids, "second");
        tx.insert_workspace(&second).await.unwrap();
        let here = member.workspace;
        let hook = AllowedDestination {
            scheme: "https".to_owned(),
            host: "hooks.example.org".to_owned(),
            port: 443,
            allow_private: false,
        };
        assert!(tx.put_destination(here, &hook, start()).await.unwrap());
        assert!(!tx.put_destination(here, &hook, later(1)).await.unwrap());
        let private = AllowedDestination { allow_private: true, ..hook.clone() };
        assert!(tx.put_destination(here, &private, later(2)).await.unwrap());
        let other = AllowedDestination { port: 8443, ..hook.clone() };
        assert!(tx.put_destination(here, &other, later(3)).await.unwrap());
        assert_eq!(tx.destinations(here).await.unwrap(), [private, other]);
        assert_eq!(tx.destinations(second.id).await.unwrap(), []);
        assert!(!tx.delete_destination(second.id, &hook).await.unwrap());
        assert!(tx.delete_destination(here, &hook).await.unwrap());
        assert!(!tx.delete_destination(here, &hook).await.unwrap());
    }
}
