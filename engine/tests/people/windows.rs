//! Windows: granted to auditors, revoked once, and entered into the log.

use domain::{
    audit::{Entry, Verb},
    id::{MemberId, WindowId},
    member::{Principal, Role},
    period::Period,
    window::Sight,
};
use engine::{
    both_databases,
    services::{Caller, ServiceError},
};
use serde_json::json;

use crate::house::{House, add, caller, workspace};

fn quarter() -> Period {
    Period::quarter_of("2026-07-01".parse().unwrap())
}

async fn auditor(house: &House) -> (MemberId, Caller) {
    let added = add(&house.services, house.host, "auditor@example.org", Role::Auditor).await;
    (added.member.id, caller(&added))
}

/// The entries about windows, oldest first.
async fn entries(house: &House) -> Vec<Entry> {
    let mut log = house.log().await;
    log.retain(|e| matches!(e.verb, Verb::MemberWindowGranted | Verb::MemberWindowRevoked));
    log
}

both_databases! {
    async fn a_window_is_granted_seen_through_revoked_and_entered(db: TestStore) {
        let house = House::new(&db).await;
        let (services, owner) = (&house.services, caller(&house.owner));
        let (id, auditor) = auditor(&house).await;
        assert!(services.sight(auditor).await.unwrap().is_blind());
        let granted = services.grant_window(owner, id, quarter()).await.unwrap();
        assert_eq!((granted.member, granted.granted_by), (id, Some(house.owner.member.id)));
        assert_eq!(services.sight(auditor).await.unwrap(), Sight::Only(vec![quarter()]));
        assert_eq!(services.windows(auditor).await.unwrap(), [granted]);

        let revoked = services.revoke_window(owner, granted.id).await.unwrap();
        assert_eq!(revoked.revoked_by, Some(house.owner.member.id));
        assert_eq!(revoked.revoked_at, Some(house.clock.now()));
        assert!(services.sight(auditor).await.unwrap().is_blind(), "from the next call on");
        assert_eq!(services.windows(owner).await.unwrap(), [revoked], "the row is kept");

        let days = json!({"from": "2026-07-01", "to": "2026-09-30"});
        let payloads: Vec<_> = entries(&house).await.into_iter()
            .map(|entry| (entry.verb, entry.object.id, entry.payload.unwrap())).collect();
        let member = id.to_string();
        assert_eq!(payloads, [
            (Verb::MemberWindowGranted, member.clone(), json!({"window": granted.id, "after": days})),
            (Verb::MemberWindowRevoked, member, json!({"window": granted.id, "before": days})),
        ]);
    }

    async fn the_same_period_is_granted_once(db: TestStore) {
        let house = House::new(&db).await;
        let (id, _) = auditor(&house).await;
        let first = house.services.grant_window(house.host, id, quarter()).await.unwrap();
        let again = house.services.grant_window(house.host, id, quarter()).await.unwrap();
        assert_eq!((again, entries(&house).await.len()), (first, 1));
        // Once it is revoked, another one can be granted.
        house.services.revoke_window(house.host, first.id).await.unwrap();
        let anew = house.services.grant_window(house.host, id, quarter()).await.unwrap();
        assert_ne!(anew.id, first.id);
    }

    async fn only_auditors_are_granted_windows(db: TestStore) {
        let house = House::new(&db).await;
        for role in [Role::Owner, Role::Operator, Role::Approver, Role::Viewer] {
            let email = format!("{role}@more.example.org");
            let member = add(&house.services, house.host, &email, role).await.member;
            let refusal = house.services.grant_window(house.host, member.id, quarter()).await;
            let refusal = refusal.unwrap_err();
            assert_eq!(refusal.code(), "not-an-auditor");
            assert!(refusal.to_string().contains(role.as_str()), "{refusal}");
        }
        assert!(house.services.windows(house.host).await.unwrap().is_empty());
    }

    async fn with_another_role_windows_are_kept_and_limit_nothing(db: TestStore) {
        let house = House::new(&db).await;
        let (services, host) = (&house.services, house.host);
        let (id, auditor) = auditor(&house).await;
        services.grant_window(host, id, quarter()).await.unwrap();
        services.change_role(host, id, Role::Operator).await.unwrap();
        let operator = Caller { principal: Principal::Member { id, role: Role::Operator }, ..auditor };
        assert_eq!(services.sight(operator).await.unwrap(), Sight::All);
        assert_eq!(services.windows(host).await.unwrap().len(), 1);
        services.change_role(host, id, Role::Auditor).await.unwrap();
        assert_eq!(services.sight(auditor).await.unwrap(), Sight::Only(vec![quarter()]));
    }

    async fn whoever_is_removed_and_comes_back_begins_without_windows(db: TestStore) {
        let house = House::new(&db).await;
        let (id, auditor) = auditor(&house).await;
        house.grant(id, "2026-07-01", "2026-07-31").await;
        house.grant(id, "2026-09-01", "2026-09-30").await;
        house.services.remove_member(house.host, id).await.unwrap();
        let back = add(&house.services, house.host, "auditor@example.org", Role::Auditor).await;
        assert_eq!(back.member.id, id);
        assert!(house.services.sight(auditor).await.unwrap().is_blind());
        let revoked = entries(&house).await;
        assert_eq!(revoked.iter().filter(|e| e.verb == Verb::MemberWindowRevoked).count(), 2);
    }

    async fn a_window_is_revoked_once_and_by_its_own_workspace(db: TestStore) {
        let house = House::new(&db).await;
        let (id, _) = auditor(&house).await;
        let window = house.grant(id, "2026-07-01", "2026-07-31").await.id;
        let (_, elsewhere) = workspace(&house.services, "second").await;
        let nothing = WindowId::new(id.uuid());
        for (by, id) in [(elsewhere, window), (house.host, nothing)] {
            let refusal = house.services.revoke_window(by, id).await.unwrap_err();
            assert!(matches!(refusal, ServiceError::NotFound("window")), "{refusal}");
        }
        let elsewhere = house.services.grant_window(elsewhere, id, quarter()).await.unwrap_err();
        assert!(matches!(elsewhere, ServiceError::NotFound("member")), "{elsewhere}");
        house.services.revoke_window(house.host, window).await.unwrap();
        let again = house.services.revoke_window(house.host, window).await.unwrap_err();
        assert_eq!((again.code(), entries(&house).await.len()), ("not-found", 2));
    }

    async fn an_auditor_has_at_most_forty_windows(db: TestStore) {
        let house = House::new(&db).await;
        let (id, auditor) = auditor(&house).await;
        let mut month = Period::month_of("2020-01-01".parse().unwrap());
        for _ in 0..40 {
            house.services.grant_window(house.host, id, month).await.unwrap();
            month = Period::month_of(month.until);
        }
        let refusal = house.services.grant_window(house.host, id, month).await.unwrap_err();
        assert_eq!(refusal.code(), "too-many-windows");
        // They adjoin, so they are one.
        let whole = Period::new("2020-01-01".parse().unwrap(), month.from).unwrap();
        assert_eq!(house.services.sight(auditor).await.unwrap(), Sight::Only(vec![whole]));
    }
}
