//! Settling incidents: an addition that is written once, and never a change of the incident.

use chrono::Duration;
use domain::{
    audit::Verb,
    id::{IncidentId, RunId},
    incident::{Cause, Incident, IncidentFilter, Phase, Standing},
    member::Role,
    page::Seek,
};
use engine::{
    both_databases,
    services::{ServiceError, SettleOrder},
    testing::TestStore,
};

use crate::{
    house::House,
    receiver::Plan,
    remote::{delivering, settle_in_time},
};

/// Two runs of three items: all refused in the first; in the second one, and the receiver away for the others.
async fn failures(db: &TestStore) -> (House, [RunId; 2]) {
    let (house, receiver) = delivering(db, "").await;
    house.accounts(3).await;
    receiver.plan([Plan::Refuse(422); 3]);
    let first = house.event("e-1", None).await[0];
    settle_in_time(&house).await;
    house.clock.advance(Duration::days(1));
    receiver.plan([Plan::Refuse(422)]);
    receiver.plan([Plan::Refuse(503); 6]);
    let second = house.event("e-2", Some("ACC-0001")).await[0];
    settle_in_time(&house).await;
    (house, [first, second])
}

async fn found(house: &House, filter: &IncidentFilter) -> Vec<Incident> {
    let found = house.services.incidents(house.host, filter, Seek::First, 50).await.unwrap();
    found.page.rows
}

fn standing(standing: Standing) -> IncidentFilter {
    IncidentFilter { standing: Some(standing), ..IncidentFilter::default() }
}

async fn settle(
    house: &House,
    role: Role,
    incident: IncidentId,
    alike: bool,
) -> Result<usize, ServiceError> {
    let order = SettleOrder { incident, note: "  the receiver was told ".into(), alike };
    house.services.settle_incident(house.acting(role), order).await.map(|settled| settled.len())
}

both_databases! {
    async fn a_settled_incident_stays_byte_for_byte_what_it_was(db: TestStore) {
        let (house, [first, _]) = failures(&db).await;
        let before = found(&house, &IncidentFilter::of_run(first)).await;
        let one = before[0].id;
        assert_eq!(settle(&house, Role::Operator, one, false).await.unwrap(), 1);
        assert_eq!(found(&house, &IncidentFilter::of_run(first)).await, before);
        let detail = house.services.incident(house.host, one).await.unwrap();
        let settlement = detail.settlement.unwrap();
        assert_eq!(settlement.note, "the receiver was told");
        assert_eq!(settlement.settled_by, house.acting(Role::Operator).principal.member());
        assert_eq!(settlement.settled_at, house.clock.now());
        let again = settle(&house, Role::Owner, one, false).await.unwrap_err();
        assert_eq!(again.code(), "incident-settled");
        let entries = house.entries(first).await;
        let said: Vec<_> = entries.iter().filter(|entry| entry.verb == Verb::IncidentSettled).collect();
        assert_eq!(said.len(), 1);
        assert_eq!(said[0].object.id, one.to_string());
        assert_eq!(said[0].payload.as_ref().unwrap()["note"], "the receiver was told");
        let empty = SettleOrder { incident: before[1].id, note: " ".into(), alike: false };
        let refused = house.services.settle_incident(house.host, empty).await.unwrap_err();
        assert!(matches!(refused, ServiceError::Invalid(errors) if errors[0].field == "note"));
    }

    async fn those_of_the_same_cause_in_the_same_run_can_be_settled_with_it(db: TestStore) {
        let (house, [first, second]) = failures(&db).await;
        let all = found(&house, &IncidentFilter::default()).await.len();
        let of_first = found(&house, &IncidentFilter::of_run(first)).await;
        assert_eq!(house.services.open_alike(house.host, of_first[1].id).await.unwrap(), 2);
        assert_eq!(settle(&house, Role::Operator, of_first[0].id, false).await.unwrap(), 1);
        assert_eq!(settle(&house, Role::Operator, of_first[1].id, true).await.unwrap(), 2);
        assert_eq!(found(&house, &standing(Standing::Settled)).await.len(), 3);
        let open = found(&house, &standing(Standing::Open)).await;
        assert_eq!(open.len(), all - 3);
        assert!(open.iter().all(|incident| incident.run == Some(second)));
        let open = house.services.incident_counts(house.host, &standing(Standing::Open)).await.unwrap();
        assert_eq!(open.iter().map(|(_, count)| count).sum::<i64>(), all as i64 - 3);
    }

    async fn equal_causes_stand_together_with_their_counts_first_and_last(db: TestStore) {
        let (house, [first, second]) = failures(&db).await;
        let of_first = found(&house, &IncidentFilter::of_run(first)).await;
        settle(&house, Role::Owner, of_first[0].id, false).await.unwrap();
        let all = IncidentFilter::default();
        let groups = house.services.incident_groups(house.host, &all).await.unwrap();
        let refused = groups.iter().find(|group| group.cause == Cause::ReceiverRefused).unwrap();
        let mut its = found(&house, &all).await;
        its.retain(|incident| incident.cause == Cause::ReceiverRefused);
        assert_eq!((refused.incidents, refused.open), (its.len() as i64, its.len() as i64 - 1));
        assert_eq!(refused.last_at, its[0].occurred_at, "newest first");
        assert_eq!(refused.first_at, its[its.len() - 1].occurred_at);
        assert!(refused.first_at < refused.last_at);
        assert_eq!(groups.len(), 2, "{groups:?}");
        assert!(groups[0].last_at >= groups[1].last_at);
        let of_second = IncidentFilter::of_run(second);
        let groups = house.services.incident_groups(house.host, &of_second).await.unwrap();
        let away = groups.iter().find(|group| group.cause == Cause::ReceiverUnavailable).unwrap();
        assert_eq!((away.incidents, away.open), (2, 2));
        let outside = IncidentFilter { phases: vec![Phase::External], ..all.clone() };
        let outside = found(&house, &outside).await;
        assert!(!outside.is_empty());
        assert!(outside.iter().all(|incident| incident.phase == Phase::External));
    }
}
