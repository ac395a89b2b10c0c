//! `assize incidents`: what went wrong, why, what to do about it, and what became of it.

mod filter;
mod of_run;

use domain::{id::IncidentId, incident::IncidentFilter};
use serde_json::{Value, json};

pub use self::{filter::FilterArguments, of_run::of_run};
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
    /// Count incidents by cause, with the first and the last of each
    Groups {
        #[command(flatten)]
        filter: FilterArguments,
    },
    /// Show one incident in all its layers, and what became of it
    Show {
        /// Its id
        incident: IncidentId,
    },
    /// Say what became of an incident; the incident itself stays as it is
    Settle {
        /// Its id
        incident: IncidentId,
        /// What became of it; kept beside the incident and in the log
        #[arg(long)]
        note: String,
        /// Settle the open incidents of the same cause in the same run, too
        #[arg(long)]
        alike: bool,
    },
}

pub async fn run(global: &Global, command: Command) -> Result<(), CliError> {
    let door = Door::open(global).await?;
    match command {
        Command::List { filter, page } => {
            let filter = IncidentFilter::from(filter);
            let query = Query::default().and(&filter.query()).page(page);
            show(global.format, &door.get(&format!("/incidents{query}")).await?, listed)
        }
        Command::Groups { filter } => {
            let query = Query::default().and(&IncidentFilter::from(filter).query());
            show(global.format, &door.get(&format!("/incidents/groups{query}")).await?, grouped)
        }
        Command::Show { incident } => {
            show(global.format, &door.get(&format!("/incidents/{incident}")).await?, text)
        }
        Command::Settle { incident, note, alike } => {
            let order = json!({"note": note, "alike": alike});
            let path = format!("/incidents/{incident}/settle");
            show(global.format, &door.post(&path, &order).await?, settled)
        }
    }
}

fn listed(list: &Value) -> String {
    let table = match is_narrow() {
        true => {
            let cells = |row: &Value| {
                let [id, severity, _, standing, ..] = cells(row);
                [id, severity, standing]
            };
            table(["incident", "severity", "standing"], rows(list).map(cells))
        }
        false => {
            let head = ["incident", "severity", "type", "standing", "time", "what happened"];
            table(head, rows(list).map(cells))
        }
    };
    table + &more(list)
}

fn cells(incident: &Value) -> [String; 6] {
    [
        word(&incident["id"]),
        word(&incident["severity"]),
        word(&incident["type"]),
        standing(incident).to_owned(),
        time(&incident["occurred_at"]),
        word(&incident["facts"]["message"]),
    ]
}

fn standing(incident: &Value) -> &'static str {
    if incident["settlement"].is_null() { "open" } else { "settled" }
}

fn grouped(groups: &Value) -> String {
    let cells = |group: &Value| {
        [
            word(&group["cause"]),
            word(&group["severity"]),
            group["incidents"].to_string(),
            group["open"].to_string(),
            time(&group["first_at"]),
            time(&group["last_at"]),
        ]
    };
    let head = ["cause", "severity", "incidents", "open", "first seen", "last seen"];
    table(head, rows(groups).map(cells))
}

fn settled(settlements: &Value) -> String {
    rows(settlements).map(|row| format!("settled {}\n", word(&row["incident"]))).collect()
}

fn text(incident: &Value) -> String {
    let told = &incident["presentation"];
    let mut lines = vec![
        ("standing", standing(incident).to_owned()),
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
        ("reviewer", word(&told["reviewer"])),
    ];
    let settlement = &incident["settlement"];
    if !settlement.is_null() {
        lines.push(("settled", time(&settlement["settled_at"])));
        lines.push(("note", word(&settlement["note"])));
    }
    let lines: String = lines.iter().map(|(name, value)| format!("{name:<12}{value}\n")).collect();
    format!("{}  {}\n{lines}", word(&incident["id"]), word(&told["title"]))
}
