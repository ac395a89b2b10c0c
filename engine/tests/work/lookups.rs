//! What lists look up for all their rows at once: everything that was asked for, nothing foreign.

use domain::{
    approval::{ApprovalStatus, Verdict},
    id::{ApprovalId, ItemId, RunId},
    member::{Principal, Role},
    page::Seek,
};
use engine::{
    both_databases,
    services::{Caller, DecisionRequest},
};
use uuid::Uuid;

use crate::house::House;

const ASKING: &str = r"
key: ask
name: Asks before it acts
trigger: { kind: governed-event, type: checked }
subjects: { from: register, kind: account }
action: { actioner: findings.create, with: { title: 'A finding' } }
approval: { before-action: { role: approver, quorum: 2, expires-after: P7D } }
";

both_databases! {
    async fn a_page_of_rows_is_looked_up_at_once(db: TestStore) {
        let house = House::new(&db).await;
        house.accounts(3).await;
        house.apply(ASKING).await;
        let run = house.event("e-1", None).await[0];
        house.settle().await;
        let (services, host) = (&house.services, house.host);
        let open = ApprovalStatus::Open;
        let waiting = services.approvals(host, open, Seek::First, 50).await.unwrap().rows;
        let request = DecisionRequest {
            approval: waiting[0].id,
            verdict: Verdict::Approve,
            reason: "Checked".into(),
            action_digest: waiting[0].action_digest.clone(),
        };
        services.decide(house.acting(Role::Approver), request).await.unwrap();

        let nobody = Uuid::from_u128(7);
        let mut approvals: Vec<ApprovalId> = waiting.iter().map(|one| one.id).collect();
        approvals.push(ApprovalId::new(nobody));
        let found = services.approvals_by_ids(host, &approvals).await.unwrap();
        assert_eq!(found.len(), 3);
        assert!(waiting.iter().all(|one| found[&one.id].item == one.item));
        let decisions = services.decisions_of(host, &approvals).await.unwrap();
        assert_eq!(decisions.len(), 1);
        assert_eq!(decisions[&waiting[0].id][0].reason, "Checked");

        let mut items: Vec<ItemId> = waiting.iter().map(|one| one.item).collect();
        items.push(ItemId::new(nobody));
        let found = services.items_by_ids(host, &items).await.unwrap();
        assert_eq!(found.len(), 3);
        assert_eq!(found[&waiting[1].item].run, run);
        let runs = [run, RunId::new(nobody)];
        let automations = services.automations_of_runs(host, &runs).await.unwrap();
        assert_eq!(automations.len(), 1);
        let automation = &automations[&run];
        assert_eq!(automation.key, "ask");
        assert_eq!(services.automations_by_id(host).await.unwrap()[&automation.id], *automation);

        // Nothing at all is asked for, and somebody else asks.
        assert!(services.decisions_of(host, &[]).await.unwrap().is_empty());
        assert!(services.approvals_by_ids(host, &[]).await.unwrap().is_empty());
        let other = services.create_workspace(Principal::Host, "other", "Other").await.unwrap();
        let stranger = Caller { workspace: other.id, principal: Principal::Host };
        assert!(services.approvals_by_ids(stranger, &approvals).await.unwrap().is_empty());
        assert!(services.decisions_of(stranger, &approvals).await.unwrap().is_empty());
        assert!(services.items_by_ids(stranger, &items).await.unwrap().is_empty());
        assert!(services.automations_of_runs(stranger, &runs).await.unwrap().is_empty());
        assert!(services.automations_by_id(stranger).await.unwrap().is_empty());
    }
}
