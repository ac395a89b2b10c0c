//! The command line: one subcommand a file. What the API can do, a command asks of the same operations,
//! on the database here with the rights of the host, or at a server with those of a token ([`door`]).
//! What only the host may do asks the services.

mod apply;
mod approvals;
mod asked;
mod audit;
mod automations;
mod budget;
mod completions;
mod config;
mod demo;
mod destination;
mod doctor;
mod door;
mod error;
mod event;
mod export;
mod health;
mod hold;
mod import;
mod inbound;
mod incidents;
mod kill;
mod lasting;
mod member;
mod migrate;
mod open;
mod output;
mod policy;
mod price;
mod profile;
mod progress;
mod records;
mod retention;
mod runs;
mod serve;
mod settings;
mod token;
mod verify;
mod webhook;
mod whoami;
mod worker;
mod workspace;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, FromArgMatches as _, Parser, Subcommand};

use self::settings::{Read, Unreadable};

use crate::{
    config::{DatabaseUrl, Origin, Secret},
    telemetry::{self, LogFormat, Traces},
};

pub use error::CliError;
pub use output::Format;
pub use serve::serve;

/// Told by every answer of the process.
const EXIT_CODES: &str = "\
Exit codes: 0 done, 1 internal error, 2 wrong usage, 3 refused, 4 not found, 5 in conflict with the \
present state, 6 done in part, 7 something needs attention and that was asked for.";

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
#[command(next_help_heading = "Options of every command")]
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
    /// Tables for people, the others for programs
    #[arg(long, global = true, value_enum, default_value = "table")]
    format: Format,
    /// The server to ask instead of the database, such as https://assize.example
    #[arg(long, global = true, env = "ASSIZE_URL")]
    server: Option<Origin>,
    /// The token to show it
    #[arg(
        long = "token",
        global = true,
        env = "ASSIZE_TOKEN",
        hide_env_values = true,
        id = "api_token",
        value_name = "TOKEN"
    )]
    token: Option<Secret>,
    /// A saved server, token and workspace, as `assize profile` keeps them; flags and variables win
    #[arg(long, global = true, env = "ASSIZE_PROFILE", value_name = "NAME")]
    profile: Option<String>,
    /// What is logged: a level, or levels by part, such as info,server=debug
    #[arg(long, global = true, env = "ASSIZE_LOG", default_value = telemetry::FILTER, value_parser = telemetry::check)]
    log: String,
    /// How log lines look
    #[arg(long, global = true, env = "ASSIZE_LOG_FORMAT", value_enum, default_value = "text")]
    log_format: LogFormat,
    /// The collector that traces are sent to by OTLP over HTTP, such as http://127.0.0.1:4318; for builds
    /// with the feature otel
    #[arg(long, global = true, env = "ASSIZE_OTLP_ENDPOINT", value_name = "ADDRESS", value_parser = telemetry::collector)]
    otlp_endpoint: Option<http::Uri>,
    /// A file of settings, in TOML; variables and flags win over it
    #[arg(long, global = true, env = "ASSIZE_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the pages and run the automations
    Serve(serve::Arguments),
    /// Run the automations without serving pages
    Worker(worker::Arguments),
    /// Play an example, such as a credit union's quarter, and serve it
    Demo(demo::Arguments),
    /// Bring the database's schema up to date, or list its migrations
    Migrate(migrate::Arguments),
    /// Check the configuration, the database and the audit logs
    Doctor,
    /// Print the settings that `serve` would have with the same flags, and where each comes from
    Config(serve::Arguments),
    /// Print the completions of a shell
    Completions(completions::Completions),
    /// Write the manual, one page a command
    Man(completions::Man),
    /// Apply definition files: what changed becomes a new version
    Apply(apply::Arguments),
    /// List automations; compare them with files, and foresee what they would do
    #[command(subcommand, visible_alias = "automation")]
    Automations(automations::Command),
    /// Import records from CSV or NDJSON
    Import(import::Arguments),
    /// Import records, list registers and what is in them
    #[command(subcommand, visible_alias = "record")]
    Records(records::Command),
    /// Tell Assize that something happened
    #[command(subcommand, visible_alias = "events")]
    Event(event::Command),
    /// List and show runs; retry and cancel them
    #[command(subcommand, visible_alias = "run")]
    Runs(runs::Command),
    /// Say how automations go, and what is unusual about them
    Health(health::Arguments),
    /// List incidents, count them by cause, and say what became of them
    #[command(subcommand, visible_alias = "incident")]
    Incidents(incidents::Command),
    /// List approvals; approve and dismiss with a member's token
    #[command(subcommand)]
    Approvals(approvals::Command),
    /// Say who asks, and what they may do
    Whoami,
    /// Keep servers with their tokens, for --profile
    #[command(subcommand)]
    Profile(profile::Command),
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
    /// Deny what automations must not do, or have it approved first: policies
    #[command(subcommand)]
    Policy(policy::Command),
    /// Keep things from being erased: legal holds
    #[command(subcommand)]
    Hold(hold::Command),
    /// Say how long runs are kept, preview and run the sweep
    #[command(subcommand)]
    Retention(retention::Command),
    /// See what automations may spend, and what they have spent
    #[command(subcommand)]
    Budget(budget::Command),
    /// See and set what tokens of language models cost
    #[command(subcommand)]
    Price(price::Command),
    /// Stop everything, or one automation, at once: nothing of it starts until it is released
    Kill(kill::Kill),
    /// Let what a kill switch stopped start again
    Release(kill::Release),
    /// Say where outbound requests may go, and have them signed
    #[command(subcommand)]
    Destination(destination::Command),
    /// Tell receivers what happens: webhooks, and the log of what was delivered
    #[command(subcommand)]
    Webhook(webhook::Command),
    /// Take in what tools tell that cannot show a token: endpoints with a secret of their own
    #[command(subcommand)]
    Inbound(inbound::Command),
}

