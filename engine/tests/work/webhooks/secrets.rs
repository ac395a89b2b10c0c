//! Secrets: told once, exchanged without a gap, and nowhere to be read.

use chrono::TimeDelta;
use domain::{
    audit::{AuditFilter, Verb},
    item::ItemState,
    member::Role,
    webhook::{DeliveryState, EventKind},
};
use engine::{both_databases, services::SignedDestination};

use super::house::{Telling, verifies};

const NOTIFIES: &str = "
key: notifies
name: Notifies
trigger: { kind: governed-event, type: checked }
subjects: { from: event, kind: account }
action: { actioner: notify.http, with: { url: 'ADDRESS/notify', body: { about: '{{ subject.key }}' } } }
retry: { max-attempts: 2, backoff: { initial: PT30S, max: PT1M } }
";

async fn notifying(house: &Telling) {
    house.accounts(1).await;
    house.apply(&NOTIFIES.replace("ADDRESS", &house.listener.address)).await;
}

/// Every byte that the database keeps on disk.
fn bytes(address: &str) -> Option<Vec<u8>> {
    let path = address.strip_prefix("sqlite:")?;
    let mut bytes = std::fs::read(path).unwrap();
    bytes.extend(std::fs::read(format!("{path}-wal")).unwrap_or_default());
    Some(bytes)
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

both_databases! {
    async fn for_a_day_after_a_rotation_both_secrets_sign(db: TestStore) {
        let house = Telling::new(&db).await;
        let made = house.webhook(&[EventKind::RunFinished]).await;
        let id = made.webhook.id;
        assert_eq!(made.until, None);
        let rotated = house.services.rotate_webhook_secret(house.host, id).await.unwrap();
        assert_eq!(rotated.until, Some(house.clock.now() + TimeDelta::hours(24)));
        assert_ne!(rotated.secret.expose(), made.secret.expose());
        house.test(&made.webhook).await;
        house.tick().await;
        let heard = house.listener.only();
        assert_eq!(heard.signature.split(' ').count(), 2);
        assert!(verifies(&heard, &made.secret) && verifies(&heard, &rotated.secret));
        house.clock.advance(TimeDelta::hours(24));
        house.test(&made.webhook).await;
        house.tick().await;
        let heard = house.listener.heard().pop().unwrap();
        assert_eq!(heard.signature.split(' ').count(), 1);
        assert!(!verifies(&heard, &made.secret) && verifies(&heard, &rotated.secret));
        let secrets = house.services.webhook(house.host, id).await.unwrap().secrets;
        assert_eq!(secrets.len(), 1);
        let entry = house.entered(Verb::WebhookSecretRotated).await.remove(0).payload.unwrap();
        assert_eq!(entry["after"], serde_json::json!(secrets[0].id));
    }

    async fn a_secret_can_be_read_neither_in_the_database_nor_in_the_log(db: TestStore) {
        use base64::{Engine as _, engine::general_purpose::STANDARD};

        let house = Telling::new(&db).await;
        let made = house.webhook(&[EventKind::RunFinished]).await;
        let rotated =
            house.services.rotate_webhook_secret(house.host, made.webhook.id).await.unwrap();
        let signed =
            house.services.sign_destination(house.host, &house.listener.address).await.unwrap();
        house.test(&made.webhook).await;
        house.tick().await;
        let everything = AuditFilter::default();
        let log = house.services.audit_entries(house.host, &everything, 200).await.unwrap();
        let log = format!("{log:?} {:?}", house.deliveries().await);
        let debug = format!("{made:?} {rotated:?} {signed:?}");
        let kept = bytes(&db.address);
        for secret in [&made.secret, &rotated.secret, &signed.secret] {
            let text = secret.expose().strip_prefix("whsec_").unwrap();
            let raw = STANDARD.decode(text).unwrap();
            assert!(!log.contains(text) && !debug.contains(text));
            if let Some(kept) = &kept {
                assert!(holds(kept, b"The team on call"), "this is what is looked through");
                assert!(!holds(kept, text.as_bytes()) && !holds(kept, &raw));
                assert!(!holds(kept, domain::canonical::hex(&raw).as_bytes()));
            }
        }
        assert!(!log.contains("T0KEN"), "nor what follows the host of the receiver");
        let operator = house.acting(Role::Operator);
        let seen = format!("{:?}", house.services.webhooks(operator).await.unwrap());
        assert!(seen.contains(&house.listener.address) && !seen.contains("T0KEN"), "{seen}");
    }

    async fn a_key_is_replaced_and_what_it_sealed_still_signs(db: TestStore) {
        let house = Telling::new(&db).await;
        let made = house.webhook(&[EventKind::RunFinished]).await;
        let old = house.vault.keys().unwrap().unwrap().current().to_owned();
        assert_eq!(house.services.rotate_secrets_key().await.unwrap(), 1);
        let new = house.vault.keys().unwrap().unwrap().current().to_owned();
        assert_ne!(new, old);
        let sealed = db.store.read().await.unwrap().secrets_by_key().await.unwrap();
        assert_eq!(sealed, [(new.clone(), 1)]);
        house.test(&made.webhook).await;
        house.tick().await;
        assert!(verifies(&house.listener.only(), &made.secret));
        let entry = house.entered(Verb::SecretsKeyRotated).await.remove(0).payload.unwrap();
        assert_eq!((&entry["key"], &entry["secrets"]), (&new.into(), &1.into()));
    }

    async fn without_its_key_nothing_is_sent_unsigned_and_no_other_key_is_made(db: TestStore) {
        let house = Telling::new(&db).await;
        let made = house.webhook(&[EventKind::RunFinished]).await;
        let kept = std::fs::read(house.vault.path()).unwrap();
        std::fs::remove_file(house.vault.path()).unwrap();
        let id = house.test(&made.webhook).await;
        house.tick().await;
        assert_eq!(house.listener.heard(), []);
        let detail = house.delivery(id).await;
        assert_eq!(detail.delivery.state, DeliveryState::Queued);
        let failure = detail.attempts[0].failure.as_ref().unwrap();
        assert_eq!((failure.code.as_str(), &detail.attempts[0].signature), ("secret-not-readable", &None));
        let refused =
            house.services.rotate_webhook_secret(house.host, made.webhook.id).await.unwrap_err();
        assert_eq!(refused.code(), "secrets-key-unusable");
        assert!(!house.vault.path().exists());
        std::fs::write(house.vault.path(), kept).unwrap();
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(house.vault.path(), std::fs::Permissions::from_mode(0o600)).unwrap();
        house.clock.advance_to(detail.delivery.due_at.unwrap());
        house.tick().await;
        assert!(verifies(&house.listener.only(), &made.secret));
    }

    async fn requests_of_actioners_are_signed_where_the_destination_has_a_secret(db: TestStore) {
        let house = Telling::new(&db).await;
        notifying(&house).await;
        let address = house.listener.address.clone();
        house.event("unsigned", Some("ACC-0001")).await;
        house.settle().await;
        assert_eq!(house.listener.only().signature, "", "not asked for");
        let SignedDestination { secret, until, .. } =
            house.services.sign_destination(house.host, &address).await.unwrap();
        assert_eq!(until, None);
        let renewed = house.services.sign_destination(house.host, &address).await.unwrap();
        let run = house.event("signed", Some("ACC-0001")).await.remove(0);
        house.settle().await;
        let heard = house.listener.heard().pop().unwrap();
        assert!(verifies(&heard, &secret) && verifies(&heard, &renewed.secret), "{heard:?}");
        let item = house.items(run).await.remove(0);
        assert_eq!(item.effect_key.as_deref(), Some(heard.id.as_str()), "the id is the effect key");
        house.services.unsign_destination(house.host, &address).await.unwrap();
        house.event("again", Some("ACC-0001")).await;
        house.settle().await;
        assert_eq!(house.listener.heard().pop().unwrap().signature, "");
        for verb in [
            Verb::DestinationSecretMade,
            Verb::DestinationSecretRotated,
            Verb::DestinationSecretRemoved,
        ] {
            assert_eq!(house.entered(verb).await.len(), 1, "{verb}");
        }
    }

    async fn an_action_whose_secret_cannot_be_read_fails_without_sending(db: TestStore) {
        let house = Telling::new(&db).await;
        notifying(&house).await;
        house.services.sign_destination(house.host, &house.listener.address).await.unwrap();
        std::fs::remove_file(house.vault.path()).unwrap();
        let run = house.event("signed", Some("ACC-0001")).await.remove(0);
        house.settle().await;
        let item = house.items(run).await.remove(0);
        assert_eq!(item.state, ItemState::Queued, "it will be tried again");
        house.clock.advance(TimeDelta::minutes(5));
        house.settle().await;
        let item = house.items(run).await.remove(0);
        assert_eq!(item.state, ItemState::Failed);
        assert_eq!(item.failure.unwrap().code, "secret-not-readable");
        assert_eq!(house.listener.heard(), []);
    }
}
