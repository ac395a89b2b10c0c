//! Every role against every service about people, as the table in `domain::permission` says.

use domain::{
    audit::Verb,
    id::MemberId,
    member::Role,
    permission::{Permission, allows},
};
use engine::{
    both_databases,
    services::{Caller, NewMember, ServiceError, Services},
    store::AuditFilter,
};

use crate::house::{House, add};

/// Every service that asks for a permission, and which.
const ACTS: [(&str, Permission); 15] = [
    ("add_member", Permission::ManageMembers),
    ("change_role", Permission::ManageMembers),
    ("issue_link", Permission::ManageMembers),
    ("remove_member", Permission::ManageMembers),
    ("members", Permission::ViewMembers),
    ("member_names", Permission::ViewRuns),
    ("allow_destination", Permission::ManageDestinations),
    ("destinations", Permission::ManageDestinations),
    ("remove_destination", Permission::ManageDestinations),
    ("audit_entries", Permission::ViewAuditLog),
    ("audit_page", Permission::ViewAuditLog),
    ("audit_entry", Permission::ViewAuditLog),
    ("check_audit", Permission::ViewAuditLog),
    ("audit_root", Permission::ViewAuditLog),
    ("verify_audit", Permission::ViewAuditLog),
];

async fn act(
    services: &Services,
    caller: Caller,
    act: &str,
    target: MemberId,
) -> Result<(), ServiceError> {
    let hook = "https://hooks.example.org";
    match act {
        "add_member" => {
            let new = NewMember {
                email: "added@example.org".to_owned(),
                name: "Added".to_owned(),
                role: Role::Viewer,
            };
            services.add_member(caller, new).await.map(drop)
        }
        "change_role" => services.change_role(caller, target, Role::Auditor).await.map(drop),
        "issue_link" => services.issue_link(caller, target).await.map(drop),
        "remove_member" => services.remove_member(caller, target).await,
        "members" => services.members(caller).await.map(drop),
        "member_names" => services.member_names(caller).await.map(drop),
        "allow_destination" => services.allow_destination(caller, hook, false).await.map(drop),
        "destinations" => services.destinations(caller).await.map(drop),
        "remove_destination" => services.remove_destination(caller, hook).await,
        "audit_entries" => {
            services.audit_entries(caller, &AuditFilter::default(), 10).await.map(drop)
        }
        "audit_page" => services.audit_page(caller, &AuditFilter::default(), 10).await.map(drop),
        "audit_entry" => services.audit_entry(caller, 0).await.map(drop),
        "check_audit" => services.check_audit(caller, &[0]).await.map(drop),
        "audit_root" => services.audit_root(caller).await.map(drop),
        "verify_audit" => services.verify_audit(caller).await.map(drop),
        unknown => panic!("{unknown}"),
    }
}

both_databases! {
    async fn every_role_may_do_what_the_table_says_and_each_refusal_is_entered(db: TestStore) {
        let house = House::new(&db).await;
        let services = &house.services;
        let target = add(services, house.host, "target@example.org", Role::Viewer).await.member.id;
        let mut refusals = 0;
        // The owner comes last: what the owner does would be done twice.
        for &role in Role::ALL.iter().rev() {
            let caller = house.acting(role).await;
            for (name, permission) in ACTS {
                let answer = act(services, caller, name, target).await;
                if allows(role, permission) {
                    assert!(answer.is_ok(), "{role} {name}: {answer:?}");
                    continue;
                }
                refusals += 1;
                let Err(ServiceError::Refused(refused)) = answer else {
                    panic!("{role} {name}: {answer:?}")
                };
                assert_eq!((refused.role, refused.permission), (role.as_str(), permission));
                let log = house.log().await;
                let last = log.last().unwrap();
                assert_eq!((last.verb, last.actor), (Verb::ActRefused, caller.principal.member()));
                let payload = last.payload.as_ref().unwrap();
                assert_eq!(payload["permission"], permission.as_str());
            }
        }
        assert_eq!(refusals, 34);
        let entered = house.verbs().await.into_iter().filter(|&v| v == Verb::ActRefused).count();
        assert_eq!(entered, refusals);
    }
}
