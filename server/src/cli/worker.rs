//! `assize worker`: runs automations beside servers that only serve pages.

use std::path::PathBuf;

use anyhow::Context as _;
use engine::{
    net::{HttpClient, Limits},
    services::Services,
    signing::SigningDir,
    work::{Authority, Engine, Signer, Stamper, Worker},
};
use tokio::task::JoinHandle;

use super::{
    CliError, Global,
    lasting::{Lasting, drained},
    open,
};
use crate::{config::Origin, shutdown::Shutdown, watch::Watch};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Leave the database's schema as it is
    #[arg(long, env = "ASSIZE_NO_MIGRATE")]
    no_migrate: bool,
    /// The address people open: names the audit logs that are signed here for the first time
    #[arg(long, env = "ASSIZE_ORIGIN")]
    origin: Option<Origin>,
    #[command(flatten)]
    stamps: Stamps,
    #[command(flatten)]
    lasting: Lasting,
}

/// The authority that stamps checkpoints with the time.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Stamps {
    /// An RFC 3161 authority that stamps the checkpoints of the audit logs once an hour
    #[arg(long = "tsa-url", env = "ASSIZE_TSA_URL")]
    url: Option<String>,
    /// Its certificates, PEM or DER: what it sends is checked against them
    #[arg(long = "tsa-ca", env = "ASSIZE_TSA_CA", id = "certificates", value_name = "FILE")]
    certificates: Option<PathBuf>,
}

impl Stamps {
    fn stamper(&self, services: &Services, http: &HttpClient) -> Result<Option<Stamper>, CliError> {
        let (url, path) = match (&self.url, &self.certificates) {
            (None, _) => return Ok(None),
            (Some(url), Some(path)) => (url, path),
            (Some(_), None) => {
                let why = "tsa-url needs tsa-ca, to check with what the authority sends";
                return Err(CliError::Usage(why.to_owned()));
            }
        };
        let certificates = std::fs::read(path)
            .with_context(|| format!("cannot read the certificates in {}", path.display()))?;
        let authority = Authority::new(url, certificates)
            .map_err(|error| CliError::Usage(format!("--tsa-url: {error}")))?;
        Ok(Some(Stamper::new(services.clone(), http.clone(), authority)))
    }
}

pub async fn run(global: &Global, arguments: Arguments) -> Result<(), CliError> {
    let (services, _) = open::lasting(global, !arguments.no_migrate).await?;
    tracing::info!(database = %global.database_url, "working");
    let (dir, host) = (open::signing_dir(global), arguments.origin.as_ref().map(Origin::host));
    let shutdown = Shutdown::listen();
    let watch = Watch::new(services.clone(), Some(dir.clone()));
    arguments.lasting.watch(&watch, &shutdown).await?;
    let working = start(services, dir, host, &arguments.stamps, &shutdown)?;
    Ok(drained(working, shutdown, arguments.lasting.drain()).await?)
}

/// Turns the loops of the engine in the background; the handle resolves when they have ended. New
/// logs are named after `host`.
pub fn start(
    services: Services,
    signing: SigningDir,
    host: Option<&str>,
    stamps: &Stamps,
    shutdown: &Shutdown,
) -> Result<JoinHandle<()>, CliError> {
    let http = HttpClient::new(Limits::default()).context("the client for outbound calls")?;
    let name = format!("process {}", std::process::id());
    let signer = Signer::new(services.clone(), signing, host);
    let stamper = stamps.stamper(&services, &http)?;
    let engine = Engine::new(Worker::new(services, http, &name)).signing(signer).stamping(stamper);
    let ending = shutdown.flag();
    Ok(tokio::spawn(async move { engine.run(ending).await }))
}
