//! `assize event`: tells Assize that something happened.

use std::io::{self, Read as _};

use anyhow::Context as _;
use domain::{Timestamp, record::RecordRef, trigger::TriggerKind};
use engine::services::NewEvent;
use serde_json::{Value, json};

use super::{
    CliError, Global,
    door::Door,
    output::{show, word},
};
use crate::api::events::Received;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Send a trigger event; the same source and id a second time changes nothing
    Send(Arguments),
}

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Such as governed-event, monitor-result or source-provider-fact
    #[arg(long)]
    kind: TriggerKind,
    /// Who tells
    #[arg(long)]
    source: String,
    /// The source's own id of the event
    #[arg(long)]
    id: String,
    /// What happened, such as exception.closed
    #[arg(long = "type")]
    event_type: String,
    /// The record it is about, as KIND/KEY
    #[arg(long)]
    subject: Option<String>,
    /// When it happened, such as 2026-07-01T08:00:00Z; now unless stated
    #[arg(long)]
    at: Option<Timestamp>,
    /// A JSON object, or - to read one from the standard input
    #[arg(long, default_value = "{}")]
    payload: String,
}

pub async fn run(global: &Global, command: Command) -> Result<(), CliError> {
    let Command::Send(arguments) = command;
    let (subject, payload) =
        (arguments.subject.as_deref().map(subject).transpose()?, payload(&arguments.payload)?);
    match Door::open(global).await? {
        Door::Here(services, caller) => {
            let event = NewEvent {
                kind: arguments.kind,
                source: arguments.source,
                external_id: arguments.id,
                event_type: arguments.event_type,
                subject,
                occurred_at: arguments.at.unwrap_or_else(|| services.clock().now()),
                payload,
            };
            let received = Received::from(services.receive_event(caller, event).await?);
            show(global.format, &received, text)
        }
        Door::There(server) => {
            let event = json!({
                "kind": arguments.kind,
                "source": arguments.source,
                "external_id": arguments.id,
                "type": arguments.event_type,
                "subject": subject,
                "occurred_at": arguments.at,
                "payload": payload,
            });
            show(global.format, &server.post("/events", &event).await?, text)
        }
    }
}

fn text(received: &Value) -> String {
    let event = word(&received["event"]["id"]);
    let known = if received["duplicate"] == true { " (it was known already)" } else { "" };
    let runs: Vec<_> = received["runs"].as_array().into_iter().flatten().map(word).collect();
    match runs.len() {
        0 => format!("{event}{known}: no enabled definition listens to it"),
        count => format!("{event}{known}: {count} runs\n  {}", runs.join("\n  ")),
    }
}

pub fn subject(text: &str) -> Result<RecordRef, CliError> {
    let usage = || CliError::Usage(format!("--subject: '{text}' is not of the form KIND/KEY"));
    let (kind, key) = text.split_once('/').ok_or_else(usage)?;
    Ok(RecordRef { kind: kind.to_owned(), key: key.to_owned() })
}

pub fn payload(text: &str) -> Result<Value, CliError> {
    let mut read = String::new();
    let text = if text == "-" {
        io::stdin().read_to_string(&mut read).context("the standard input")?;
        &read
    } else {
        text
    };
    serde_json::from_str(text).map_err(|error| CliError::Usage(format!("--payload: {error}")))
}
