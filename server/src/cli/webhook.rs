//! `assize webhook`: receivers that are told what happens, and the log of what was delivered to them.

mod log;

use domain::{
    id::{DeliveryId, WebhookId},
    webhook::{Delivery, EventKind, Webhook},
};
use engine::services::{Caller, CreatedWebhook, NewWebhook, Services};
use serde::Serialize;

use super::{
    CliError, Global, open,
    output::{Report, print, printable, table},
};
use crate::config::Origin;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List the webhooks
    List,
    /// Tell a receiver of what happens; prints its signing secret, this once
    Add {
        /// Where to; its host has to be among the allowed destinations
        url: String,
        /// What people call it
        #[arg(long)]
        name: String,
        /// What it is told of, such as run.failed; may be repeated. Everything unless stated
        #[arg(long = "event")]
        events: Vec<EventKind>,
        /// The address people open, such as https://assize.example: links begin with it
        #[arg(long, env = "ASSIZE_ORIGIN")]
        origin: Option<Origin>,
    },
    /// Change what is stated, and leave the rest
    Change {
        webhook: WebhookId,
        #[arg(long)]
        url: Option<String>,
        #[arg(long)]
        name: Option<String>,
        /// May be repeated; takes the place of all events
        #[arg(long = "event")]
        events: Vec<EventKind>,
        /// The address people open
        #[arg(long, env = "ASSIZE_ORIGIN")]
        origin: Option<Origin>,
    },
    /// Go on with what is queued, and with what happens from now on
    Enable { webhook: WebhookId },
    /// Send nothing more until it is enabled; what happens meanwhile it is never told
    Disable { webhook: WebhookId },
    /// Remove a webhook; what is queued for it is given up
    Remove { webhook: WebhookId },
    /// Give it another signing secret, and print that this once; for a day the old one signs, too
    Rotate { webhook: WebhookId },
    /// Queue a test delivery
    Test { webhook: WebhookId },
    /// List deliveries, newest first
    Deliveries(log::Arguments),
    /// Show a delivery with all its attempts
    Delivery { delivery: DeliveryId },
    /// Send a delivery again: the same bytes under the same id
    Replay { delivery: DeliveryId },
    /// Put a new key in the place of the one that secrets are sealed with
    RotateKey,
}

#[derive(Serialize)]
struct Webhooks {
    webhooks: Vec<Webhook>,
}

impl Report for Webhooks {
    fn text(&self) -> String {
        let row = |webhook: &Webhook| {
            let events: Vec<_> = webhook.events.iter().map(|event| event.as_str()).collect();
            let status = match webhook.disabled {
                None => "enabled".to_owned(),
                Some(disabled) => format!("disabled, {}", disabled.because),
            };
            let (name, url) = (printable(&webhook.name), printable(&webhook.url));
            [name, url, events.join(", "), status, webhook.id.to_string()]
        };
        table(["name", "address", "events", "status", "id"], self.webhooks.iter().map(row))
    }
}

#[derive(Serialize)]
struct Told {
    webhook: Webhook,
    secret: String,
    /// Until when the secret before signs, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<domain::Timestamp>,
}

impl Report for Told {
    fn text(&self) -> String {
        let both = self.until.map(|until| {
            format!("Until {} the old secret signs, too. ", until.format("%Y-%m-%d %H:%M UTC"))
        });
        format!(
            "{} {}\n{}Its signing secret, shown this once:\n{}",
            printable(&self.webhook.name),
            self.webhook.id,
            both.unwrap_or_default(),
            self.secret
        )
    }
}

#[derive(Serialize)]
struct Queued {
    delivery: Delivery,
}

impl Report for Queued {
    fn text(&self) -> String {
        let Delivery { id, state, .. } = self.delivery;
        format!("{id} is {state}; `assize webhook delivery {id}` says what becomes of it")
    }
}

#[derive(Serialize)]
struct Resealed {
    secrets: i64,
}

impl Report for Resealed {
    fn text(&self) -> String {
        format!(
            "{} secrets are sealed with the new key; the old one still opens backups",
            self.secrets
        )
    }
}

pub async fn run(global: &Global, command: Command) -> Result<(), CliError> {
    let services = open::services(global).await?;
    if let Command::RotateKey = command {
        let secrets = services.rotate_secrets_key().await?;
        return print(global.format, &Resealed { secrets });
    }
    let caller = open::caller(global, &services).await?;
    match command {
        Command::Add { url, name, events, origin } => {
            let new = NewWebhook { name, url, events: or_all(events), site: site(origin) };
            told(global, services.create_webhook(caller, new).await?)
        }
        Command::Rotate { webhook } => {
            told(global, services.rotate_webhook_secret(caller, webhook).await?)
        }
        Command::Test { webhook } => {
            let delivery = services.test_webhook(caller, webhook).await?;
            print(global.format, &Queued { delivery })
        }
        Command::Replay { delivery } => {
            let delivery = services.replay_delivery(caller, delivery).await?;
            print(global.format, &Queued { delivery })
        }
        Command::Deliveries(arguments) => log::list(global, &services, caller, arguments).await,
        Command::Delivery { delivery } => log::show(global, &services, caller, delivery).await,
        command => {
            change(&services, caller, command).await?;
            let webhooks = services.webhooks(caller).await?;
            print(global.format, &Webhooks { webhooks })
        }
    }
}

/// What is answered with the list.
async fn change(services: &Services, caller: Caller, command: Command) -> Result<(), CliError> {
    match command {
        Command::Change { webhook, url, name, events, origin } => {
            let before = services.webhook(caller, webhook).await?.webhook;
            let new = NewWebhook {
                name: name.unwrap_or(before.name),
                url: url.unwrap_or(before.url),
                events: if events.is_empty() { before.events } else { events },
                site: site(origin),
            };
            services.change_webhook(caller, webhook, new).await?;
        }
        Command::Enable { webhook } => {
            services.set_webhook_enabled(caller, webhook, true).await?;
        }
        Command::Disable { webhook } => {
            services.set_webhook_enabled(caller, webhook, false).await?;
        }
        Command::Remove { webhook } => {
            services.remove_webhook(caller, webhook).await?;
        }
        _ => {}
    }
    Ok(())
}

fn told(global: &Global, made: CreatedWebhook) -> Result<(), CliError> {
    let CreatedWebhook { webhook, secret, until } = made;
    print(global.format, &Told { webhook, secret: secret.expose().to_owned(), until })
}

fn or_all(events: Vec<EventKind>) -> Vec<EventKind> {
    if events.is_empty() { EventKind::LISTENED.to_vec() } else { events }
}

fn site(origin: Option<Origin>) -> String {
    origin.map(|origin| origin.to_string()).unwrap_or_default()
}
