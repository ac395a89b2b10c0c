//! `assize worker`: runs automations beside servers that only serve pages.

use anyhow::Context as _;
use engine::{
    net::{HttpClient, Limits},
    services::Services,
    work::{Engine, Worker},
};
use tokio::task::JoinHandle;

use super::{CliError, Global, open};
use crate::shutdown::Shutdown;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Leave the database's schema as it is
    #[arg(long, env = "ASSIZE_NO_MIGRATE")]
    no_migrate: bool,
}

pub async fn run(global: &Global, arguments: Arguments) -> Result<(), CliError> {
    let (services, _) = open::lasting(global, !arguments.no_migrate).await?;
    tracing::info!(database = %global.database_url, "working");
    start(services, &Shutdown::listen())?.await.context("the automations")?;
    Ok(())
}

/// Turns the loops of the engine in the background; the handle resolves when they have ended.
pub fn start(services: Services, shutdown: &Shutdown) -> Result<JoinHandle<()>, CliError> {
    let http = HttpClient::new(Limits::default()).context("the client for outbound calls")?;
    let name = format!("process {}", std::process::id());
    let engine = Engine::new(Worker::new(services, http, &name));
    let ending = shutdown.flag();
    Ok(tokio::spawn(async move { engine.run(ending).await }))
}
