//! `assize runs`: see what ran, and deal with what failed.

mod cancel;
mod filter;
mod incidents;
mod list;
mod report;
mod retry;
mod show;

use domain::Timestamp;

pub use filter::FilterArguments;

use super::{CliError, Global, open};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List runs, newest first
    List(list::Arguments),
    /// Show one run with its items
    Show(show::Arguments),
    /// Show what a run amounted to, round by round
    Report(report::Arguments),
    /// Show what went wrong in a run
    Incidents(incidents::Arguments),
    /// Retry failed items: shows the plan, or carries out the plan that is named
    Retry(retry::Arguments),
    /// Cancel a run: what has not started never will
    Cancel(cancel::Arguments),
}

pub async fn run(global: &Global, command: Command) -> Result<(), CliError> {
    let services = open::services(global).await?;
    let caller = open::caller(global, &services).await?;
    match command {
        Command::List(arguments) => list::run(global, &services, caller, arguments).await,
        Command::Show(arguments) => show::run(global, &services, caller, arguments).await,
        Command::Report(arguments) => report::run(global, &services, caller, arguments).await,
        Command::Incidents(arguments) => incidents::run(global, &services, caller, arguments).await,
        Command::Retry(arguments) => retry::run(global, &services, caller, arguments).await,
        Command::Cancel(arguments) => cancel::run(global, &services, caller, arguments).await,
    }
}

/// A time as tables show it.
fn time(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "–".to_owned(), |at| at.format("%Y-%m-%d %H:%M:%SZ").to_string())
}
