//! `assize webhook deliveries` and `assize webhook delivery`.

use domain::{
    id::{DeliveryId, WebhookId},
    webhook::{DeliveryState, EventKind},
};
use serde_json::Value;

use super::{CliError, Global};
use crate::cli::{
    asked::{Paging, Query},
    door::Door,
    output::{is_narrow, more, rows, show, table, time, word},
};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// queued, sending, delivered or failed; may be repeated
    #[arg(long = "state")]
    states: Vec<DeliveryState>,
    /// What was told, such as run.failed; may be repeated
    #[arg(long = "event")]
    events: Vec<EventKind>,
    /// Those to one webhook
    #[arg(long)]
    webhook: Option<WebhookId>,
    #[command(flatten)]
    page: Paging,
}

pub async fn list(
    global: &Global,
    door: &Door,
    Arguments { states, events, webhook, page }: Arguments,
) -> Result<(), CliError> {
    let query = Query::default().with("state", states).with("event", events);
    let query = query.with("webhook", webhook).page(page);
    show(global.format, &door.get(&format!("/deliveries{query}")).await?, page_text)
}

pub async fn one(global: &Global, door: &Door, delivery: DeliveryId) -> Result<(), CliError> {
    show(global.format, &door.get(&format!("/deliveries/{delivery}")).await?, text)
}

fn page_text(list: &Value) -> String {
    let table = match is_narrow() {
        true => {
            let narrow = |[_, event, state, _, _, id]: [String; 6]| [event, state, id];
            table(["event", "state", "id"], rows(list).map(cells).map(narrow))
        }
        false => {
            let headings = ["created", "event", "state", "attempts", "last answer", "id"];
            table(headings, rows(list).map(cells))
        }
    };
    table + &more(list)
}

fn cells(delivery: &Value) -> [String; 6] {
    [
        time(&delivery["created_at"]),
        word(&delivery["event"]),
        word(&delivery["state"]),
        word(&delivery["attempt"]),
        came_to(delivery),
        word(&delivery["id"]),
    ]
}

fn text(detail: &Value) -> String {
    let delivery = &detail["delivery"];
    let mut text = format!(
        "{}\n{} to {}: {}\n",
        word(&delivery["id"]),
        word(&delivery["event"]),
        word(&delivery["webhook"]),
        word(&delivery["state"]),
    );
    if !delivery["due_at"].is_null() {
        text += &format!("due {}\n", time(&delivery["due_at"]));
    }
    text += &format!("{}\n\n", word(&delivery["body"]));
    let cells = |attempt: &Value| {
        [
            word(&attempt["number"]),
            time(&attempt["started_at"]),
            time(&attempt["ended_at"]),
            came_to(attempt),
            attempt["failure"]["message"].as_str().unwrap_or_default().to_owned(),
        ]
    };
    let attempts = detail["attempts"].as_array().map(Vec::as_slice).unwrap_or_default();
    let headings = ["attempt", "started", "ended", "answer", "why"];
    text + &table(headings, attempts.iter().map(cells))
}

/// A status, or what kept it from being one.
fn came_to(tried: &Value) -> String {
    match (tried["status"].as_i64(), tried["failure"]["code"].as_str()) {
        (Some(status), _) => status.to_string(),
        (None, Some(code)) => code.to_owned(),
        (None, None) => String::new(),
    }
}
