//! `assize event`: tells Assize that something happened.

use std::io::{self, Read as _};

use anyhow::Context as _;
use domain::{Timestamp, id::TriggerEventId, record::RecordRef, trigger::TriggerKind};
use serde_json::{Value, json};

use super::{
    CliError, Global,
    asked::{Paging, Query},
    door::Door,
    output::{is_narrow, more, rows, show, table, time, word},
};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Send a trigger event; the same source and id a second time changes nothing
    Send(Arguments),
    /// List trigger events, newest first
    List {
        /// Only of this kind
        #[arg(long)]
        kind: Option<TriggerKind>,
        /// Only from this source
        #[arg(long)]
        source: Option<String>,
        /// true: only those that brought about a run; false: only those that did not
        #[arg(long)]
        matched: Option<bool>,
        #[command(flatten)]
        page: Paging,
    },
    /// Show a trigger event and its runs
    Show {
        /// Its id
        event: TriggerEventId,
    },
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
    match command {
        Command::Send(arguments) => send(global, arguments).await,
        Command::List { kind, source, matched, page } => {
            let query = Query::default().with("kind", kind).with("source", source);
            let query = query.with("matched", matched).page(page);
            let door = Door::open(global).await?;
            show(global.format, &door.get(&format!("/events{query}")).await?, page_text)
        }
        Command::Show { event } => {
            let door = Door::open(global).await?;
            show(global.format, &door.get(&format!("/events/{event}")).await?, text)
        }
    }
}

async fn send(global: &Global, arguments: Arguments) -> Result<(), CliError> {
    let subject = arguments.subject.as_deref().map(subject).transpose()?;
    let event = json!({
        "kind": arguments.kind,
        "source": arguments.source,
        "external_id": arguments.id,
        "type": arguments.event_type,
        "subject": subject,
        "occurred_at": arguments.at,
        "payload": payload("--payload", &arguments.payload)?,
    });
    let door = Door::open(global).await?;
    show(global.format, &door.post("/events", &event).await?, text)
}

fn page_text(list: &Value) -> String {
    let table = match is_narrow() {
        true => {
            let narrow = |[event, _, _, kind, runs]: [String; 5]| [event, kind, runs];
            table(["event", "type", "runs"], rows(list).map(cells).map(narrow))
        }
        false => table(["event", "received", "source", "type", "runs"], rows(list).map(cells)),
    };
    table + &more(list)
}

fn cells(heard: &Value) -> [String; 5] {
    let event = &heard["event"];
    [
        word(&event["id"]),
        time(&event["received_at"]),
        word(&event["source"]),
        word(&event["type"]),
        word(&heard["runs"]),
    ]
}

pub fn text(received: &Value) -> String {
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

/// What a flag says as JSON, or the standard input in its place.
pub fn payload(flag: &str, text: &str) -> Result<Value, CliError> {
    let mut read = String::new();
    let text = if text == "-" {
        io::stdin().read_to_string(&mut read).context("the standard input")?;
        &read
    } else {
        text
    };
    serde_json::from_str(text).map_err(|error| CliError::Usage(format!("{flag}: {error}")))
}
