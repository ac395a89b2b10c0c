//! `assize worker`: runs automations beside servers that only serve pages.

use anyhow::Context as _;
use engine::{
    net::{HttpClient, Limits},
    services::Services,
    signing::SigningDir,
    work::{Engine, Signer, Worker},
};
use tokio::task::JoinHandle;

use super::{CliError, Global, open};
use crate::{config::Origin, shutdown::Shutdown};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Leave the database's schema as it is
    #[arg(long, env = "ASSIZE_NO_MIGRATE")]
    no_migrate: bool,
    /// The address people open: names the audit logs that are signed here for the first time
    #[arg(long, env = "ASSIZE_ORIGIN")]
    origin: Option<Origin>,
}

pub async fn run(global: &Global, arguments: Arguments) -> Result<(), CliError> {
    let (services, _) = open::lasting(global, !arguments.no_migrate).await?;
    tracing::info!(database = %global.database_url, "working");
    let (dir, host) = (open::signing_dir(global), arguments.origin.as_ref().map(Origin::host));
    start(services, dir, host, &Shutdown::listen())?.await.context("the automations")?;
    Ok(())
}

/// Turns the loops of the engine in the background; the handle resolves when they have ended. New
/// logs are named after `host`.
pub fn start(
    services: Services,
    signing: SigningDir,
    host: Option<&str>,
    shutdown: &Shutdown,
) -> Result<JoinHandle<()>, CliError> {
    let http = HttpClient::new(Limits::default()).context("the client for outbound calls")?;
    let name = format!("process {}", std::process::id());
    let signer = Signer::new(services.clone(), signing, host);
    let engine = Engine::new(Worker::new(services, http, &name)).signing(signer);
    let ending = shutdown.flag();
    Ok(tokio::spawn(async move { engine.run(ending).await }))
}
