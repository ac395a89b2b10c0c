//! `assize incidents`: what went wrong, taken together by cause, and what became of it.

mod filter;

use domain::{
    Timestamp,
    id::IncidentId,
    incident::{Incident, IncidentFilter, IncidentGroup, Settlement, Standing},
    page::{DEFAULT_SIZE, MAX_SIZE, Seek},
};
use engine::services::{Caller, ServiceError, Services, SettleOrder};
use serde::Serialize;

pub use filter::FilterArguments;

use super::{
    CliError, Global, open,
    output::{Report, print, printable, table},
};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List incidents, newest first
    List {
        #[command(flatten)]
        filter: FilterArguments,
        /// How many at most
        #[arg(long, default_value_t = DEFAULT_SIZE, value_parser = clap::value_parser!(i64).range(1..=MAX_SIZE))]
        limit: i64,
        /// The page that follows the one which ended with this marker
        #[arg(long)]
        after: Option<String>,
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
    let services = open::services(global).await?;
    let caller = open::caller(global, &services).await?;
    match command {
        Command::List { filter, limit, after } => {
            let filter = filter.into();
            print(global.format, &list(&services, caller, &filter, limit, after).await?)
        }
        Command::Groups { filter } => {
            let groups = services.incident_groups(caller, &filter.into()).await?;
            print(global.format, &Groups { groups })
        }
        Command::Show { incident } => {
            let found = services.incident(caller, incident).await?;
            let settlement = found.settlement;
            print(global.format, &Shown { incident: found.incident, settlement })
        }
        Command::Settle { incident, note, alike } => {
            let order = SettleOrder { incident, note, alike };
            let settled = services.settle_incident(caller, order).await?;
            print(global.format, &Settled { settled })
        }
    }
}

async fn list(
    services: &Services,
    caller: Caller,
    filter: &IncidentFilter,
    limit: i64,
    after: Option<String>,
) -> Result<List, CliError> {
    let scope = format!("{} {}", caller.workspace, filter.query());
    let seek = after.map_or(Ok(Seek::First), |marker| Seek::decode(&marker, &scope));
    let seek = seek.map_err(|error| ServiceError::invalid("after", error))?;
    let mut found = services.incidents(caller, filter, seek, limit).await?;
    let next = found.page.next.and_then(|seek| seek.encode(&scope));
    let shown = |incident: Incident| {
        let settlement = found.settled.remove(&incident.id);
        Shown { incident, settlement }
    };
    Ok(List { incidents: found.page.rows.into_iter().map(shown).collect(), next })
}

/// An incident, and what became of it.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    incident: Incident,
    settlement: Option<Settlement>,
}

#[derive(Serialize)]
struct List {
    incidents: Vec<Shown>,
    /// Give it to `--after` for the next page.
    next: Option<String>,
}

#[derive(Serialize)]
struct Groups {
    groups: Vec<IncidentGroup>,
}

#[derive(Serialize)]
struct Settled {
    settled: Vec<Settlement>,
}

fn time(at: Timestamp) -> String {
    at.format("%Y-%m-%d %H:%M").to_string()
}

fn standing(settlement: Option<&Settlement>) -> &'static str {
    let standing = settlement.map_or(Standing::Open, |_| Standing::Settled);
    standing.as_str()
}

impl Report for List {
    fn text(&self) -> String {
        let row = |shown: &Shown| {
            let incident = &shown.incident;
            [
                incident.id.to_string(),
                time(incident.occurred_at),
                incident.severity.to_string(),
                incident.cause.to_string(),
                standing(shown.settlement.as_ref()).to_owned(),
                printable(&incident.facts.message),
            ]
        };
        let head = ["id", "occurred", "severity", "cause", "standing", "message"];
        let mut text = table(head, self.incidents.iter().map(row));
        if let Some(next) = &self.next {
            text += &format!("\nThere are more: --after {next}\n");
        }
        text
    }
}

impl Report for Groups {
    fn text(&self) -> String {
        let row = |group: &IncidentGroup| {
            [
                group.cause.to_string(),
                group.kind.to_string(),
                group.severity.to_string(),
                group.incidents.to_string(),
                group.open.to_string(),
                time(group.first_at),
                time(group.last_at),
            ]
        };
        let head = ["cause", "type", "severity", "incidents", "open", "first seen", "last seen"];
        table(head, self.groups.iter().map(row))
    }
}

impl Report for Settled {
    fn text(&self) -> String {
        let line = |settled: &Settlement| format!("settled {}\n", settled.incident);
        self.settled.iter().map(line).collect()
    }
}

impl Report for Shown {
    fn text(&self) -> String {
        let Incident { id, kind, severity, facts, cause, phase, policy, presentation, .. } =
            &self.incident;
        let mut text = format!(
            "{id}  {}\n[{severity}] {kind}  {}\n{}\n\n\
             what it means   {}\nwhat to do next {}\nfor a reviewer  {}\n\n\
             cause {cause}, phase {phase}, recovery {policy}, occurred {}\n",
            standing(self.settlement.as_ref()),
            presentation.title,
            printable(&facts.message),
            presentation.means,
            presentation.next,
            presentation.reviewer,
            time(self.incident.occurred_at),
        );
        if let Some(settled) = &self.settlement {
            let (at, note) = (time(settled.settled_at), printable(&settled.note));
            text += &format!("settled {at}: {note}\n");
        }
        text
    }
}