/// Reads the command line and runs the command to its end. What went wrong is told on the standard
/// error stream.
pub fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    let told = |error: clap::Error| {
        // Where even this cannot be written, nobody is listening.
        let _ = error.print();
        ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(1))
    };
    let read = match settings::read(&arguments) {
        Ok(read) => read,
        Err(Unreadable::Usage(error)) => return told(*error),
        Err(Unreadable::Setting(words)) => return error::report(&CliError::Usage(words)),
    };
    match Cli::from_arg_matches(&read.matches) {
        Ok(cli) => run(cli, &read),
        Err(error) => told(error),
    }
}

fn run(cli: Cli, read: &Read) -> ExitCode {
    let Cli { global, command } = &cli;
    let done = match command {
        Command::Verify(arguments) => return verify::run(global.format, arguments.clone()),
        Command::Config(arguments) => {
            let matches = read.matches.subcommand_matches("config").unwrap_or(&read.matches);
            config::run(global, matches, read.file.as_ref()).and_then(|()| serve::check(arguments))
        }
        Command::Completions(asked) => completions::completions(asked),
        Command::Man(asked) => completions::man(asked),
        _ => carry_out(cli),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => error::report(&error),
    }
}

/// A command that opens a database.
fn carry_out(cli: Cli) -> Result<(), CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let collector = cli.global.otlp_endpoint.as_ref();
    let traces = collector.map(|collector| Traces::to(collector, runtime.handle())).transpose();
    let traces = traces.map_err(CliError::Usage)?;
    telemetry::start(cli.global.log_format, &cli.global.log, traces.as_ref());
    let done = runtime.block_on(dispatch(cli));
    traces.into_iter().for_each(Traces::end);
    done
}

async fn dispatch(Cli { global, command }: Cli) -> Result<(), CliError> {
    let global = match command {
        Command::Profile(_) => global,
        _ => profile::applied(global)?,
    };
    match command {
        Command::Serve(arguments) => serve::run(&global, arguments).await,
        Command::Worker(arguments) => worker::run(&global, arguments).await,
        Command::Demo(arguments) => demo::run(&global, arguments).await,
        Command::Migrate(arguments) => migrate::run(&global, arguments).await,
        Command::Doctor => doctor::run(&global).await,
        Command::Apply(arguments) => apply::run(&global, arguments).await,
        Command::Automations(command) => automations::run(&global, command).await,
        Command::Import(arguments) => import::run(&global, arguments).await,
        Command::Records(command) => records::run(&global, command).await,
        Command::Health(arguments) => health::run(&global, arguments).await,
        Command::Incidents(command) => incidents::run(&global, command).await,
        Command::Profile(command) => profile::run(&global, command),
        Command::Event(command) => event::run(&global, command).await,
        Command::Runs(command) => runs::run(&global, command).await,
        Command::Approvals(command) => approvals::run(&global, command).await,
        Command::Whoami => whoami::run(&global).await,
        Command::Export(command) => export::run(&global, command).await,
        // Answered before anything was opened.
        Command::Verify(_) | Command::Config(_) | Command::Completions(_) | Command::Man(_) => {
            Ok(())
        }
        Command::Audit(command) => audit::run(&global, command).await,
        Command::Workspace(command) => workspace::run(&global, command).await,
        Command::Member(command) => member::run(&global, command).await,
        Command::Token(command) => token::run(&global, command).await,
        Command::Policy(command) => policy::run(&global, command).await,
        Command::Hold(command) => hold::run(&global, command).await,
        Command::Retention(command) => retention::run(&global, command).await,
        Command::Budget(command) => budget::run(&global, command).await,
        Command::Price(command) => price::run(&global, command).await,
        Command::Kill(asked) => kill::kill(&global, asked).await,
        Command::Release(asked) => kill::release(&global, asked).await,
        Command::Destination(command) => destination::run(&global, command).await,
        Command::Webhook(command) => webhook::run(&global, command).await,
        Command::Inbound(command) => inbound::run(&global, command).await,
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
