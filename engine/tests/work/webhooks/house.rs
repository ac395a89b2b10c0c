//! A house with a place for secrets and a receiver of webhooks.

use std::{ops::Deref, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{
    audit::{AuditFilter, Entry, Verb},
    id::DeliveryId,
    page::Seek,
    webhook::{Delivery, DeliveryFilter, EventKind, Webhook},
};
use engine::{
    net::{HttpClient, Limits},
    secret::Secret,
    services::{CreatedWebhook, DeliveryDetail, NewWebhook, Services},
    testing::TestStore,
    vault::Vault,
    work::{Engine, Outbox, Worker},
};
use ring::hmac;
use tempfile::TempDir;

use super::listener::{Heard, Listener};
use crate::house::House;

pub const SITE: &str = "https://assize.example";

/// Runs on request about one record, and does what it should.
const LOOKS: &str = "
key: looks
name: Looks
trigger: { kind: governed-event, type: checked }
subjects: { from: register, kind: account }
action: { actioner: findings.create, with: { title: Look, severity: low } }
";

pub struct Telling {
    house: House,
    pub listener: Listener,
    pub outbox: Outbox,
    pub vault: Vault,
    pub home: TempDir,
}

impl Deref for Telling {
    type Target = House;

    fn deref(&self) -> &House {
        &self.house
    }
}

pub fn http() -> HttpClient {
    let connect = Duration::from_secs(2);
    HttpClient::new(Limits { connect, total: Duration::from_secs(5), ..Limits::default() }).unwrap()
}

/// An outbox as another process would have it.
pub fn outbox(services: &Services) -> Outbox {
    Outbox::new(services.clone(), http())
}

impl Telling {
    pub async fn new(db: &TestStore) -> Self {
        let home = TempDir::new().unwrap();
        let vault = Vault::new(&home.path().join("signing"), None);
        let mut house = House::new(db).await;
        house.services = house.services.with_vault(vault.clone());
        house.engine = Engine::new(Worker::new(house.services.clone(), http(), "worker-1"));
        let listener = Listener::start().await;
        house.services.allow_destination(house.host, &listener.address, true).await.unwrap();
        let outbox = outbox(&house.services);
        Self { house, listener, outbox, vault, home }
    }

    /// A webhook that listens to these.
    pub async fn webhook(&self, events: &[EventKind]) -> CreatedWebhook {
        let new = NewWebhook {
            name: "The team on call".to_owned(),
            url: format!("{}/hooks/T0KEN", self.listener.address),
            events: events.to_vec(),
            site: SITE.to_owned(),
        };
        self.services.create_webhook(self.host, new).await.unwrap()
    }

    /// Works with another engine from now on.
    pub fn sign_with(&mut self, engine: Engine) {
        self.house.engine = engine;
    }

    /// A run about so many accounts that comes to a good end, with everything it is told of.
    pub async fn good_run(&self, accounts: usize) -> domain::id::RunId {
        self.accounts(accounts).await;
        self.apply(LOOKS).await;
        let run = self.event("good", None).await.remove(0);
        self.settle().await;
        run
    }

    pub async fn test(&self, webhook: &Webhook) -> DeliveryId {
        self.services.test_webhook(self.host, webhook.id).await.unwrap().id
    }

    /// Sends what is due now; answers with how many tries that were.
    pub async fn tick(&self) -> usize {
        self.outbox.tick(self.clock.now()).await.unwrap()
    }

    pub async fn deliveries(&self) -> Vec<Delivery> {
        let all = DeliveryFilter::default();
        self.services.deliveries(self.host, &all, Seek::First, 100).await.unwrap().rows
    }

    pub async fn delivery(&self, id: DeliveryId) -> DeliveryDetail {
        self.services.delivery(self.host, id).await.unwrap()
    }

    /// The entries with this verb.
    pub async fn entered(&self, verb: Verb) -> Vec<Entry> {
        let filter = AuditFilter { verb: Some(verb), ..AuditFilter::default() };
        self.services.audit_entries(self.host, &filter, 100).await.unwrap()
    }
}

/// Checks a request as a receiver does that was given this secret: with the bytes that arrived.
pub fn verifies(heard: &Heard, secret: &Secret) -> bool {
    let key = STANDARD.decode(secret.expose().strip_prefix("whsec_").unwrap()).unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let signed = format!("{}.{}.{}", heard.id, heard.timestamp, heard.body);
    heard.signature.split(' ').any(|signature| {
        let signature = STANDARD.decode(signature.strip_prefix("v1,").unwrap()).unwrap();
        hmac::verify(&key, signed.as_bytes(), &signature).is_ok()
    })
}
