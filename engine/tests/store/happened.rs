//! What happened between two places of a log, in few rows.

use domain::{
    audit::{Draft, Object, Verb},
    id::RunId,
    member::Principal,
};
use engine::both_databases;

use crate::house::{House, at};

/// Appends entries with these verbs, each about one of the runs or about none.
async fn append(house: &House, entries: &[(Verb, Option<RunId>)]) {
    let draft = |&(verb, run): &(Verb, Option<RunId>)| {
        let draft = Draft::new(Principal::System, verb, Object::new("item", "x"));
        match run {
            Some(run) => draft.in_run(run),
            None => draft,
        }
    };
    let drafts: Vec<_> = entries.iter().map(draft).collect();
    let (workspace, ids) = (house.workspace, house.ids.clone());
    let appended = house.write(move |tx| {
        Box::pin(async move { tx.append_audit(workspace, &ids, at(9), &drafts).await })
    });
    appended.await.unwrap();
}

both_databases! {
    async fn each_run_is_named_once_with_the_place_of_its_last_entry(db: TestStore) {
        let house = House::new(&db).await;
        let (one, other) = (RunId::new(house.uuid()), RunId::new(house.uuid()));
        let begin = house.session().await.last_entry(house.workspace).await.unwrap();
        append(&house, &[
            (Verb::ItemStarted, Some(one)),
            (Verb::ItemStarted, Some(other)),
            (Verb::MemberAdded, None),
            (Verb::ItemSucceeded, Some(one)),
        ])
        .await;
        let mut session = house.session().await;
        let end = session.last_entry(house.workspace).await.unwrap();
        assert_eq!(end, begin + 4);
        let mut touched = async |after, until, limit| {
            session.runs_touched(house.workspace, after, until, limit).await.unwrap()
        };
        assert_eq!(touched(begin, end, 9).await, [(other, begin + 2), (one, begin + 4)]);
        assert_eq!(touched(begin + 2, end, 9).await, [(one, begin + 4)]);
        assert_eq!(touched(begin, begin + 2, 9).await, [(one, begin + 1), (other, begin + 2)]);
        assert_eq!(touched(begin, end, 1).await, [(other, begin + 2)]);
        assert_eq!(touched(end, end, 9).await, []);
        let elsewhere = session.runs_touched(house.other, -1, end, 9).await.unwrap();
        assert_eq!(elsewhere, []);
    }

    async fn rarer_entries_are_found_by_their_verbs(db: TestStore) {
        let house = House::new(&db).await;
        let run = RunId::new(house.uuid());
        let begin = house.session().await.last_entry(house.workspace).await.unwrap();
        append(&house, &[
            (Verb::RunCreated, Some(run)),
            (Verb::ItemSucceeded, Some(run)),
            (Verb::ApprovalRequested, Some(run)),
            (Verb::RunCreated, None),
        ])
        .await;
        let mut session = house.session().await;
        let verbs = [Verb::RunCreated, Verb::ApprovalRequested];
        let found = session.noted(house.workspace, &verbs, begin, begin + 4, 9).await.unwrap();
        let places: Vec<_> = found.iter().map(|e| (e.seq - begin, e.verb, e.run)).collect();
        assert_eq!(places, [
            (1, Verb::RunCreated, Some(run)),
            (3, Verb::ApprovalRequested, Some(run)),
            (4, Verb::RunCreated, None),
        ]);
        assert_eq!(found[0].object, Object::new("item", "x"));
        let created = [Verb::RunCreated];
        let later = session.noted(house.workspace, &created, begin + 1, begin + 4, 9).await.unwrap();
        assert_eq!(later.iter().map(|e| e.seq - begin).collect::<Vec<_>>(), [4]);
        let first = session.noted(house.workspace, &verbs, begin, begin + 4, 1).await.unwrap();
        assert_eq!(first.len(), 1);
        assert!(session.noted(house.other, &verbs, begin, begin + 4, 9).await.unwrap().is_empty());
    }
}
