//! The command line: one subcommand a file. Commands ask the same services as pages do, with the
//! rights of the host.

mod apply;
mod audit;
mod demo;
mod destination;
mod doctor;
mod error;
mod event;
mod export;
mod hold;
mod import;
mod member;
mod migrate;
mod open;
mod output;
mod runs;
mod serve;
mod token;
mod verify;
mod worker;
mod workspace;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

use crate::{
    config::DatabaseUrl,
    telemetry::{self, LogFormat},
};

pub use error::CliError;
pub use output::Format;
pub use serve::serve;

/// Told by every answer of the process.
const EXIT_CODES: &str = "\
Exit codes: 0 done, 1 internal error, 2 wrong usage, 3 refused, 4 not found, 5 in conflict with the \
present state, 6 done in part.";

/// Runs governed automations and keeps every run as audit-grade evidence.
#[derive(Debug, Parser)]
#[command(name = "assize", version, after_help = EXIT_CODES, arg_required_else_help = true)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every command understands.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// The database: sqlite:PATH or postgres://USER@HOST/NAME
    #[arg(
        long,
        global = true,
        env = "ASSIZE_DATABASE_URL",
        default_value = "sqlite:assize.sqlite",
        hide_env_values = true
    )]
    database_url: DatabaseUrl,
    /// The directory of finished bundles; `bundles` beside the database file unless stated
    #[arg(long, global = true, env = "ASSIZE_BUNDLE_DIR")]
    bundle_dir: Option<PathBuf>,
    /// The directory of the signing key and the last checkpoints; `signing` beside the database file
    /// unless stated
    #[arg(long, global = true, env = "ASSIZE_SIGNING_DIR")]
    signing_dir: Option<PathBuf>,
    /// The short name of the workspace; may be left out where there is only one
    #[arg(long, global = true, env = "ASSIZE_WORKSPACE")]
    workspace: Option<String>,
    /// Tables for people, JSON for programs
    #[arg(long, global = true, value_enum, default_value = "table")]
    format: Format,
    /// How log lines look
    #[arg(long, global = true, env = "ASSIZE_LOG_FORMAT", value_enum, default_value = "text")]
    log_format: LogFormat,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the pages and run the automations
    Serve(serve::Arguments),
    /// Run the automations without serving pages
    Worker(worker::Arguments),
    /// Play the quarter of an example credit union and serve it
    Demo(demo::Arguments),
    /// Bring the database's schema up to date, or list its migrations
    Migrate(migrate::Arguments),
    /// Check the configuration, the database and the audit logs
    Doctor,
    /// Apply definition files: what changed becomes a new version
    Apply(apply::Arguments),
    /// Import records from CSV or NDJSON
    Import(import::Arguments),
    /// Tell Assize that something happened
    #[command(subcommand)]
    Event(event::Command),
    /// List and show runs; retry and cancel them
    #[command(subcommand, visible_alias = "run")]
    Runs(runs::Command),
    /// Write a filtered list, or the bundle of a period, to a file
    #[command(subcommand)]
    Export(export::Command),
    /// Check a bundle on this machine, without a database and without trusting who made it
    Verify(verify::Arguments),
    /// Read the audit log, its checkpoint and proofs; change the signing key
    #[command(subcommand)]
    Audit(audit::Command),
    /// Make and list workspaces
    #[command(subcommand)]
    Workspace(workspace::Command),
    /// Add, list, change and remove members; issue sign-in links
    #[command(subcommand)]
    Member(member::Command),
    /// Make, list and revoke the tokens of programs
    #[command(subcommand)]
    Token(token::Command),
    /// Keep things from being erased: legal holds
    #[command(subcommand)]
    Hold(hold::Command),
    /// Say where outbound requests may go
    #[command(subcommand)]
    Destination(destination::Command),
}

/// Runs the command to its end. What went wrong is told on the standard error stream.
pub fn run(cli: Cli) -> ExitCode {
    if let Command::Verify(arguments) = cli.command {
        return verify::run(cli.global.format, arguments);
    }
    telemetry::start(cli.global.log_format);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return error::report(&CliError::Internal(error.into())),
    };
    match runtime.block_on(dispatch(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => error::report(&error),
    }
}

async fn dispatch(Cli { global, command }: Cli) -> Result<(), CliError> {
    match command {
        Command::Serve(arguments) => serve::run(&global, arguments).await,
        Command::Worker(arguments) => worker::run(&global, arguments).await,
        Command::Demo(arguments) => demo::run(&global, arguments).await,
        Command::Migrate(arguments) => migrate::run(&global, arguments).await,
        Command::Doctor => doctor::run(&global).await,
        Command::Apply(arguments) => apply::run(&global, arguments).await,
        Command::Import(arguments) => import::run(&global, arguments).await,
        Command::Event(command) => event::run(&global, command).await,
        Command::Runs(command) => runs::run(&global, command).await,
        Command::Export(command) => export::run(&global, command).await,
        // Answered before anything was opened.
        Command::Verify(_) => Ok(()),
        Command::Audit(command) => audit::run(&global, command).await,
        Command::Workspace(command) => workspace::run(&global, command).await,
        Command::Member(command) => member::run(&global, command).await,
        Command::Token(command) => token::run(&global, command).await,
        Command::Hold(command) => hold::run(&global, command).await,
        Command::Destination(command) => destination::run(&global, command).await,
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_defined() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_password_in_the_database_address_does_not_show_in_debug_output() {
        let address = "postgres://assize:hunter2@db.example/assize";
        let cli = Cli::try_parse_from(["assize", "--database-url", address, "doctor"]).unwrap();
        assert!(!format!("{cli:?}").contains("hunter2"));
    }
}
