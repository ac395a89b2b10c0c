//! The store of records.

use domain::{
    id::RecordId,
    page::{Place, Seek},
    record::{Record, RecordRef},
};
use engine::{
    both_databases,
    services::ServiceError,
    store::{RecordFilter, Store, StoreError},
};
use serde_json::json;

use crate::house::House;

async fn upsert(store: &Store, records: Vec<Record>) -> Result<(), StoreError> {
    let workspace = records[0].workspace;
    store
        .write(move |tx| Box::pin(async move { tx.upsert_records(workspace, &records).await }))
        .await
}

fn register(kind: &str, part: Option<&str>) -> RecordFilter {
    RecordFilter { kind: kind.into(), key_contains: part.map(Into::into) }
}

fn keys(records: &[Record]) -> Vec<&str> {
    records.iter().map(|record| record.key.as_str()).collect()
}

fn by_id(record: &Record) -> Place {
    Place { at: record.created_at, id: record.id.uuid() }
}

both_databases! {
    async fn a_record_comes_back_as_it_was_stored(db: TestStore) {
        let house = House::new(&db).await;
        let odd = json!({"text": "é\u{0}\"\n", "list": [1, -2.5, null], "deep": {"a": true}});
        let record = house.new_record("account", "ACC 1 é", odd);
        upsert(house.store(), vec![record.clone()]).await.unwrap();
        let mut session = house.session().await;
        let reference = record.reference();
        let ws = house.workspace;
        assert_eq!(session.record(ws, record.id).await.unwrap().as_ref(), Some(&record));
        assert_eq!(session.record_by_ref(ws, &reference).await.unwrap().as_ref(), Some(&record));
        assert_eq!(session.records_by_ids(ws, &[record.id]).await.unwrap(), std::slice::from_ref(&record));
        assert_eq!(session.records_by_refs(ws, &[reference]).await.unwrap(), [record]);
    }

    async fn what_was_worked_out_from_a_record_holds_until_it_changes(db: TestStore) {
        let house = House::new(&db).await;
        let record = house.new_record("account", "A", json!({"status": "active"}));
        upsert(house.store(), vec![record.clone()]).await.unwrap();
        let (store, ws) = (house.store().clone(), house.workspace);
        let require = |seen: Vec<(RecordId, i64)>| {
            store.write(move |tx| Box::pin(async move { tx.require_revisions(ws, &seen).await }))
        };
        require(vec![(record.id, 1)]).await.unwrap();
        require(Vec::new()).await.unwrap();
        let attributes = json!({"status": "closed"});
        let changed = Record { revision: 2, attributes, ..record.clone() };
        upsert(house.store(), vec![changed]).await.unwrap();
        let error = require(vec![(record.id, 1)]).await.unwrap_err();
        assert!(matches!(error, StoreError::Stale { .. }), "{error}");
        require(vec![(record.id, 2)]).await.unwrap();
    }

    async fn what_is_not_there_is_left_out(db: TestStore) {
        let house = House::new(&db).await;
        let [here, gone] = ["A", "B"].map(|key| house.new_record("account", key, json!({})));
        upsert(house.store(), vec![here.clone()]).await.unwrap();
        let mut session = house.session().await;
        let ws = house.workspace;
        assert!(session.record(ws, gone.id).await.unwrap().is_none());
        let ids = [gone.id, here.id];
        assert_eq!(session.records_by_ids(ws, &ids).await.unwrap(), std::slice::from_ref(&here));
        let refs = [gone.reference(), here.reference()];
        assert_eq!(session.records_by_refs(ws, &refs).await.unwrap(), [here]);
        assert!(session.records_by_ids(ws, &[]).await.unwrap().is_empty());
        assert!(session.records_by_refs(ws, &[]).await.unwrap().is_empty());
    }

    async fn another_workspace_sees_nothing_of_a_record(db: TestStore) {
        let house = House::new(&db).await;
        let other = house.neighbour().await;
        let record = house.new_record("account", "A", json!({}));
        upsert(house.store(), vec![record.clone()]).await.unwrap();
        let mut session = house.session().await;
        let ws = other.workspace;
        assert!(session.record(ws, record.id).await.unwrap().is_none());
        assert!(session.records_by_ids(ws, &[record.id]).await.unwrap().is_empty());
        assert!(session.records_by_refs(ws, &[record.reference()]).await.unwrap().is_empty());
        assert!(session.registers(ws).await.unwrap().is_empty());
        assert!(matches!(
            house.services.record(other, record.id).await,
            Err(ServiceError::NotFound("record"))
        ));
    }

    async fn a_change_replaces_exactly_the_revision_before_it(db: TestStore) {
        let house = House::new(&db).await;
        let first = house.new_record("account", "A", json!({"n": 1}));
        upsert(house.store(), vec![first.clone()]).await.unwrap();
        let second = Record { revision: 2, attributes: json!({"n": 2}), ..first.clone() };
        let fresh = house.new_record("account", "B", json!({}));
        upsert(house.store(), vec![second.clone(), fresh]).await.unwrap();
        assert_eq!(house.account("A").await.unwrap(), second);

        let late = Record { attributes: json!({"n": 9}), ..second.clone() };
        let refused = upsert(house.store(), vec![late]).await;
        assert!(matches!(refused, Err(StoreError::Stale { expected: 1, changed: 0, .. })));
        assert_eq!(house.account("A").await.unwrap(), second);
    }

    async fn a_record_that_exists_cannot_be_new(db: TestStore) {
        let house = House::new(&db).await;
        let first = house.new_record("account", "A", json!({"n": 1}));
        upsert(house.store(), vec![first.clone()]).await.unwrap();
        let twin = house.new_record("account", "A", json!({"n": 2}));
        let other = house.new_record("account", "B", json!({}));
        assert!(upsert(house.store(), vec![other, twin]).await.unwrap_err().is_conflict());
        assert_eq!(house.account("A").await.unwrap(), first);
        assert!(house.account("B").await.is_none(), "all or nothing");
    }

    async fn a_register_is_read_on_from_any_record(db: TestStore) {
        let house = House::new(&db).await;
        house.accounts(7).await;
        let mut session = house.session().await;
        let ws = house.workspace;
        let first = session.records_after(ws, "account", None, 5).await.unwrap();
        assert_eq!(keys(&first), ["ACC-0001", "ACC-0002", "ACC-0003", "ACC-0004", "ACC-0005"]);
        let rest = session.records_after(ws, "account", Some(first[4].id), 5).await.unwrap();
        assert_eq!(keys(&rest), ["ACC-0006", "ACC-0007"]);
        assert!(session.records_after(ws, "supplier", None, 5).await.unwrap().is_empty());
    }

    async fn pages_of_a_register_go_both_ways_newest_first(db: TestStore) {
        let house = House::new(&db).await;
        house.accounts(5).await;
        let mut session = house.session().await;
        let filter = register("account", None);
        let ws = house.workspace;
        let first = session.list_records(ws, &filter, Seek::First, 2).await.unwrap();
        assert_eq!(keys(&first.rows), ["ACC-0005", "ACC-0004"]);
        assert!(first.previous.is_none());
        let next = first.next.unwrap();
        assert_eq!(next, Seek::After(by_id(&first.rows[1])));
        let second = session.list_records(ws, &filter, next, 2).await.unwrap();
        assert_eq!(keys(&second.rows), ["ACC-0003", "ACC-0002"]);
        let last = session.list_records(ws, &filter, second.next.unwrap(), 2).await.unwrap();
        assert_eq!(keys(&last.rows), ["ACC-0001"]);
        assert!(last.next.is_none());
        let back = session.list_records(ws, &filter, last.previous.unwrap(), 2).await.unwrap();
        assert_eq!(back.rows, second.rows);
    }

    async fn a_register_is_searched_by_part_of_the_key(db: TestStore) {
        let house = House::new(&db).await;
        house.import("a.csv", "key\nACC_1\nACCX1\n50%\nZurich\n").await.unwrap();
        for (part, found) in [
            ("acc_", vec!["ACC_1"]),
            ("%", vec!["50%"]),
            ("ZUR", vec!["Zurich"]),
            ("1", vec!["ACCX1", "ACC_1"]),
            ("!", vec![]),
        ] {
            let filter = register("account", Some(part));
            let page = house.services.list_records(house.host, &filter, Seek::First, 9).await;
            assert_eq!(keys(&page.unwrap().rows), found, "{part}");
        }
    }

    async fn registers_are_counted(db: TestStore) {
        let house = House::new(&db).await;
        house.accounts(3).await;
        let records = vec![house.new_record("supplier", "S", json!({}))];
        upsert(house.store(), records).await.unwrap();
        let found = house.services.registers(house.host).await.unwrap();
        let sizes: Vec<_> = found.iter().map(|size| (size.kind.as_str(), size.records)).collect();
        assert_eq!(sizes, [("account", 3), ("supplier", 1)]);
    }

    async fn a_record_is_found_by_kind_and_key(db: TestStore) {
        let house = House::new(&db).await;
        house.accounts(1).await;
        let mut reference = RecordRef { kind: "account".into(), key: "ACC-0001".into() };
        let found = house.services.record_by_ref(house.host, &reference).await.unwrap();
        assert_eq!(found.attributes, json!({"status": "active", "risk": 1}));
        reference.kind = "supplier".into();
        let missing = house.services.record_by_ref(house.host, &reference).await;
        assert!(matches!(missing, Err(ServiceError::NotFound("record"))));
    }
}
