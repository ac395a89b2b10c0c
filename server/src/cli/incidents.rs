//! `assize incidents`: what went wrong, why, and what to do about it.

mod filter;

use domain::{
    id::{IncidentId, RunId},
    incident::IncidentFilter,
};
use serde_json::Value;

pub use filter::FilterArguments;

use super::{
    CliError, Global,
    asked::{Paging, Query},
    door::Door,
    output::{is_narrow, more, rows, show, table, time, word},
};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List incidents, newest first
    List {
        #[command(flatten)]
        filter: FilterArguments,
        #[command(flatten)]
        page: Paging,
    },
    /// Show one incident
    Show {
        /// Its id
        incident: IncidentId,
    },
}

pub async fn run(global: &Global, command: Command) -> Result<(), CliError> {
    let door = Door::open(global).await?;
    match command {
        Command::List { filter, page } => {
            let filter = IncidentFilter::from(filter);
            list(global, &door, Query::default().and(&filter.query()).page(page)).await
        }
        Command::Show { incident } => {
            show(global.format, &door.get(&format!("/incidents/{incident}")).await?, text)
        }
    }
}

/// The incidents of one run.
pub async fn of_run(
    global: &Global,
    door: &Door,
    run: RunId,
    page: Paging,
) -> Result<(), CliError> {
    // Says that there is no such run, which an empty list would not.
    door.get(&format!("/runs/{run}")).await?;
    list(global, door, Query::default().with("run", [run]).page(page)).await
}

async fn list(global: &Global, door: &Door, query: Query) -> Result<(), CliError> {
    show(global.format, &door.get(&format!("/incidents{query}")).await?, page_text)
}

fn page_text(list: &Value) -> String {
    let table = match is_narrow() {
        true => {
            let cells = |row: &Value| {
                let [id, severity, kind, ..] = cells(row);
                [id, severity, kind]
            };
            table(["incident", "severity", "type"], rows(list).map(cells))
        }
        false => {
            table(["incident", "severity", "type", "time", "what happened"], rows(list).map(cells))
        }
    };
    table + &more(list)
}

fn cells(incident: &Value) -> [String; 5] {
    [
        word(&incident["id"]),
        word(&incident["severity"]),
        word(&incident["type"]),
        time(&incident["occurred_at"]),
        word(&incident["facts"]["message"]),
    ]
}

fn text(incident: &Value) -> String {
    let told = &incident["presentation"];
    let lines = [
        ("severity", word(&incident["severity"])),
        ("type", word(&incident["type"])),
        ("cause", word(&incident["cause"])),
        ("phase", word(&incident["phase"])),
        ("time", time(&incident["occurred_at"])),
        ("run", word(&incident["run"])),
        ("item", word(&incident["item"])),
        ("said", word(&incident["facts"]["message"])),
        ("means", word(&told["means"])),
        ("what to do", word(&told["next"])),
        ("policy", word(&incident["policy"])),
    ];
    let lines = lines.map(|(name, value)| format!("{name:<12}{value}\n"));
    format!("{}  {}\n{}", word(&incident["id"]), word(&told["title"]), lines.concat())
}
