//! Every role against every service about people, as the table in `domain::permission` says.

use domain::{
    audit::{AuditFilter, Verb},
    id::{
        BundleId, DeliveryId, HoldId, InboundId, KillSwitchId, MemberId, RunId, WebhookId, WindowId,
    },
    inbound::{IdFrom, InboundCheck},
    member::{Principal, Role},
    page::Seek,
    period::Period,
    permission::{Permission, allows},
    policy::{Effect, Terms},
    retention::Policy,
    trigger::TriggerKind,
    webhook::DeliveryFilter,
    window::Window,
};
use engine::{
    both_databases,
    services::{
        Caller, KillOrder, NewBundle, NewHold, NewInbound, NewMember, NewRetention, NewToken,
        NewWebhook, PolicyUnderTest, Presence, ServiceError, Services, StampAnswer,
    },
    store::SignedCheckpoint,
};

use crate::house::{House, add};

/// Every service that asks for a permission, and which.
const ACTS: &[(&str, Permission)] = &[
    ("add_member", Permission::ManageMembers),
    ("change_role", Permission::ManageMembers),
    ("grant_window", Permission::ManageMembers),
    ("revoke_window", Permission::ManageMembers),
    ("windows", Permission::ViewMembers),
    ("sight", Permission::ViewRuns),
    ("watched", Permission::ViewRuns),
    ("issue_link", Permission::ManageMembers),
    ("remove_member", Permission::ManageMembers),
    ("members", Permission::ViewMembers),
    ("member_names", Permission::ViewRuns),
    ("allow_destination", Permission::ManageDestinations),
    ("destinations", Permission::ManageDestinations),
    ("create_token", Permission::UseTokens),
    ("tokens", Permission::UseTokens),
    ("token", Permission::UseTokens),
    ("revoke_token", Permission::UseTokens),
    ("destination_secrets", Permission::ManageDestinations),
    ("sign_destination", Permission::ManageDestinations),
    ("unsign_destination", Permission::ManageDestinations),
    ("remove_destination", Permission::ManageDestinations),
    ("webhooks", Permission::ViewWebhooks),
    ("webhook", Permission::ViewWebhooks),
    ("create_webhook", Permission::ManageWebhooks),
    ("change_webhook", Permission::ManageWebhooks),
    ("set_webhook_enabled", Permission::ManageWebhooks),
    ("rotate_webhook_secret", Permission::ManageWebhooks),
    ("test_webhook", Permission::ManageWebhooks),
    ("remove_webhook", Permission::ManageWebhooks),
    ("inbound_endpoints", Permission::ViewWebhooks),
    ("inbound_endpoint", Permission::ViewWebhooks),
    ("create_inbound", Permission::ManageWebhooks),
    ("rotate_inbound_secret", Permission::ManageWebhooks),
    ("remove_inbound", Permission::ManageWebhooks),
    ("deliveries", Permission::ViewWebhooks),
    ("delivery", Permission::ViewWebhooks),
    ("replay_delivery", Permission::ManageWebhooks),
    ("audit_entries", Permission::ViewAuditLog),
    ("audit_page", Permission::ViewAuditLog),
    ("audit_entry", Permission::ViewAuditLog),
    ("removed_entry", Permission::ViewAuditLog),
    ("check_audit", Permission::ViewAuditLog),
    ("audit_root", Permission::ViewAuditLog),
    ("verify_audit", Permission::ViewAuditLog),
    ("latest_checkpoint", Permission::ViewAuditLog),
    ("checkpoint_at", Permission::ViewAuditLog),
    ("checkpoint_before", Permission::ViewAuditLog),
    ("checkpoint_state", Permission::ViewAuditLog),
    ("verifier_keys", Permission::ViewAuditLog),
    ("key_custody", Permission::ViewAuditLog),
    ("inclusion_proof", Permission::ViewAuditLog),
    ("inclusion_proof_in", Permission::ViewAuditLog),
    ("consistency_proof", Permission::ViewAuditLog),
    ("tlog_proof", Permission::ViewAuditLog),
    ("latest_stamp", Permission::ViewAuditLog),
    ("stamp_request", Permission::ViewAuditLog),
    ("attach_stamp", Permission::StampCheckpoints),
    ("holds", Permission::ViewAuditLog),
    ("place_hold", Permission::ManageHolds),
    ("release_hold", Permission::ManageHolds),
    ("erase_payloads", Permission::ErasePayloads),
    ("prices", Permission::ViewRuns),
    ("set_price", Permission::ManagePrices),
    ("remove_price", Permission::ManagePrices),
    ("retention", Permission::ViewAuditLog),
    ("set_retention", Permission::ManageRetention),
    ("retention_preview", Permission::ManageRetention),
    ("storage", Permission::ManageRetention),
    ("kill_switches", Permission::ViewRuns),
    ("pressed_switches", Permission::ViewRuns),
    ("kill_preview", Permission::PressKillSwitch),
    ("press_kill_switch", Permission::PressKillSwitch),
    ("release_kill_switch", Permission::ReleaseKillSwitch),
    ("policies", Permission::ViewRuns),
    ("policy", Permission::ViewRuns),
    ("apply_policy", Permission::ManagePolicies),
    ("switch_policy_on", Permission::ManagePolicies),
    ("switch_policy_off", Permission::ManagePolicies),
    ("test_policy", Permission::ManagePolicies),
    ("bundles", Permission::ViewAuditLog),
    ("bundle", Permission::ViewAuditLog),
    ("order_bundle", Permission::ViewAuditLog),
    ("download_bundle", Permission::ViewAuditLog),
];

