//! `assize runs`: see what ran, and deal with what failed.

mod cancel;
mod filter;
mod incidents;
mod items;
mod list;
mod metrics;
mod report;
mod retry;
mod show;
mod tell;
mod watch;

pub use filter::FilterArguments;

use super::{CliError, Global, open};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List runs, newest first
    List(list::Arguments),
    /// Show one run, and its first items
    Show(show::Arguments),
    /// List the items of a run, by position
    Items(items::Arguments),
    /// Show the metrics of a run: phases, models, counters
    Metrics(metrics::Arguments),
    /// Tell about a run that takes place elsewhere
    Tell(tell::Arguments),
    /// Follow a run until it ends
    Watch(watch::Arguments),
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
    match command {
        Command::List(arguments) => list::run(global, arguments).await,
        Command::Show(arguments) => show::run(global, arguments).await,
        Command::Items(arguments) => items::run(global, arguments).await,
        Command::Metrics(arguments) => metrics::run(global, arguments).await,
        Command::Tell(arguments) => tell::run(global, arguments).await,
        command => here(global, command).await,
    }
}

/// What only the database here can be asked.
async fn here(global: &Global, command: Command) -> Result<(), CliError> {
    let services = open::services(global).await?;
    let caller = open::caller(global, &services).await?;
    match command {
        // Asked at either door.
        Command::List(_)
        | Command::Show(_)
        | Command::Items(_)
        | Command::Metrics(_)
        | Command::Tell(_) => Ok(()),
        Command::Watch(arguments) => watch::run(global, &services, caller, arguments).await,
        Command::Report(arguments) => report::run(global, &services, caller, arguments).await,
        Command::Incidents(arguments) => incidents::run(global, &services, caller, arguments).await,
        Command::Retry(arguments) => retry::run(global, &services, caller, arguments).await,
        Command::Cancel(arguments) => cancel::run(global, &services, caller, arguments).await,
    }
}
