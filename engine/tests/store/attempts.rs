//! Attempts and effects come back as they were written.

use domain::{
    attempt::{Attempt, AttemptEnd},
    id::AttemptId,
    item::ReplayEvidence,
    problem::{Failure, FailureKind},
};
use engine::{both_databases, store::Effect};

use crate::house::{House, at};

both_databases! {
    async fn attempts_come_back_as_they_were_written_oldest_first(db: TestStore) {
        let house = House::new(&db).await;
        let items = house.items(2).await;
        let first = Attempt {
            round: 2,
            end: AttemptEnd::Failed,
            failure: Some(Failure::new("it-failed", "It failed.", FailureKind::Unknown)),
            result: Some(house.records[4].id),
            replay_evidence: Some(ReplayEvidence::LocalEffectRow),
            ..house.attempt(&items[0], 1)
        };
        let second = house.attempt(&items[0], 2);
        // The same number again, when the answer came after the attempt had been given up.
        let late = Attempt { end: AttemptEnd::Late, ended_at: at(9), ..house.attempt(&items[0], 2) };
        let written = [late.clone(), second.clone(), first.clone(), house.attempt(&items[1], 1)];
        let workspace = house.workspace;
        house.write(move |tx| Box::pin(async move {
            tx.insert_attempts(workspace, &[]).await?;
            tx.insert_attempts(workspace, &written).await
        })).await.unwrap();
        let mut session = house.session().await;
        let found = session.attempts(workspace, items[0].id).await.unwrap();
        assert_eq!(found, [first, second, late]);
        assert!(session.attempts(house.other, items[0].id).await.unwrap().is_empty());
    }

    async fn an_attempt_belongs_to_an_item_of_the_same_workspace(db: TestStore) {
        let house = House::new(&db).await;
        let attempt = house.attempt(&house.items(1).await[0], 1);
        let other = house.other;
        let answer = house.write(move |tx| Box::pin(async move {
            tx.insert_attempts(other, &[attempt]).await
        })).await;
        assert!(answer.is_err());
    }

    async fn effects_are_found_by_key_in_their_workspace_only(db: TestStore) {
        let house = House::new(&db).await;
        let item = house.items(1).await[0].id;
        let effect = |key: &str, record| Effect {
            key: key.into(),
            item,
            attempt: AttemptId::new(house.uuid()),
            record,
            at: at(5),
        };
        let one = effect("one", Some(house.records[2].id));
        let two = effect("two", None);
        let (written, workspace) = ([one.clone(), two.clone()], house.workspace);
        house.write(move |tx| Box::pin(async move {
            tx.insert_effects(workspace, &[]).await?;
            tx.insert_effects(workspace, &written).await
        })).await.unwrap();
        let keys = ["two", "three", "one"].map(str::to_owned);
        let mut session = house.session().await;
        let found = session.effects(workspace, &keys).await.unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!((&found["one"], &found["two"]), (&one, &two));
        assert!(session.effects(workspace, &[]).await.unwrap().is_empty());
        assert!(session.effects(house.other, &keys).await.unwrap().is_empty());
    }
}
