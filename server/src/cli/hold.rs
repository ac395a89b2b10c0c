//! `assize hold`: legal holds, which keep things from being erased.

use domain::{
    hold::{Hold, HoldScope},
    id::{HoldId, RunId},
};
use engine::services::NewHold;
use serde::Serialize;

use super::{
    CliError, Global, open,
    output::{Report, print, printable, table},
};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Keep something from being erased: everything, unless a definition or a run is named
    Place {
        /// Every run of the definition with this key
        #[arg(long, conflicts_with = "run")]
        definition: Option<String>,
        /// One run
        #[arg(long)]
        run: Option<RunId>,
        /// Why; kept with the hold and in the log
        #[arg(long)]
        reason: String,
    },
    /// Let what a hold kept be erased again
    Release {
        /// Id of the hold, as the list shows it
        hold: HoldId,
        /// Why; kept with the hold and in the log
        #[arg(long)]
        reason: String,
    },
    /// List the holds, the released ones too
    List,
}

#[derive(Serialize)]
struct Holds {
    holds: Vec<Hold>,
}

impl Report for Holds {
    fn text(&self) -> String {
        let row = |hold: &Hold| {
            let keeps = match hold.scope {
                HoldScope::Workspace => "everything".to_owned(),
                HoldScope::Automation(id) => id.to_string(),
                HoldScope::Run(id) => id.to_string(),
            };
            let standing = match hold.released_at {
                None => "stands".to_owned(),
                Some(at) => format!("released {}", at.format("%Y-%m-%d")),
            };
            let placed = hold.placed_at.format("%Y-%m-%d").to_string();
            [hold.id.to_string(), keeps, placed, standing, printable(&hold.reason).to_string()]
        };
        table(["id", "keeps", "placed", "standing", "reason"], self.holds.iter().map(row))
    }
}

pub async fn run(global: &Global, command: Command) -> Result<(), CliError> {
    let services = open::services(global).await?;
    let caller = open::caller(global, &services).await?;
    let holds = match command {
        Command::Place { definition, run, reason } => {
            vec![services.place_hold(caller, NewHold { definition, run, reason }).await?]
        }
        Command::Release { hold, reason } => {
            vec![services.release_hold(caller, hold, &reason).await?]
        }
        Command::List => services.holds(caller).await?,
    };
    print(global.format, &Holds { holds })
}
