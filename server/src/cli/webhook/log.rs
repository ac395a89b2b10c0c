//! `assize webhook deliveries` and `assize webhook delivery`.

use domain::{
    Timestamp,
    id::{DeliveryId, WebhookId},
    page::{DEFAULT_SIZE, MAX_SIZE, Seek},
    webhook::{Delivery, DeliveryAttempt, DeliveryFilter, DeliveryState, EventKind},
};
use engine::services::{Caller, ServiceError, Services};
use serde::Serialize;

use super::{CliError, Global};
use crate::cli::output::{Report, print, printable, table};

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
    /// How many deliveries at most
    #[arg(long, default_value_t = DEFAULT_SIZE, value_parser = clap::value_parser!(i64).range(1..=MAX_SIZE))]
    limit: i64,
    /// The page that follows the one which ended with this marker
    #[arg(long)]
    after: Option<String>,
}

#[derive(Serialize)]
struct Deliveries {
    deliveries: Vec<Delivery>,
    /// Give it to `--after` for the next page.
    next: Option<String>,
}

impl Report for Deliveries {
    fn text(&self) -> String {
        let row = |delivery: &Delivery| {
            [
                minute(delivery.created_at),
                delivery.event.to_string(),
                delivery.state.to_string(),
                delivery.attempt.to_string(),
                came_to(delivery.status, delivery.failure.as_ref().map(|f| f.code.as_str())),
                delivery.id.to_string(),
            ]
        };
        let headings = ["created", "event", "state", "attempts", "last answer", "id"];
        let mut text = table(headings, self.deliveries.iter().map(row));
        if let Some(next) = &self.next {
            text += &format!("\nThere are more: --after {next}\n");
        }
        text
    }
}

#[derive(Serialize)]
struct Shown {
    delivery: Delivery,
    attempts: Vec<DeliveryAttempt>,
}

impl Report for Shown {
    fn text(&self) -> String {
        let Delivery { id, event, state, webhook, due_at, body, .. } = &self.delivery;
        let mut text = format!("{id}\n{event} to {webhook}: {state}\n");
        if let Some(due) = due_at {
            text += &format!("due {}\n", due.format("%Y-%m-%d %H:%M:%S UTC"));
        }
        text += &format!("{}\n\n", printable(body));
        let row = |attempt: &DeliveryAttempt| {
            let took = attempt.ended_at - attempt.started_at;
            let failure = attempt.failure.as_ref();
            [
                attempt.number.to_string(),
                attempt.started_at.format("%Y-%m-%d %H:%M:%S").to_string(),
                format!("{} ms", took.num_milliseconds()),
                came_to(attempt.status, failure.map(|failure| failure.code.as_str())),
                failure.map(|failure| failure.message.clone()).unwrap_or_default(),
            ]
        };
        let headings = ["attempt", "started", "took", "answer", "why"];
        text + &table(headings, self.attempts.iter().map(row))
    }
}

/// A status, or what kept it from being one.
fn came_to(status: Option<i64>, code: Option<&str>) -> String {
    match (status, code) {
        (Some(status), _) => status.to_string(),
        (None, Some(code)) => code.to_owned(),
        (None, None) => String::new(),
    }
}

fn minute(at: Timestamp) -> String {
    at.format("%Y-%m-%d %H:%M").to_string()
}

pub async fn list(
    global: &Global,
    services: &Services,
    caller: Caller,
    arguments: Arguments,
) -> Result<(), CliError> {
    let Arguments { states, events, webhook, limit, after } = arguments;
    let filter = DeliveryFilter { states, events, webhook };
    let scope = format!("{} deliveries {}", caller.workspace, filter.query());
    let seek = after.map_or(Ok(Seek::First), |marker| Seek::decode(&marker, &scope));
    let seek = seek.map_err(|error| ServiceError::invalid("after", error))?;
    let page = services.deliveries(caller, &filter, seek, limit).await?;
    let next = page.next.and_then(|seek| seek.encode(&scope));
    print(global.format, &Deliveries { deliveries: page.rows, next })
}

pub async fn show(
    global: &Global,
    services: &Services,
    caller: Caller,
    delivery: DeliveryId,
) -> Result<(), CliError> {
    let found = services.delivery(caller, delivery).await?;
    print(global.format, &Shown { delivery: found.delivery, attempts: found.attempts })
}
