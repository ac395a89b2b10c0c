//! `assize export`: a filtered list, or the bundle of a period, as a file.

mod bundle;

use std::{
    io::stdout,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use domain::{
    approval::ApprovalStatus,
    export::ExportFormat,
    id::{RunId, WebhookId},
    trigger::{EventFilter, TriggerKind},
    webhook::{DeliveryFilter, DeliveryState, EventKind},
};
use engine::{
    services::{Caller, Export, ExportedList, ItemFilter, ServiceError, Services},
    store::RecordFilter,
};
use futures::StreamExt as _;
use serde::Serialize;

use super::{
    CliError, Global, audit, incidents, open,
    output::{Report, print},
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
    let (list, target) = asked(list)?;
    let format = target.format()?;
    let services = open::services(global).await?;
    let caller = open::caller(global, &services).await?;
    write(global, &services, caller, (list, format), &target.out).await
}

fn asked(list: List) -> Result<(ExportedList, Target), CliError> {
    Ok(match list {
        List::Runs { filter, target } => (ExportedList::Runs(filter.into()), target),
        List::Items { run, outcome, target } => {
            (ExportedList::Items(ItemFilter { run, outcome }), target)
        }
        List::Approvals { status, target } => (ExportedList::Approvals(status), target),
        List::Records { kind, key, target } => {
            let filter = RecordFilter::new(&kind, key.as_deref());
            let filter =
                filter.map_err(|error| ServiceError::invalid(&error.name, error.message))?;
            (ExportedList::Records(filter), target)
        }
        List::Incidents { filter, target } => (ExportedList::Incidents(filter.into()), target),
        List::Events { kind, source, matched, target } => {
            (ExportedList::Events(EventFilter { kind, source, matched }), target)
        }
        List::Deliveries { state: states, event: events, webhook, target } => {
            (ExportedList::Deliveries(DeliveryFilter { states, events, webhook }), target)
        }
        List::Audit { filter, target } => (ExportedList::Audit(filter.read()?), target),
    })
}

async fn write(
    global: &Global,
    services: &Services,
    caller: Caller,
    (list, format): (ExportedList, ExportFormat),
    out: &Path,
) -> Result<(), CliError> {
    if out.as_os_str() == "-" {
        let export = services.export(caller, list, format).await?;
        pour(export, stdout().lock()).await?;
        return Ok(());
    }
    // What has the name that was asked for is always whole.
    let mut part = out.as_os_str().to_owned();
    part.push(".part");
    let file = std::fs::File::create(&part);
    let file = file.with_context(|| format!("cannot write {}", out.display()))?;
    let export = services.export(caller, list, format).await;
    let written = match export {
        Ok(export) => pour(export, std::io::BufWriter::new(file)).await,
        Err(error) => Err(error.into()),
    };
    match written {
        Ok(bytes) => {
            std::fs::rename(&part, out)?;
            print(global.format, &Written { file: out.display().to_string(), bytes })
        }
        Err(error) => {
            let _ = std::fs::remove_file(&part);
            Err(error)
        }
    }
}

async fn pour(mut export: Export, mut out: impl std::io::Write) -> Result<u64, CliError> {
    let mut written = 0;
    while let Some(bytes) = export.bytes.next().await {
        let bytes = bytes?;
        out.write_all(&bytes)?;
        written += bytes.len() as u64;
    }
    out.flush()?;
    Ok(written)
}
