//! The log: entries come back as they were entered, dense and in the order of their commits.

use domain::{
    audit::{AuditFilter, Draft, Entry, Object, Verb},
    id::RunId,
    member::{Principal, Role},
    origin::Origin,
};
use engine::{
    both_databases,
    store::{LogLine, StoreError},
};
use ledger::{Frontier, leaf_hash};
use serde_json::{Value, json};

use crate::house::{House, at};

async fn append(house: &House, drafts: Vec<Draft>) -> Result<(), StoreError> {
    let (workspace, ids) = (house.workspace, house.ids.clone());
    house
        .write(move |tx| {
            Box::pin(async move { tx.append_audit(workspace, &ids, at(9), &drafts).await })
        })
        .await
}

async fn entries(house: &House, filter: &AuditFilter) -> Vec<Entry> {
    let mut session = house.session().await;
    let mut entries = session.audit_entries(house.workspace, filter, 1_000).await.unwrap();
    entries.reverse();
    entries
}

fn draft(n: i64) -> Draft {
    Draft::new(Principal::System, Verb::ItemSucceeded, Object::new("item", n)).with(json!({"n": n}))
}

both_databases! {
    async fn an_entry_comes_back_as_it_was_entered(db: TestStore) {
        let house = House::new(&db).await;
        let member = house.member(Role::Owner).await.id;
        let run = RunId::new(house.uuid());
        let actor = Principal::Member { id: member, role: Role::Owner };
        let payload = json!({"reason": "ä 'quoted' \\ \u{0} \u{1F980}", "n": [1, null, true]});
        let full = Draft::new(actor, Verb::RunClosed, Object::new("run", run))
            .in_run(run)
            .with(payload.clone());
        let bare = Draft::new(Principal::System, Verb::ItemFailed, Object::new("item", "x"));
        let before = entries(&house, &AuditFilter::default()).await.len() as i64;
        append(&house, Vec::new()).await.unwrap();
        append(&house, vec![full.clone(), bare.clone()]).await.unwrap();
        let found = entries(&house, &AuditFilter::default()).await;
        let [first, second] = &found[found.len() - 2..] else { panic!() };
        assert_eq!((first.seq, second.seq), (before, before + 1));
        assert_eq!((first.actor_kind.as_str(), first.actor), ("member", Some(member)));
        assert_eq!((first.verb, &first.object, first.run), (full.verb, &full.object, full.run));
        assert_eq!((first.at, first.payload.as_ref()), (at(9), Some(&payload)));
        assert_eq!((second.actor_kind.as_str(), second.actor), ("system", None));
        assert_eq!((second.run, second.payload.as_ref()), (None, None));
        let leaf: Value = serde_json::from_str(&first.leaf).unwrap();
        assert_eq!((&leaf["seq"], &leaf["verb"]), (&json!(before), &json!("run.closed")));
        assert!(!first.leaf.contains("quoted"), "what was said stands in the payload alone");
        assert_eq!(second.leaf, bare.leaf(house.workspace, second.seq, at(9), None, Origin::default()));
        let of_run = AuditFilter { run: Some(run), ..AuditFilter::default() };
        assert_eq!(entries(&house, &of_run).await, std::slice::from_ref(first));
    }

    async fn many_who_append_at_once_leave_no_gap_and_a_true_root(db: TestStore) {
        let house = House::new(&db).await;
        let before = entries(&house, &AuditFilter::default()).await.len();
        let appends = (0..24).map(|n| append(&house, (0..=n % 5).map(|k| draft(n * 10 + k)).collect()));
        for answer in futures::future::join_all(appends).await {
            answer.unwrap();
        }
        let found = entries(&house, &AuditFilter::default()).await;
        assert_eq!(found.len(), before + (0..24).map(|n| 1 + n % 5).sum::<usize>());
        assert!(found.iter().map(|entry| entry.seq).eq(0..found.len() as i64));
        // What was entered together stands together.
        let numbers: Vec<i64> =
            found[before..].iter().map(|e| e.payload.as_ref().unwrap()["n"].as_i64().unwrap()).collect();
        assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1 || pair[1] % 10 == 0), "{numbers:?}");
        let mut tree = Frontier::new();
        found.iter().for_each(|entry| tree.push(leaf_hash(entry.leaf.as_bytes())));
        let mut session = house.session().await;
        let root = session.audit_root(house.workspace).await.unwrap();
        assert_eq!(root, (found.len() as u64, tree.root()));
    }

    async fn an_append_that_is_rolled_back_takes_no_place(db: TestStore) {
        let house = House::new(&db).await;
        let before = house.session().await.audit_root(house.workspace).await.unwrap();
        let (workspace, ids) = (house.workspace, house.ids.clone());
        let failed: Result<(), StoreError> = house.write(move |tx| Box::pin(async move {
            tx.append_audit(workspace, &ids, at(9), &[draft(1)]).await?;
            Err(StoreError::Stale { what: "on purpose", expected: 1, changed: 0 })
        })).await;
        assert!(failed.is_err());
        assert_eq!(house.session().await.audit_root(workspace).await.unwrap(), before);
        append(&house, vec![draft(2)]).await.unwrap();
        let root = house.session().await.audit_root(workspace).await.unwrap();
        assert_eq!(root.0, before.0 + 1);
    }

    async fn leaves_are_read_in_order_from_any_place(db: TestStore) {
        let house = House::new(&db).await;
        append(&house, (0..9).map(draft).collect()).await.unwrap();
        let found = entries(&house, &AuditFilter::default()).await;
        let mut session = house.session().await;
        let lines = session.log_lines(house.workspace, 2, 4).await.unwrap();
        let line = |entry: &Entry| LogLine {
            seq: entry.seq.unsigned_abs(),
            leaf: Some(entry.leaf.clone()),
            stored: leaf_hash(entry.leaf.as_bytes()),
        };
        assert_eq!(lines, found[2..6].iter().map(line).collect::<Vec<_>>());
        let beyond = session.log_lines(house.workspace, found.len() as u64, 4).await.unwrap();
        assert!(beyond.is_empty());
    }

    async fn a_leaf_that_no_proof_could_hold_is_refused(db: TestStore) {
        let house = House::new(&db).await;
        let object = Object::new("item", "x".repeat(70_000));
        let long = Draft::new(Principal::System, Verb::ItemFailed, object);
        let before = house.session().await.audit_root(house.workspace).await.unwrap();
        assert!(append(&house, vec![draft(1), long]).await.is_err());
        assert_eq!(house.session().await.audit_root(house.workspace).await.unwrap(), before);
    }
}
