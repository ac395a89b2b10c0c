//! `assize webhook`: receivers that are told what happens, and the log of what was delivered to them.

mod log;

use domain::{
    id::{DeliveryId, WebhookId},
    webhook::EventKind,
};
use http::Method;
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    CliError, Global,
    door::Door,
    open,
    output::{Report, is_narrow, print, rows, show, table, time, word},
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
    match command {
        Command::RotateKey => {
            let secrets = open::services(global).await?.rotate_secrets_key().await?;
            print(global.format, &Resealed { secrets })
        }
        Command::Add { url, name, events, origin } => {
            let door = Door::open_for(global, origin).await?;
            let events = if events.is_empty() { EventKind::LISTENED.to_vec() } else { events };
            let new = json!({"name": name, "url": url, "events": events});
            show(global.format, &door.post("/webhooks", &new).await?, told)
        }
        Command::Change { webhook, url, name, events, origin } => {
            let door = Door::open_for(global, origin).await?;
            let at = format!("/webhooks/{webhook}");
            let mut new = door.get(&at).await?["webhook"].take();
            let events = (!events.is_empty()).then(|| json!(events));
            let stated = [("url", url.map(Value::from)), ("name", name.map(Value::from))];
            for (field, value) in stated.into_iter().chain([("events", events)]) {
                new[field] = value.unwrap_or_else(|| new[field].take());
            }
            let (url, name, events) = (&new["url"], &new["name"], &new["events"]);
            let new = json!({"url": url, "name": name, "events": events});
            show(global.format, &door.put(&at, &new).await?, one)
        }
        command => simple(global, &Door::open(global).await?, command).await,
    }
}

/// What needs no address of ours.
async fn simple(global: &Global, door: &Door, command: Command) -> Result<(), CliError> {
    let at = |webhook: WebhookId, what: &str| format!("/webhooks/{webhook}{what}");
    let enable = |enabled: bool| json!({"enabled": enabled});
    match command {
        Command::Enable { webhook } => {
            show(global.format, &door.put(&at(webhook, "/enabled"), &enable(true)).await?, one)
        }
        Command::Disable { webhook } => {
            show(global.format, &door.put(&at(webhook, "/enabled"), &enable(false)).await?, one)
        }
        Command::Remove { webhook } => {
            show(global.format, &door.act(Method::DELETE, &at(webhook, "")).await?, one)
        }
        Command::Rotate { webhook } => {
            show(global.format, &door.act(Method::POST, &at(webhook, "/rotate")).await?, told)
        }
        Command::Test { webhook } => {
            show(global.format, &door.act(Method::POST, &at(webhook, "/test")).await?, queued)
        }
        Command::Replay { delivery } => {
            let path = format!("/deliveries/{delivery}/replay");
            show(global.format, &door.act(Method::POST, &path).await?, queued)
        }
        Command::Deliveries(arguments) => log::list(global, door, arguments).await,
        Command::Delivery { delivery } => log::one(global, door, delivery).await,
        _ => show(global.format, &door.get("/webhooks").await?, page),
    }
}

fn page(list: &Value) -> String {
    if is_narrow() {
        let narrow = |[name, _, _, status, id]: [String; 5]| [name, status, id];
        return table(["name", "status", "id"], rows(list).map(cells).map(narrow));
    }
    table(["name", "address", "events", "status", "id"], rows(list).map(cells))
}

fn cells(webhook: &Value) -> [String; 5] {
    let events = webhook["events"].as_array().into_iter().flatten().map(word);
    let status = match webhook["disabled"]["because"].as_str() {
        None => "enabled".to_owned(),
        Some(because) => format!("disabled, {because}"),
    };
    [
        word(&webhook["name"]),
        word(&webhook["url"]),
        events.collect::<Vec<_>>().join(", "),
        status,
        word(&webhook["id"]),
    ]
}

fn one(webhook: &Value) -> String {
    let [name, url, events, status, id] = cells(webhook);
    format!("{name} {id}: {status}\n{url}\n{events}")
}

fn told(made: &Value) -> String {
    let webhook = &made["webhook"];
    let both = match made["until"].is_null() {
        true => String::new(),
        false => format!("Until {} the old secret signs, too. ", time(&made["until"])),
    };
    format!(
        "{} {}\n{both}Its signing secret, shown this once:\n{}",
        word(&webhook["name"]),
        word(&webhook["id"]),
        word(&made["secret"]),
    )
}

fn queued(delivery: &Value) -> String {
    let (id, state) = (word(&delivery["id"]), word(&delivery["state"]));
    format!("{id} is {state}; `assize webhook delivery {id}` says what becomes of it")
}