/// What a log that nobody has signed, and a house without directories for bundles and keys, cannot give.
const NOT_HERE: [&str; 29] = [
    "removed_entry",
    // The owner, who writes it, comes last.
    "policy",
    "sign_destination",
    "webhook",
    "create_webhook",
    "change_webhook",
    "set_webhook_enabled",
    "rotate_webhook_secret",
    "test_webhook",
    "remove_webhook",
    "inbound_endpoint",
    "create_inbound",
    "rotate_inbound_secret",
    "remove_inbound",
    "delivery",
    "replay_delivery",
    "inclusion_proof",
    "inclusion_proof_in",
    "consistency_proof",
    "tlog_proof",
    "stamp_request",
    "attach_stamp",
    "release_hold",
    "erase_payloads",
    // The operator has pressed it before the owner does, and the other is not one.
    "press_kill_switch",
    "release_kill_switch",
    "bundle",
    "order_bundle",
    "download_bundle",
];

fn day() -> chrono::NaiveDate {
    chrono::NaiveDate::default()
}

/// A checkpoint nobody signed.
fn unsigned(caller: Caller) -> SignedCheckpoint {
    SignedCheckpoint {
        workspace: caller.workspace,
        number: 1,
        epoch: 1,
        size: 1,
        root: [0; 32],
        note: String::new(),
        signed_at: domain::Timestamp::UNIX_EPOCH,
    }
}

/// A policy that has nothing against anything.
fn policy() -> Terms {
    Terms {
        key: "nothing".to_owned(),
        name: "Nothing".to_owned(),
        statement: "There is nothing against it.".to_owned(),
        effect: Effect::Deny,
        approval: None,
        automations: Vec::new(),
        rule: "false".to_owned(),
    }
}

