//! What belongs to another workspace, or to nobody, is not there.

use domain::{
    approval::ApprovalStatus,
    filter::RunFilter,
    id::{ApprovalId, AutomationId, IncidentId, ItemId, RecordId, RunId, TriggerEventId},
    incident::IncidentFilter,
    page::{Place, Seek},
    record::RecordRef,
};
use engine::{both_databases, services::ServiceError, store::RecordFilter};
use uuid::Uuid;

use crate::{
    acts::{ACTS, Foreign, act},
    house::{House, Scene},
};

/// A scene in which every id is this one.
fn unknown(scene: Scene, id: Uuid) -> Scene {
    let mut approval = scene.approval;
    approval.id = ApprovalId::new(id);
    approval.item = ItemId::new(id);
    Scene {
        incident: IncidentId::new(id),
        held: RunId::new(id),
        held_too: RunId::new(id),
        waiting: RunId::new(id),
        told: RunId::new(id),
        item: ItemId::new(id),
        record: RecordId::new(id),
        automation: AutomationId::new(id),
        event: TriggerEventId::new(id),
        reference: RecordRef { kind: "account".into(), key: "nobody".into() },
        key: "nothing-like-it".into(),
        approval,
        digest: scene.digest,
    }
}

both_databases! {
    async fn an_owner_finds_nothing_of_another_workspace(db: TestStore) {
        let house = House::new(&db).await;
        let (scene, stranger) = (house.scene().await, house.stranger().await);
        let before = (house.picture().await, house.log_size(house.host.workspace).await);
        let own = house.log_size(stranger.workspace).await;
        for &(name, _, foreign) in ACTS {
            let answer = match foreign {
                Foreign::TakesNone => continue,
                _ => act(&house, stranger, name, &scene).await,
            };
            match (foreign, answer) {
                (Foreign::NotFound, Err(ServiceError::NotFound(_))) => {}
                (Foreign::LeftOut, Ok(found)) => {
                    assert!(matches!(found.as_str(), "[]" | "{}"), "{name}: {found}");
                }
                (_, answer) => panic!("{name}: {answer:?}"),
            }
        }
        assert_eq!(house.picture().await, before.0);
        assert_eq!(house.log_size(house.host.workspace).await, before.1);
        assert_eq!(house.log_size(stranger.workspace).await, own, "nor is it entered as an act");
    }

    async fn lists_of_a_workspace_hold_nothing_of_another(db: TestStore) {
        let house = House::new(&db).await;
        let (scene, stranger) = (house.scene().await, house.stranger().await);
        let reads = ["runs", "run_groups", "approvals", "open_approval_count", "automations_by_id",
            "automations", "registers", "list_records", "incidents", "incident_counts"];
        for name in reads {
            let found = act(&house, stranger, name, &scene).await.unwrap();
            assert!(matches!(found.as_str(), "[]" | "{}" | "0"), "{name}: {found}");
        }
    }

    async fn an_item_is_found_in_its_own_run_only(db: TestStore) {
        let house = House::new(&db).await;
        let scene = house.scene().await;
        let wrong = house.services.item(house.host, scene.held_too, scene.item).await;
        assert!(matches!(wrong, Err(ServiceError::NotFound(_))), "{wrong:?}");
    }

    async fn an_id_of_nothing_is_not_found(db: TestStore) {
        let house = House::new(&db).await;
        for id in [Uuid::nil(), Uuid::max(), Uuid::from_u128(7)] {
            let scene = unknown(house.scene().await, id);
            for &(name, _, foreign) in ACTS {
                let answer = match foreign {
                    Foreign::TakesNone => continue,
                    _ => act(&house, house.host, name, &scene).await,
                };
                let fits = match &answer {
                    Err(ServiceError::NotFound(_)) => foreign == Foreign::NotFound,
                    Ok(found) => foreign == Foreign::LeftOut && matches!(found.as_str(), "[]" | "{}"),
                    Err(_) => false,
                };
                assert!(fits, "{name} {id}: {answer:?}");
            }
        }
    }

    async fn a_place_that_no_row_has_is_still_a_place(db: TestStore) {
        let house = House::new(&db).await;
        let scene = house.scene().await;
        let (services, host) = (&house.services, house.host);
        for (at, id) in [
            ("0001-01-01T00:00:00Z", Uuid::nil()),
            ("1970-01-01T00:00:00Z", Uuid::max()),
            ("9999-12-31T23:59:59.999999Z", Uuid::nil()),
        ] {
            let at = at.parse().unwrap();
            for seek in [Seek::After(Place { at, id }), Seek::Before(Place { at, id })] {
                services.runs(host, &RunFilter::default(), seek, 5).await.unwrap();
                services.incidents(host, &IncidentFilter::default(), seek, 5).await.unwrap();
                services.approvals(host, ApprovalStatus::Open, seek, 5).await.unwrap();
                services.items_about(host, scene.record, seek, 5).await.unwrap();
                let all = RecordFilter { kind: "account".into(), key_contains: None };
                services.list_records(host, &all, seek, 5).await.unwrap();
            }
        }
    }
}
