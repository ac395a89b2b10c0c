//! What is told of, to whom, and in which transaction.

use domain::{
    audit::{AuditFilter, Draft, Object, Verb},
    id::RunId,
    member::Principal,
    page::Seek,
    webhook::{DeliveryFilter, DeliveryState, EventKind},
};
use engine::{
    both_databases,
    ids::Ids,
    services::{NewWebhook, ServiceError},
    signing::SigningDir,
    work::{Engine, Signer, Worker},
};
use serde_json::json;

use super::{
    house::{SITE, Telling, http, verifies},
    listener::{Heard, Plan},
};

/// Fails at once and for good: it is not among the destinations.
const FAILS: &str = "
key: fails
name: Fails
trigger: { kind: governed-event, type: checked }
subjects: { from: event, kind: account }
action: { actioner: notify.http, with: { url: 'https://nowhere.example/' } }
";

const ASKS: &str = "
key: asks
name: Asks
trigger: { kind: governed-event, type: checked }
subjects: { from: event, kind: account }
action: { actioner: findings.create, with: { title: Look, severity: low } }
approval: { before-action: { role: approver } }
";

/// The end of a run, as an entry of the log.
fn ended(run: RunId) -> Draft {
    let draft = Draft::new(Principal::System, Verb::RunCompleted, Object::new("run", run));
    draft.in_run(run).with(json!({"status": "completed", "round": 0, "counts": {}}))
}

