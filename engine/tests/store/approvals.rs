//! Approvals and decisions come back as they were stored; an item has one open approval at most.

use domain::{
    approval::{Approval, ApprovalKind, ApprovalRule, ApprovalStatus, Decision, OnExpiry, Verdict},
    id::{ApprovalId, DecisionId, MemberId},
    item::Item,
    member::Role,
    page::Seek,
};
use engine::{both_databases, store::StoreError};
use serde_json::json;

use crate::house::{House, at, is_stale};

/// An open approval of an item, asked for at this second; it is good for 100.
pub fn open(house: &House, item: &Item, second: i64) -> Approval {
    Approval {
        id: ApprovalId::new(house.uuid()),
        workspace: house.workspace,
        run: item.run,
        item: item.id,
        kind: ApprovalKind::Question,
        policy: None,
        status: ApprovalStatus::Open,
        question: "Really?".into(),
        actioner: item.actioner.clone(),
        parameters: json!({"a": {"b": [1, 2]}}),
        action_digest: "cd".repeat(32),
        rule: ApprovalRule {
            role: Role::Owner,
            members: vec!["chief@example.org".into()],
            quorum: 2,
            expires_after_seconds: 100,
            on_expiry: OnExpiry::Approve,
        },
        requested_by: None,
        requested_at: at(second),
        expires_at: at(second + 100),
        decided_at: None,
    }
}

async fn store(house: &House, approvals: &[Approval]) -> Result<(), StoreError> {
    let approvals = approvals.to_vec();
    house.write(move |tx| Box::pin(async move { tx.insert_approvals(&approvals).await })).await
}

async fn close(
    house: &House,
    approvals: &[&Approval],
    status: ApprovalStatus,
) -> Result<(), StoreError> {
    let ids: Vec<_> = approvals.iter().map(|approval| approval.id).collect();
    house
        .write(move |tx| Box::pin(async move { tx.close_approvals(&ids, status, at(50)).await }))
        .await
}

fn decision(house: &House, approval: &Approval, member: MemberId, second: i64) -> Decision {
    Decision {
        id: DecisionId::new(house.uuid()),
        approval: approval.id,
        member,
        verdict: Verdict::Approve,
        reason: "looked at it".into(),
        decided_at: at(second),
    }
}

