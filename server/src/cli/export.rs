//! `assize export`: a filtered list, or the bundle of a period, as a file.

mod bundle;

use std::{
    io::{BufWriter, Write, stdout},
    path::PathBuf,
};

use anyhow::Context as _;
use domain::{
    approval::ApprovalStatus,
    export::{ExportFormat, ListName},
    filter::RunFilter,
    id::{RunId, WebhookId},
    incident::IncidentFilter,
    trigger::TriggerKind,
    webhook::{DeliveryState, EventKind},
};
use futures::StreamExt as _;
use serde::Serialize;

use super::{
    CliError, Global,
    asked::Query,
    audit,
    door::{Answer, Door},
    incidents,
    output::{Report, print},
    progress::Progress,
    runs::FilterArguments,
};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// The bundle of a period: everything about it, in one file that proves itself
    Bundle(bundle::Arguments),
    #[command(flatten)]
    List(List),
}

#[derive(Debug, clap::Subcommand)]
pub enum List {
    /// Runs, in the order of `assize runs list`
    Runs {
        #[command(flatten)]
        filter: FilterArguments,
        #[command(flatten)]
        target: Target,
    },
    /// The items of one run, by position
    Items {
        /// The run's id
        run: RunId,
        /// Only items with this outcome, or open ones
        #[arg(long)]
        outcome: Option<String>,
        #[command(flatten)]
        target: Target,
    },
    /// Approvals, longest waiting first
    Approvals {
        /// Approvals with this status
        #[arg(long, default_value = "open")]
        status: ApprovalStatus,
        #[command(flatten)]
        target: Target,
    },
    /// The records of one register, newest first
    Records {
        /// The register
        kind: String,
        /// Only records whose key contains this
        #[arg(long)]
        key: Option<String>,
        #[command(flatten)]
        target: Target,
    },
    /// Incidents, newest first
    Incidents {
        #[command(flatten)]
        filter: incidents::FilterArguments,
        #[command(flatten)]
        target: Target,
    },
    /// Trigger events, newest first
    Events {
        /// Only of this kind
        #[arg(long)]
        kind: Option<TriggerKind>,
        /// Only from this source
        #[arg(long)]
        source: Option<String>,
        /// Only those that brought about a run (true), or that did not (false)
        #[arg(long)]
        matched: Option<bool>,
        #[command(flatten)]
        target: Target,
    },
    /// What was sent to webhooks, newest first
    Deliveries {
        /// Only deliveries in this state; may be given several times
        #[arg(long)]
        state: Vec<DeliveryState>,
        /// Only of this kind of event; may be given several times
        #[arg(long)]
        event: Vec<EventKind>,
        /// Only to this webhook
        #[arg(long)]
        webhook: Option<WebhookId>,
        #[command(flatten)]
        target: Target,
    },
    /// Entries of the audit log, newest first
    Audit {
        #[command(flatten)]
        filter: audit::FilterArguments,
        #[command(flatten)]
        target: Target,
    },
}

#[derive(Debug, clap::Args)]
pub struct Target {
    /// The file to write; - writes to the standard output
    #[arg(long)]
    out: PathBuf,
    /// csv, jsonl or xlsx, where the name of the file does not end in one of them
    #[arg(long = "as")]
    written_as: Option<ExportFormat>,
}

impl Target {
    fn format(&self) -> Result<ExportFormat, CliError> {
        let of_name = || self.out.extension()?.to_str()?.parse().ok();
        self.written_as.or_else(of_name).ok_or_else(|| {
            let name = self.out.display();
            CliError::Usage(format!("{name} does not end in .csv, .jsonl or .xlsx; use --as"))
        })
    }
}

#[derive(Serialize)]
struct Written {
    file: String,
    bytes: u64,
}

impl Report for Written {
    fn text(&self) -> String {
        format!("{}: {} bytes", self.file, self.bytes)
    }
}

pub async fn run(global: &Global, command: Command) -> Result<(), CliError> {
    let list = match command {
        Command::Bundle(arguments) => return bundle::run(global, arguments).await,
        Command::List(list) => list,
    };
    let (name, query, target) = asked(list)?;
    let query = query.with("format", [target.format()?]);
    let door = Door::open(global).await?;
    write(global, &door, &format!("/exports/lists/{name}{query}"), target.out).await
}

fn asked(list: List) -> Result<(ListName, Query, Target), CliError> {
    let query = Query::default();
    Ok(match list {
        List::Runs { filter, target } => {
            (ListName::Runs, query.and(&RunFilter::from(filter).query()), target)
        }
        List::Items { run, outcome, target } => {
            (ListName::Items, query.with("run", [run]).with("outcome", outcome), target)
        }
        List::Approvals { status, target } => {
            (ListName::Approvals, query.with("status", [status]), target)
        }
        List::Records { kind, key, target } => {
            (ListName::Records, query.with("kind", [kind]).with("key", key), target)
        }
        List::Incidents { filter, target } => {
            (ListName::Incidents, query.and(&IncidentFilter::from(filter).query()), target)
        }
        List::Events { kind, source, matched, target } => {
            let query = query.with("kind", kind).with("source", source).with("matched", matched);
            (ListName::Events, query, target)
        }
        List::Deliveries { state, event, webhook, target } => {
            let query = query.with("state", state).with("event", event).with("webhook", webhook);
            (ListName::Deliveries, query, target)
        }
        List::Audit { filter, target } => (ListName::Audit, filter.query()?, target),
    })
}

/// Writes what stands at a path to a file.
async fn write(global: &Global, door: &Door, path: &str, out: PathBuf) -> Result<(), CliError> {
    if out.as_os_str() == "-" {
        return pour(door.download(path).await?, stdout().lock()).await.map(drop);
    }
    let file = out.display().to_string();
    let bytes = keep(door, path, out).await?;
    print(global.format, &Written { file, bytes })
}

/// What has the name that was asked for is always whole.
async fn keep(door: &Door, path: &str, out: PathBuf) -> Result<u64, CliError> {
    let mut part = out.as_os_str().to_owned();
    part.push(".part");
    let file = std::fs::File::create(&part);
    let file = file.with_context(|| format!("cannot write {}", out.display()))?;
    let written = match door.download(path).await {
        Ok(answer) => pour(answer, BufWriter::new(file)).await,
        Err(error) => Err(error),
    };
    let kept = written.and_then(|bytes| Ok(std::fs::rename(&part, out).map(|()| bytes)?));
    if kept.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    kept
}

async fn pour(mut answer: Answer, mut out: impl Write) -> Result<u64, CliError> {
    let (mut written, mut progress) = (0, Progress::new("writing", None));
    while let Some(bytes) = answer.body.next().await {
        let bytes = bytes?;
        out.write_all(&bytes)?;
        written += bytes.len() as u64;
        progress.add(bytes.len());
    }
    out.flush()?;
    Ok(written)
}