both_databases! {
    async fn a_happening_is_told_once_to_each_webhook_that_listens_to_it(db: TestStore) {
        let house = Telling::new(&db).await;
        let made = house.webhook(&[EventKind::RunFinished]).await;
        house.webhook(&[EventKind::RunFailed, EventKind::IncidentRaised]).await;
        let run = house.good_run(3).await;
        let heard = house.listener.only();
        let body = heard.json();
        assert_eq!(body["type"], "run.finished");
        let data = &body["data"];
        assert_eq!((&data["run"], &data["status"]), (&json!(run), &json!("completed")));
        assert_eq!((&data["counts"]["succeeded"], &data["definition"]), (&json!(3), &json!("looks")));
        assert_eq!(data["workspace"], json!(house.workspace.id));
        let url = format!("{SITE}/w/main/governance/automation/runs/{run}");
        assert_eq!(data["url"], url);
        assert!(verifies(&heard, &made.secret), "{heard:?}");
        assert_eq!(heard.key, format!("\"{}\"", heard.id));
        house.settle().await;
        assert_eq!(house.listener.heard().len(), 1, "and never again");
        let delivery = house.deliveries().await.remove(0);
        assert_eq!((delivery.state, delivery.body), (DeliveryState::Delivered, heard.body));
    }

    async fn a_house_without_webhooks_keeps_nothing(db: TestStore) {
        let house = Telling::new(&db).await;
        house.good_run(2).await;
        assert_eq!(house.deliveries().await, []);
        assert_eq!(house.engine.next_due().await.unwrap(), None);
    }

    async fn failures_questions_and_checkpoints_are_told_with_what_they_are_about(db: TestStore) {
        let mut house = Telling::new(&db).await;
        house.webhook(&EventKind::LISTENED).await;
        house.accounts(1).await;
        house.apply(FAILS).await;
        house.apply(ASKS).await;
        house.event("both", Some("ACC-0001")).await;
        let dir = SigningDir::new(house.home.path().join("signing"));
        let signer = Signer::new(house.services.clone(), dir, Some("assize.example"));
        house.sign_with(Engine::new(Worker::new(house.services.clone(), http(), "worker-1")).signing(signer));
        house.settle().await;
        let heard: Vec<_> = house.listener.heard().iter().map(Heard::json).collect();
        let of = |kind: &str| {
            let found: Vec<_> = heard.iter().filter(|body| body["type"] == kind).collect();
            assert_eq!(found.len(), 1, "{kind}: {heard:?}");
            found[0]["data"].clone()
        };
        let incident = of("incident.raised");
        assert_eq!(incident["cause"], "destination-refused");
        assert_eq!(incident["definition"], "fails");
        let id = incident["incident"].as_str().unwrap();
        assert!(incident["url"].as_str().unwrap().ends_with(&format!("/incidents/{id}")));
        let approval = of("approval.requested");
        assert_eq!(approval["definition"], "asks");
        assert!(approval["approval"].as_str().unwrap().starts_with("apr_"), "{approval}");
        assert_eq!(of("run.finished")["status"], "completed-with-failures");
        let checkpoint = of("checkpoint.signed");
        let note = checkpoint["note"].as_str().unwrap();
        let signed = house.services.latest_checkpoint(house.host).await.unwrap().unwrap();
        assert_eq!((note, &checkpoint["size"]), (signed.note.as_str(), &json!(signed.size)));
        let everything = json!(heard).to_string();
        for secret in ["ACC-0001", "nowhere.example", "approver@example.org"] {
            assert!(!everything.contains(secret), "{secret}");
        }
    }

    async fn what_is_rolled_back_was_never_told(db: TestStore) {
        let house = Telling::new(&db).await;
        house.webhook(&[EventKind::RunFinished]).await;
        let run = house.good_run(1).await;
        assert_eq!(house.deliveries().await.len(), 1);
        let (ids, now) = (Ids::random(), house.clock.now());
        let mut tx = db.store.begin().await.unwrap();
        tx.append_audit(house.workspace.id, &ids, now, &[ended(run)]).await.unwrap();
        drop(tx);
        assert_eq!(house.deliveries().await.len(), 1, "nothing happened");
        let mut tx = db.store.begin().await.unwrap();
        tx.append_audit(house.workspace.id, &ids, now, &[ended(run), ended(run)]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(house.deliveries().await.len(), 3, "it happened, twice");
    }

    async fn a_webhook_that_is_disabled_is_told_nothing_of_that_time(db: TestStore) {
        let house = Telling::new(&db).await;
        let webhook = house.webhook(&[EventKind::RunFinished]).await.webhook;
        house.listener.plan([Plan::Status(500)]);
        let queued = house.test(&webhook).await;
        house.tick().await;
        let services = &house.services;
        services.set_webhook_enabled(house.host, webhook.id, false).await.unwrap();
        assert_eq!(house.delivery(queued).await.delivery.due_at, None, "it waits");
        house.good_run(1).await;
        assert_eq!(house.deliveries().await.len(), 1);
        let refused = services.test_webhook(house.host, webhook.id).await.unwrap_err();
        assert_eq!(refused.code(), "webhook-disabled");
        assert_eq!(services.replay_delivery(house.host, queued).await.unwrap_err().code(), "webhook-disabled");
        services.set_webhook_enabled(house.host, webhook.id, true).await.unwrap();
        assert_eq!(house.tick().await, 1);
        assert_eq!(house.delivery(queued).await.delivery.state, DeliveryState::Delivered);
        for verb in [Verb::WebhookDisabled, Verb::WebhookEnabled] {
            assert_eq!(house.entered(verb).await.len(), 1, "{verb}");
        }
    }

    async fn a_webhook_that_is_removed_leaves_its_log_behind(db: TestStore) {
        let house = Telling::new(&db).await;
        let webhook = house.webhook(&[EventKind::RunFinished]).await.webhook;
        let delivered = house.test(&webhook).await;
        house.tick().await;
        let queued = house.test(&webhook).await;
        let services = &house.services;
        services.remove_webhook(house.host, webhook.id).await.unwrap();
        assert_eq!(services.webhooks(house.host).await.unwrap(), []);
        assert!(matches!(
            services.webhook(house.host, webhook.id).await,
            Err(ServiceError::NotFound("webhook"))
        ));
        assert_eq!(house.tick().await, 0);
        assert_eq!(house.delivery(queued).await.delivery.state, DeliveryState::Failed);
        let old = house.delivery(delivered).await;
        assert_eq!((old.delivery.state, old.webhook), (DeliveryState::Delivered, None));
        let refused = services.replay_delivery(house.host, delivered).await.unwrap_err();
        assert_eq!(refused.code(), "webhook-removed");
        let entry = house.entered(Verb::WebhookRemoved).await.remove(0).payload.unwrap();
        assert_eq!(entry["given_up"], 1);
    }

    async fn what_is_wrong_with_a_webhook_is_said_field_by_field(db: TestStore) {
        let house = Telling::new(&db).await;
        let wrong = NewWebhook {
            name: " ".to_owned(),
            url: "https://nowhere.example/hook".to_owned(),
            events: vec![EventKind::Test],
            ..NewWebhook::default()
        };
        let answer = house.services.create_webhook(house.host, wrong).await;
        let Err(ServiceError::Invalid(errors)) = answer else { panic!("{answer:?}") };
        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["name", "url", "events"]);
        assert!(errors[1].message.contains("allow it under Destinations"), "{errors:?}");
    }

    async fn the_log_is_found_by_state_event_and_webhook_page_by_page(db: TestStore) {
        let house = Telling::new(&db).await;
        let (first, second) = (
            house.webhook(&[EventKind::RunFinished]).await.webhook,
            house.webhook(&[EventKind::RunFailed]).await.webhook,
        );
        house.listener.plan([Plan::Status(500)]);
        house.test(&first).await;
        house.tick().await;
        for _ in 0..4 {
            house.test(&second).await;
        }
        house.tick().await;
        house.good_run(1).await;
        let (services, host) = (&house.services, house.host);
        let count = async |query: &str| {
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            let filter = DeliveryFilter::parse(pairs, &[]).unwrap();
            services.deliveries(host, &filter, Seek::First, 50).await.unwrap().rows.len()
        };
        assert_eq!(count("").await, 6);
        assert_eq!(count("state=queued").await, 1);
        assert_eq!(count("state=queued&state=delivered").await, 6);
        assert_eq!(count("event=run.finished").await, 1);
        assert_eq!(count(&format!("webhook={}&state=delivered", second.id)).await, 4);
        let (mut seek, mut seen) = (Seek::First, Vec::new());
        loop {
            let page = services.deliveries(host, &DeliveryFilter::default(), seek, 2).await.unwrap();
            seen.extend(page.rows.iter().map(|row| row.id));
            match page.next {
                Some(next) => seek = next,
                None => break,
            }
        }
        let mut once = seen.clone();
        once.sort();
        once.dedup();
        assert_eq!((seen.len(), once.len()), (6, 6));
        assert!(services.verify_audit(host).await.unwrap().is_ok());
        let tests = AuditFilter { verb: Some(Verb::WebhookTested), ..AuditFilter::default() };
        assert_eq!(services.audit_entries(host, &tests, 50).await.unwrap().len(), 5);
    }
}