both_databases! {
    async fn an_approval_comes_back_as_it_was_stored(db: TestStore) {
        let house = House::new(&db).await;
        let items = house.items(2).await;
        let asked = house.member(Role::Operator).await.id;
        let one = Approval { requested_by: Some(asked), ..open(&house, &items[0], 1) };
        let two = Approval { kind: ApprovalKind::Retry, ..open(&house, &items[1], 2) };
        store(&house, &[one.clone(), two.clone()]).await.unwrap();
        let workspace = house.workspace;
        let mut session = house.session().await;
        assert_eq!(session.approval(workspace, one.id).await.unwrap(), Some(one.clone()));
        let second = std::slice::from_ref(&two);
        assert_eq!(session.approvals_of_item(workspace, items[1].id).await.unwrap(), second);
        let ids = [two.id, ApprovalId::new(house.uuid())];
        assert_eq!(session.approvals_by_ids(workspace, &ids).await.unwrap(), second);
        let open = session.open_approvals(workspace, &[items[0].id, items[1].id]).await.unwrap();
        assert_eq!((&open[&items[0].id], &open[&items[1].id]), (&one, &two));
        assert_eq!(session.open_approval_count(workspace, 9).await.unwrap(), 2);
        assert_eq!(session.open_approval_count(workspace, 1).await.unwrap(), 1);
        drop(session);
        let mut tx = house.store.begin().await.unwrap();
        assert_eq!(tx.lock_approval(workspace, two.id).await.unwrap(), Some(two));
    }

    async fn another_workspace_sees_no_approval(db: TestStore) {
        let house = House::new(&db).await;
        let item = house.items(1).await.remove(0);
        let approval = open(&house, &item, 1);
        store(&house, std::slice::from_ref(&approval)).await.unwrap();
        let (other, id) = (house.other, approval.id);
        let mut session = house.session().await;
        assert_eq!(session.approval(other, id).await.unwrap(), None);
        assert!(session.approvals_of_item(other, item.id).await.unwrap().is_empty());
        assert!(session.approvals_by_ids(other, &[id]).await.unwrap().is_empty());
        assert!(session.open_approvals(other, &[item.id]).await.unwrap().is_empty());
        assert_eq!(session.open_approval_count(other, 9).await.unwrap(), 0);
        let page = session.approval_page(other, ApprovalStatus::Open, Seek::First, 9).await.unwrap();
        assert!(page.rows.is_empty());
        drop(session);
        let mut tx = house.store.begin().await.unwrap();
        assert_eq!(tx.lock_approval(other, id).await.unwrap(), None);
    }

    async fn an_item_has_one_open_approval_at_most(db: TestStore) {
        let house = House::new(&db).await;
        let item = house.items(1).await.remove(0);
        let (first, second) = (open(&house, &item, 1), open(&house, &item, 2));
        store(&house, std::slice::from_ref(&first)).await.unwrap();
        let again = store(&house, std::slice::from_ref(&second)).await;
        assert!(again.unwrap_err().is_conflict());
        close(&house, &[&first], ApprovalStatus::Withdrawn).await.unwrap();
        store(&house, std::slice::from_ref(&second)).await.unwrap();
        let mut session = house.session().await;
        let found = session.approvals_of_item(house.workspace, item.id).await.unwrap();
        let ended = Approval {
            status: ApprovalStatus::Withdrawn,
            decided_at: Some(at(50)),
            ..first
        };
        assert_eq!(found, [ended, second]);
    }

    async fn only_open_approvals_are_closed_and_then_all_of_them(db: TestStore) {
        let house = House::new(&db).await;
        let items = house.items(2).await;
        let (one, two) = (open(&house, &items[0], 1), open(&house, &items[1], 1));
        store(&house, &[one.clone(), two.clone()]).await.unwrap();
        close(&house, &[&one], ApprovalStatus::Approved).await.unwrap();
        assert!(is_stale(&close(&house, &[&one, &two], ApprovalStatus::Dismissed).await));
        let mut session = house.session().await;
        let open = session.approval(house.workspace, two.id).await.unwrap().unwrap();
        assert_eq!(open.status, ApprovalStatus::Open, "nothing of the batch is stored");
        let given = session.given_approvals(house.workspace, &[items[0].id, items[1].id]).await;
        assert_eq!(given.unwrap().keys().copied().collect::<Vec<_>>(), [items[0].id]);
    }

    async fn the_latest_approval_that_was_given_counts(db: TestStore) {
        let house = House::new(&db).await;
        let item = house.items(1).await.remove(0);
        let mut last = None;
        let ends = [ApprovalStatus::Approved, ApprovalStatus::Expired, ApprovalStatus::Dismissed];
        for (second, status) in (1..).zip(ends) {
            let approval = open(&house, &item, second);
            store(&house, std::slice::from_ref(&approval)).await.unwrap();
            close(&house, &[&approval], status).await.unwrap();
            if status == ApprovalStatus::Expired {
                last = Some(approval.id);
            }
        }
        let mut session = house.session().await;
        let given = session.given_approvals(house.workspace, &[item.id]).await.unwrap();
        assert_eq!(Some(given[&item.id].id), last);
        assert!(session.given_approvals(house.workspace, &[]).await.unwrap().is_empty());
        assert!(session.given_approvals(house.other, &[item.id]).await.unwrap().is_empty());
    }

    async fn pages_go_both_ways_longest_waiting_first(db: TestStore) {
        let house = House::new(&db).await;
        let items = house.items(11).await;
        // Many of the same instant.
        let approvals: Vec<_> =
            items.iter().zip(0..).map(|(item, n)| open(&house, item, n / 4)).collect();
        store(&house, &approvals).await.unwrap();
        close(&house, &[&approvals[5]], ApprovalStatus::Dismissed).await.unwrap();
        let mut expected: Vec<_> =
            approvals.iter().filter(|a| a.id != approvals[5].id).map(|a| (a.requested_at, a.id)).collect();
        expected.sort();
        let expected: Vec<_> = expected.into_iter().map(|(_, id)| id).collect();
        let mut session = house.session().await;
        for size in 1..=11 {
            let mut page = session
                .approval_page(house.workspace, ApprovalStatus::Open, Seek::First, size)
                .await
                .unwrap();
            assert_eq!(page.previous, None);
            let mut forward: Vec<_> = page.rows.iter().map(|a| a.id).collect();
            while let Some(seek) = page.next {
                page = session
                    .approval_page(house.workspace, ApprovalStatus::Open, seek, size)
                    .await
                    .unwrap();
                forward.extend(page.rows.iter().map(|a| a.id));
            }
            assert_eq!(forward, expected);
            let mut backward: Vec<_> = page.rows.iter().map(|a| a.id).collect();
            while let Some(seek) = page.previous {
                page = session
                    .approval_page(house.workspace, ApprovalStatus::Open, seek, size)
                    .await
                    .unwrap();
                backward.splice(0..0, page.rows.iter().map(|a| a.id));
            }
            assert_eq!(backward, expected);
        }
        let page = session
            .approval_page(house.workspace, ApprovalStatus::Dismissed, Seek::First, 9)
            .await
            .unwrap();
        assert_eq!(page.rows.len(), 1);
    }

    async fn open_approvals_whose_time_is_up_are_found_longest_first(db: TestStore) {
        let house = House::new(&db).await;
        let items = house.items(4).await;
        let approvals: Vec<_> =
            [3, 1, 2, 9].iter().zip(&items).map(|(&n, item)| open(&house, item, n)).collect();
        store(&house, &approvals).await.unwrap();
        close(&house, &[&approvals[2]], ApprovalStatus::Approved).await.unwrap();
        let mut session = house.session().await;
        let found = session.expired_approvals(at(103), 9).await.unwrap();
        let found: Vec<_> = found.iter().map(|approval| approval.id).collect();
        assert_eq!(found, [approvals[1].id, approvals[0].id]);
        assert_eq!(session.expired_approvals(at(103), 1).await.unwrap().len(), 1);
        assert!(session.expired_approvals(at(100), 9).await.unwrap().is_empty());
    }

    async fn a_member_decides_an_approval_once(db: TestStore) {
        let house = House::new(&db).await;
        let items = house.items(2).await;
        let (one, two) = (open(&house, &items[0], 1), open(&house, &items[1], 1));
        store(&house, &[one.clone(), two.clone()]).await.unwrap();
        let owner = house.member(Role::Owner).await.id;
        let approver = house.member(Role::Approver).await.id;
        let later = decision(&house, &one, owner, 7);
        let earlier =
            Decision { verdict: Verdict::Dismiss, ..decision(&house, &one, approver, 6) };
        let workspace = house.workspace;
        for decision in [later.clone(), earlier.clone()] {
            house.write(move |tx| Box::pin(async move {
                tx.insert_decision(workspace, &decision).await
            })).await.unwrap();
        }
        let again = decision(&house, &one, owner, 8);
        let answer = house.write(move |tx| Box::pin(async move {
            tx.insert_decision(workspace, &again).await
        })).await;
        assert!(answer.unwrap_err().is_conflict());
        let mut session = house.session().await;
        let expected = [earlier, later];
        assert_eq!(session.decisions(workspace, one.id).await.unwrap(), expected);
        let all = session.decisions_of(workspace, &[one.id, two.id]).await.unwrap();
        assert_eq!(all.len(), 1);
        assert_eq!(all[&one.id], expected);
        assert!(session.decisions(house.other, one.id).await.unwrap().is_empty());
        assert!(session.decisions_of(house.other, &[one.id]).await.unwrap().is_empty());
    }
}
