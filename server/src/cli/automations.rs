//! `assize automations`: what is declared, what a file would change, and what would be done now.

mod check;
mod diff;
mod list;

use super::{CliError, Global};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List automations, by key
    List,
    /// Say what applying definition files would change, line by line
    Diff(diff::Arguments),
    /// Say which subjects would match now and what would be done, without doing it
    Check(check::Arguments),
}

pub async fn run(global: &Global, command: Command) -> Result<(), CliError> {
    match command {
        Command::List => list::run(global).await,
        Command::Diff(arguments) => diff::run(global, arguments).await,
        Command::Check(arguments) => check::run(global, arguments).await,
    }
}
