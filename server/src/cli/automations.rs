//! `assize automations`: what is declared, what a file would change, what would be done now, and doing it.

mod check;
mod diff;
mod fire;
mod list;

use super::{CliError, Global, apply};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List automations, by key
    List,
    /// Apply definition files: what changed becomes a new version
    Apply(apply::Arguments),
    /// Say what applying definition files would change, line by line
    Diff(diff::Arguments),
    /// Say which subjects would match now and what would be done, without doing it
    Check(check::Arguments),
    /// Ask for a run of an automation with the trigger manual-request
    Fire(fire::Arguments),
}

pub async fn run(global: &Global, command: Command) -> Result<(), CliError> {
    match command {
        Command::List => list::run(global).await,
        Command::Apply(arguments) => apply::run(global, arguments).await,
        Command::Diff(arguments) => diff::run(global, arguments).await,
        Command::Check(arguments) => check::run(global, arguments).await,
        Command::Fire(arguments) => fire::run(global, arguments).await,
    }
}
