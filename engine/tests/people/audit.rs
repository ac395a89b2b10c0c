use chrono::Duration;
use domain::{
    audit::{AuditFilter, Draft, Object, Verb},
    member::{Principal, Role},
};
use engine::{
    both_databases,
    ids::Ids,
    services::{AuditFault, EntryFault, WrongEntry},
    store::{Backend, StoreError},
    testing::TestStore,
};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection, raw_sql};

use crate::house::{House, add, caller, workspace};

/// Changes a database behind the engine's back.
async fn tamper(db: &TestStore, [sqlite, postgres]: [&str; 2]) {
    match db.store.backend() {
        Backend::Sqlite => {
            let mut connection = SqliteConnection::connect(&db.address).await.unwrap();
            let statements = raw_sql(AssertSqlSafe(sqlite.to_owned()));
            statements.execute(&mut connection).await.unwrap();
        }
        Backend::Postgres => {
            let mut connection = PgConnection::connect(&db.address).await.unwrap();
            let statements = raw_sql(AssertSqlSafe(postgres.to_owned()));
            statements.execute(&mut connection).await.unwrap();
        }
    }
}

both_databases! {
    async fn entries_are_found_by_verb_actor_object_and_place(db: TestStore) {
        let house = House::new(&db).await;
        let (services, owner) = (&house.services, caller(&house.owner));
        let id = add(services, owner, "new@example.org", Role::Viewer).await.member.id;
        services.change_role(house.host, id, Role::Auditor).await.unwrap();
        let find = async |filter: AuditFilter| {
            let found = services.audit_entries(owner, &filter, 500).await.unwrap();
            found.into_iter().map(|entry| entry.seq).collect::<Vec<_>>()
        };
        // 0 workspace, 1 and 2 the owner, 3 and 4 the viewer, 5 the role.
        let any = AuditFilter::default();
        assert_eq!(find(any.clone()).await, [5, 4, 3, 2, 1, 0]);
        assert_eq!(find(AuditFilter { before: Some(2), ..any.clone() }).await, [1, 0]);
        assert_eq!(find(AuditFilter { verb: Some(Verb::MemberAdded), ..any.clone() }).await, [3, 1]);
        let actor = owner.principal.member();
        assert_eq!(find(AuditFilter { actor, ..any.clone() }).await, [4, 3]);
        let object = Some(Object::new("member", id));
        assert_eq!(find(AuditFilter { object: object.clone(), ..any.clone() }).await, [5, 4, 3]);
        let both = AuditFilter { object, actor, before: Some(4), ..any };
        assert_eq!(find(both).await, [3]);
        assert_eq!(services.audit_entries(owner, &AuditFilter::default(), 2).await.unwrap().len(), 2);
    }

    async fn entries_are_found_by_kind_and_day_and_paged_both_ways(db: TestStore) {
        let house = House::new(&db).await;
        let (services, owner) = (&house.services, caller(&house.owner));
        services.allow_destination(owner, "https://one.example.org", false).await.unwrap();
        house.clock.advance(Duration::days(1));
        services.allow_destination(owner, "https://two.example.org", false).await.unwrap();
        house.clock.advance(Duration::days(1));
        add(services, owner, "new@example.org", Role::Viewer).await;
        // 0 workspace, 1 and 2 the owner, 3 a destination | 4 a destination | 5 and 6 the viewer.
        let any = AuditFilter::default();
        let find = async |filter: AuditFilter| {
            let found = services.audit_entries(owner, &filter, 500).await.unwrap();
            found.into_iter().map(|entry| entry.seq).collect::<Vec<_>>()
        };
        let kind = |kind: &str| AuditFilter { kind: Some(kind.to_owned()), ..any.clone() };
        assert_eq!(find(kind("destination")).await, [4, 3]);
        assert_eq!(find(kind("member")).await, [6, 5, 2, 1]);
        let verb = Some(Verb::MemberAdded);
        assert_eq!(find(AuditFilter { verb, ..kind("destination") }).await, [0_i64; 0]);
        let day = |n: u32| chrono::NaiveDate::from_ymd_opt(2026, 7, n);
        let days = |from, to| AuditFilter { from, to, ..any.clone() };
        assert_eq!(find(days(day(2), day(2))).await, [4]);
        assert_eq!(find(days(day(2), None)).await, [6, 5, 4]);
        assert_eq!(find(days(None, day(1))).await, [3, 2, 1, 0]);
        assert_eq!(find(days(day(4), None)).await, [0_i64; 0]);
        assert_eq!(find(AuditFilter { kind: Some("destination".into()), ..days(day(2), day(3)) }).await, [4]);
        let page = async |filter: AuditFilter| {
            let page = services.audit_page(owner, &filter, 3).await.unwrap();
            (page.entries.iter().map(|e| e.seq).collect::<Vec<_>>(), page.newer, page.older)
        };
        assert_eq!(page(any.clone()).await, (vec![6, 5, 4], None, Some(4)));
        let older = AuditFilter { before: Some(4), ..any.clone() };
        assert_eq!(page(older).await, (vec![3, 2, 1], Some(3), Some(1)));
        let last = AuditFilter { before: Some(1), ..any.clone() };
        assert_eq!(page(last).await, (vec![0], Some(0), None));
        let newer = AuditFilter { after: Some(0), ..any.clone() };
        assert_eq!(page(newer).await, (vec![3, 2, 1], Some(3), Some(1)));
        let newest = AuditFilter { after: Some(3), ..any };
        assert_eq!(page(newest).await, (vec![6, 5, 4], None, Some(4)));
    }

    async fn what_is_shown_is_checked_and_the_first_wrong_entry_named(db: TestStore) {
        let house = House::new(&db).await;
        let services = &house.services;
        let check = async || services.check_audit(house.host, &[2, 1, 0]).await.unwrap();
        let root = services.audit_root(house.host).await.unwrap();
        let sound = check().await;
        assert_eq!((sound.entries, sound.payloads, sound.erased), (3, 3, 0));
        assert_eq!((sound.faults.as_slice(), sound.log), ([].as_slice(), Ok(root)));
        tamper(&db, ["DELETE FROM audit_payload WHERE seq = 0"; 2]).await;
        let erased = check().await;
        assert_eq!((erased.payloads, erased.erased, erased.faults.len()), (2, 1, 0));
        assert!(services.audit_entry(house.host, 0).await.unwrap().is_erased());
        tamper(&db, [
            "DROP TRIGGER audit_payload_no_update; \
             UPDATE audit_payload SET payload = replace(payload, 'owner', 'viewer') WHERE seq = 1",
            "ALTER TABLE audit_payload DISABLE TRIGGER USER; \
             UPDATE audit_payload SET payload = replace(payload, 'owner', 'viewer') WHERE seq = 1",
        ]).await;
        tamper(&db, [
            "DROP TRIGGER audit_entry_no_update; \
             UPDATE audit_entry SET verb = 'member.removed' WHERE seq = 2",
            "ALTER TABLE audit_entry DISABLE TRIGGER USER; \
             UPDATE audit_entry SET verb = 'member.removed' WHERE seq = 2",
        ]).await;
        let found = check().await;
        let fault = |seq, wrong| EntryFault { seq, wrong };
        assert_eq!(found.faults, [fault(1, WrongEntry::Payload), fault(2, WrongEntry::Row)]);
        assert!(found.log.is_ok(), "the leaves themselves are untouched");
        let gone = services.check_audit(house.host, &[77]).await.unwrap();
        assert_eq!(gone.faults, [fault(77, WrongEntry::Missing)]);
    }

    async fn a_log_counted_again_gives_its_root(db: TestStore) {
        let house = House::new(&db).await;
        let services = &house.services;
        let (id, now) = (house.workspace.id, house.clock.now());
        // More than one batch.
        db.store.write::<_, StoreError, _>(move |tx| Box::pin(async move {
            let draft = Draft::new(Principal::System, Verb::EventReceived, Object::new("event", 1));
            tx.append_audit(id, &Ids::seeded(1), now, &vec![draft; 4_500]).await
        })).await.unwrap();
        let root = services.audit_root(house.host).await.unwrap();
        assert_eq!(root.size, 4_503);
        assert_eq!(services.verify_audit(house.host).await.unwrap(), Ok(root));
        let (_, second) = workspace(services, "second").await;
        let other = services.verify_audit(second).await.unwrap().unwrap();
        assert_eq!(other.size, 1);
        assert_ne!(other.root, root.root);
    }

    async fn an_entry_that_was_changed_together_with_its_hash_is_found(db: TestStore) {
        let house = House::new(&db).await;
        let hash = domain::canonical::hex(&ledger::leaf_hash(b"{}"));
        tamper(&db, [
            &format!("DROP TRIGGER audit_entry_no_update; \
                UPDATE audit_entry SET leaf = '{{}}', leaf_hash = X'{hash}' WHERE seq = 1"),
            &format!("ALTER TABLE audit_entry DISABLE TRIGGER USER; \
                UPDATE audit_entry SET leaf = '{{}}', leaf_hash = '\\x{hash}' WHERE seq = 1"),
        ]).await;
        let found = house.services.verify_audit(house.host).await.unwrap();
        assert_eq!(found, Err(AuditFault::OtherRoot));
    }

    async fn a_changed_leaf_is_found(db: TestStore) {
        let house = House::new(&db).await;
        tamper(&db, [
            "DROP TRIGGER audit_entry_no_update; \
             UPDATE audit_entry SET leaf = replace(leaf, 'member.added', 'member.moved') WHERE seq = 1",
            "ALTER TABLE audit_entry DISABLE TRIGGER USER; \
             UPDATE audit_entry SET leaf = replace(leaf, 'member.added', 'member.moved') WHERE seq = 1",
        ]).await;
        let found = house.services.verify_audit(house.host).await.unwrap();
        assert_eq!(found, Err(AuditFault::Changed { seq: 1 }));
    }

    async fn a_log_that_was_cut_short_is_found(db: TestStore) {
        let house = House::new(&db).await;
        add(&house.services, house.host, "new@example.org", Role::Viewer).await;
        tamper(&db, [
            "DROP TRIGGER audit_entry_no_delete; PRAGMA foreign_keys = OFF; \
             DELETE FROM audit_entry WHERE seq = 4",
            "ALTER TABLE audit_entry DISABLE TRIGGER USER; DELETE FROM audit_payload WHERE seq = 4; \
             DELETE FROM audit_entry WHERE seq = 4",
        ]).await;
        let found = house.services.verify_audit(house.host).await.unwrap();
        assert_eq!(found, Err(AuditFault::Missing { seq: 4 }));
        tamper(&db, ["UPDATE audit_head SET size = 4", "UPDATE audit_head SET size = 4"]).await;
        assert!(house.services.verify_audit(house.host).await.is_err(), "size and head disagree");
    }
}