async fn act(
    services: &Services,
    caller: Caller,
    act: &str,
    target: MemberId,
) -> Result<(), ServiceError> {
    let hook = "https://hooks.example.org";
    let inbound = InboundId::new(target.uuid());
    let (webhook, delivery) = (WebhookId::new(target.uuid()), DeliveryId::new(target.uuid()));
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
        "grant_window" => {
            let month = Period::month_of(services.clock().now().date_naive());
            services.grant_window(caller, target, month).await.map(drop)
        }
        "revoke_window" => {
            let host = Caller { principal: Principal::Host, ..caller };
            let granted = services.windows(host).await?.into_iter().rfind(Window::is_open);
            let window = granted.map_or(WindowId::new(target.uuid()), |window| window.id);
            services.revoke_window(caller, window).await.map(drop)
        }
        "windows" => services.windows(caller).await.map(drop),
        "sight" => services.sight(caller).await.map(drop),
        "watched" => services.watched(caller).await.map(drop),
        "issue_link" => services.issue_link(caller, target).await.map(drop),
        "remove_member" => services.remove_member(caller, target).await,
        "members" => services.members(caller).await.map(drop),
        "member_names" => services.member_names(caller).await.map(drop),
        "allow_destination" => services.allow_destination(caller, hook, false).await.map(drop),
        "destinations" => services.destinations(caller).await.map(drop),
        "create_token" => {
            let (member, scopes) = (None, [Permission::ViewRuns].into_iter().collect());
            let expires_at = services.clock().now() + chrono::TimeDelta::days(1);
            let name = "a program".to_owned();
            services
                .create_token(caller, NewToken { member, name, scopes, expires_at })
                .await
                .map(drop)
        }
        "tokens" => services.tokens(caller).await.map(drop),
        "token" | "revoke_token" => {
            let own = services.tokens(caller).await?.remove(0).id;
            match act {
                "token" => services.token(caller, own).await.map(drop),
                _ => services.revoke_token(caller, own).await.map(drop),
            }
        }
        "destination_secrets" => services.destination_secrets(caller).await.map(drop),
        "sign_destination" => services.sign_destination(caller, hook).await.map(drop),
        "unsign_destination" => services.unsign_destination(caller, hook).await.map(drop),
        "webhooks" => services.webhooks(caller).await.map(drop),
        "webhook" => services.webhook(caller, webhook).await.map(drop),
        "create_webhook" => services.create_webhook(caller, NewWebhook::default()).await.map(drop),
        "change_webhook" => {
            services.change_webhook(caller, webhook, NewWebhook::default()).await.map(drop)
        }
        "set_webhook_enabled" => {
            services.set_webhook_enabled(caller, webhook, true).await.map(drop)
        }
        "rotate_webhook_secret" => services.rotate_webhook_secret(caller, webhook).await.map(drop),
        "test_webhook" => services.test_webhook(caller, webhook).await.map(drop),
        "remove_webhook" => services.remove_webhook(caller, webhook).await.map(drop),
        "inbound_endpoints" => services.inbound_endpoints(caller).await.map(drop),
        "inbound_endpoint" => services.inbound_endpoint(caller, inbound).await.map(drop),
        "create_inbound" => {
            let new = NewInbound {
                name: String::new(),
                check: InboundCheck::Secret,
                kind: TriggerKind::GovernedEvent,
                source: String::new(),
                event_type: String::new(),
                id_from: IdFrom::Digest,
                subject_from: None,
                time_from: None,
            };
            services.create_inbound(caller, new).await.map(drop)
        }
        "rotate_inbound_secret" => services.rotate_inbound_secret(caller, inbound).await.map(drop),
        "remove_inbound" => services.remove_inbound(caller, inbound).await.map(drop),
        "deliveries" => {
            let all = DeliveryFilter::default();
            services.deliveries(caller, &all, Seek::First, 10).await.map(drop)
        }
        "delivery" => services.delivery(caller, delivery).await.map(drop),
        "replay_delivery" => services.replay_delivery(caller, delivery).await.map(drop),
        "remove_destination" => services.remove_destination(caller, hook).await,
        "audit_entries" => {
            services.audit_entries(caller, &AuditFilter::default(), 10).await.map(drop)
        }
        "audit_page" => services.audit_page(caller, &AuditFilter::default(), 10).await.map(drop),
        "audit_entry" => services.audit_entry(caller, 0).await.map(drop),
        "removed_entry" => services.removed_entry(caller, 0).await.map(drop),
        "check_audit" => services.check_audit(caller, &[0]).await.map(drop),
        "audit_root" => services.audit_root(caller).await.map(drop),
        "verify_audit" => services.verify_audit(caller).await.map(drop),
        "latest_checkpoint" => services.latest_checkpoint(caller).await.map(drop),
        "checkpoint_at" => services.checkpoint_at(caller, 1).await.map(drop),
        "checkpoint_before" => {
            services.checkpoint_before(caller, services.clock().now()).await.map(drop)
        }
        "checkpoint_state" => services.checkpoint_state(caller).await.map(drop),
        "verifier_keys" => services.verifier_keys(caller).await.map(drop),
        "key_custody" => services.key_custody(caller).await.map(drop),
        "inclusion_proof" => services.inclusion_proof(caller, 0).await.map(drop),
        "inclusion_proof_in" => {
            services.inclusion_proof_in(caller, &unsigned(caller), 0).await.map(drop)
        }
        "consistency_proof" => services.consistency_proof(caller, 0, 1).await.map(drop),
        "tlog_proof" => services.tlog_proof(caller, 0).await.map(drop),
        "holds" => services.holds(caller).await.map(drop),
        "place_hold" => {
            let new = NewHold { reason: "a dispute".to_owned(), ..NewHold::default() };
            services.place_hold(caller, new).await.map(drop)
        }
        "release_hold" => {
            services.release_hold(caller, HoldId::new(target.uuid()), "settled").await.map(drop)
        }
        "retention" => services.retention(caller).await.map(drop),
        "set_retention" => {
            let new = NewRetention { definition: None, policy: Some(Policy::default()) };
            services.set_retention(caller, new).await.map(drop)
        }
        "retention_preview" => services.retention_preview(caller).await.map(drop),
        "storage" => services.storage(caller).await.map(drop),
        "erase_payloads" => {
            services.erase_payloads(caller, RunId::new(target.uuid()), "old").await.map(drop)
        }
        "prices" => services.prices(caller).await.map(drop),
        "set_price" => {
            let price = ["2.50", "10.00"].map(|amount| amount.parse().unwrap());
            services.set_price(caller, "house-model", day(), price).await.map(drop)
        }
        "remove_price" => services.remove_price(caller, "house-model", day()).await,
        "kill_switches" => services.kill_switches(caller).await.map(drop),
        "pressed_switches" => services.pressed_switches(caller).await.map(drop),
        "kill_preview" => services.kill_preview(caller, None).await.map(drop),
        "press_kill_switch" => {
            let order = KillOrder { reason: "it errs".to_owned(), ..KillOrder::default() };
            services.press_kill_switch(caller, order).await.map(drop)
        }
        "release_kill_switch" => {
            let (switch, presence) = (KillSwitchId::new(target.uuid()), Presence::Unknown);
            services.release_kill_switch(caller, switch, "mended", presence).await.map(drop)
        }
        "policies" => services.policies(caller).await.map(drop),
        "policy" => services.policy(caller, "nothing").await.map(drop),
        "apply_policy" => services.apply_policy(caller, policy()).await.map(drop),
        "switch_policy_on" => {
            services.switch_policy_on(caller, "nothing", None, "agreed").await.map(drop)
        }
        "switch_policy_off" => {
            services.switch_policy_off(caller, "nothing", "done").await.map(drop)
        }
        "test_policy" => {
            let today = services.clock().now().date_naive();
            let period = Period::of_days(today, today).unwrap();
            let draft = PolicyUnderTest::Draft(policy());
            services.test_policy(caller, draft, period).await.map(drop)
        }
        "latest_stamp" => services.latest_stamp(caller).await.map(drop),
        "stamp_request" => services.stamp_request(caller).await.map(drop),
        "attach_stamp" => {
            let answer = StampAnswer { size: 1, token: Vec::new(), nonce: None };
            services.attach_stamp(caller, answer, b"").await.map(drop)
        }
        "bundles" => services.bundles(caller, None, 10).await.map(drop),
        "bundle" => services.bundle(caller, BundleId::new(target.uuid())).await.map(drop),
        "order_bundle" => {
            let today = services.clock().now().date_naive();
            let period = Period::of_days(today, today).unwrap();
            let order = NewBundle { period, automations: Vec::new() };
            services.order_bundle(caller, order).await.map(drop)
        }
        "download_bundle" => {
            services.download_bundle(caller, BundleId::new(target.uuid())).await.map(drop)
        }
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
            for &(name, permission) in ACTS {
                let answer = act(services, caller, name, target).await;
                if allows(role, permission) {
                    let refused = matches!(answer, Err(ServiceError::Refused(_)));
                    let absent = NOT_HERE.contains(&name) && answer.is_err() && !refused;
                    assert!(answer.is_ok() || absent, "{role} {name}: {answer:?}");
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
        assert_eq!(refusals, 199);
        let entered = house.verbs().await.into_iter().filter(|&v| v == Verb::ActRefused).count();
        assert_eq!(entered, refusals);
    }
}
