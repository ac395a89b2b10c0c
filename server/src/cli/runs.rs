//! `assize runs`: see what ran, and deal with what failed.

mod cancel;
mod close;
mod filter;
mod items;
mod list;
mod metrics;
mod report;
mod retry;
mod show;
mod tell;
mod watch;

pub use filter::FilterArguments;

use domain::id::RunId;

use super::{CliError, Global, asked::Paging, door::Door, incidents};

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
    Incidents {
        /// The run's id
        run: RunId,
        #[command(flatten)]
        page: Paging,
    },
    /// Retry failed items: shows the plan, or carries out the plan that is named
    Retry(retry::Arguments),
    /// Cancel a run: what has not started never will
    Cancel(cancel::Arguments),
    /// Accept the failed items of a run that is held for them
    Close(close::Arguments),
}

pub async fn run(global: &Global, command: Command) -> Result<(), CliError> {
    let door = Door::open(global).await?;
    match command {
        Command::List(arguments) => list::run(global, &door, arguments).await,
        Command::Show(arguments) => show::run(global, &door, arguments).await,
        Command::Items(arguments) => items::run(global, &door, arguments).await,
        Command::Watch(arguments) => watch::run(global, &door, arguments).await,
        Command::Metrics(arguments) => metrics::run(global, &door, arguments).await,
        Command::Tell(arguments) => tell::run(global, &door, arguments).await,
        Command::Report(arguments) => report::run(global, &door, arguments).await,
        Command::Incidents { run, page } => incidents::of_run(global, &door, run, page).await,
        Command::Retry(arguments) => retry::run(global, &door, arguments).await,
        Command::Cancel(arguments) => cancel::run(global, &door, arguments).await,
        Command::Close(arguments) => close::run(global, &door, arguments).await,
    }
}
