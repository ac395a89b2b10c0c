//! `assize event`: tells Assize that something happened.

use std::io::{self, Read as _};

use anyhow::Context as _;
use domain::{Timestamp, id::RunId, record::RecordRef, trigger::TriggerKind};
use engine::services::NewEvent;
use serde::Serialize;
use serde_json::Value;

use super::{
    CliError, Global, open,
    output::{Report, print},
};

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

#[derive(Serialize)]
struct Sent {
    event: String,
    duplicate: bool,
    runs: Vec<RunId>,
}

impl Report for Sent {
    fn text(&self) -> String {
        let known = if self.duplicate { " (it was known already)" } else { "" };
        let runs: Vec<String> = self.runs.iter().map(|run| format!("\n  {run}")).collect();
        match runs.len() {
            0 => format!("{}{known}: no enabled definition listens to it", self.event),
            count => format!("{}{known}: {count} runs{}", self.event, runs.concat()),
        }
    }
}

pub async fn run(global: &Global, command: Command) -> Result<(), CliError> {
    let Command::Send(arguments) = command;
    let services = open::services(global).await?;
    let caller = open::caller(global, &services).await?;
    let event = NewEvent {
        kind: arguments.kind,
        source: arguments.source,
        external_id: arguments.id,
        event_type: arguments.event_type,
        subject: arguments.subject.as_deref().map(subject).transpose()?,
        occurred_at: arguments.at.unwrap_or_else(|| services.clock().now()),
        payload: payload(&arguments.payload)?,
    };
    let received = services.receive_event(caller, event).await?;
    let sent = Sent {
        event: received.event.id.to_string(),
        duplicate: received.duplicate,
        runs: received.runs,
    };
    print(global.format, &sent)
}

fn subject(text: &str) -> Result<RecordRef, CliError> {
    let usage = || CliError::Usage(format!("--subject: '{text}' is not of the form KIND/KEY"));
    let (kind, key) = text.split_once('/').ok_or_else(usage)?;
    Ok(RecordRef { kind: kind.to_owned(), key: key.to_owned() })
}

fn payload(text: &str) -> Result<Value, CliError> {
    let mut read = String::new();
    let text = if text == "-" {
        io::stdin().read_to_string(&mut read).context("the standard input")?;
        &read
    } else {
        text
    };
    serde_json::from_str(text).map_err(|error| CliError::Usage(format!("--payload: {error}")))
}
