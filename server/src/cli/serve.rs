//! `assize serve`: the pages, and the automations unless workers of their own run them.

use std::{
    io::{Write as _, stderr},
    net::SocketAddr,
    time::Duration,
};

use anyhow::Context as _;
use engine::services::Services;
use tokio::net::TcpListener;

use super::{
    CliError, Global,
    lasting::{Lasting, drained},
    open, worker,
};
use crate::{
    config::{Origin, WebConfig},
    router::router,
    shutdown::Shutdown,
    watch::Watch,
    web::state::AppState,
};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Where to listen
    #[arg(long, env = "ASSIZE_LISTEN", default_value = "127.0.0.1:8480")]
    listen: SocketAddr,
    /// The address people open, such as https://assize.example; may be left out on this machine
    #[arg(long, env = "ASSIZE_ORIGIN")]
    origin: Option<Origin>,
    /// How many proxies stand before the server and append to X-Forwarded-For
    #[arg(long, env = "ASSIZE_TRUSTED_PROXIES", default_value_t = 0)]
    trusted_proxies: usize,
    /// Serve pages only; `assize worker` runs the automations
    #[arg(long, env = "ASSIZE_NO_WORKER")]
    no_worker: bool,
    #[command(flatten)]
    stamps: worker::Stamps,
    #[command(flatten)]
    lasting: Lasting,
    /// Leave the database's schema as it is
    #[arg(long, env = "ASSIZE_NO_MIGRATE")]
    no_migrate: bool,
    /// Pages for those who work on Assize itself
    #[arg(long, env = "ASSIZE_DEV", hide = true, value_parser = clap::builder::BoolishValueParser::new(), action = clap::ArgAction::SetTrue)]
    development: bool,
}

/// Whether the settings fit together.
pub fn check(arguments: &Arguments) -> Result<(), CliError> {
    web_config(arguments, arguments.listen).map(drop)
}

pub async fn run(global: &Global, arguments: Arguments) -> Result<(), CliError> {
    let (services, ids) = open::lasting(global, !arguments.no_migrate).await?;
    let listener = TcpListener::bind(arguments.listen)
        .await
        .with_context(|| format!("cannot listen on {}", arguments.listen))?;
    let config = web_config(&arguments, listener.local_addr()?)?;
    tracing::info!(origin = %config.origin, database = %global.database_url, "serving");
    offer_setup(&services, &config.origin).await?;

    let shutdown = Shutdown::listen();
    let signing = (!arguments.no_worker).then(|| open::signing_dir(global));
    let watch = Watch::new(services.clone(), signing.clone());
    arguments.lasting.watch(&watch, &shutdown).await?;
    let start = |dir| {
        let host = Some(config.origin.host());
        worker::start(services.clone(), dir, host, &arguments.stamps, &shutdown)
    };
    let working = signing.map(start).transpose()?;
    let drain = arguments.lasting.drain();
    let serving = serve(listener, AppState::watched(watch, ids, config), shutdown.clone(), drain);
    match working {
        Some(working) => {
            tokio::try_join!(serving, drained(working, shutdown, drain))?;
        }
        None => serving.await?,
    }
    Ok(())
}

/// Answers requests until it is time to end, then sees the ones under way through.
pub async fn serve(
    listener: TcpListener,
    state: AppState,
    shutdown: Shutdown,
    drain: Duration,
) -> anyhow::Result<()> {
    let (live, told) = (state.live().clone(), shutdown.clone());
    let ending = async move {
        told.wait().await;
        // Streams are never through by themselves.
        live.end();
    };
    let routes = router(state).context("the origin")?;
    let service = routes.into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(ending);
    tokio::select! {
        served = async { serving.await } => Ok(served?),
        // Browsers keep connections open that they do not use; those are not waited for.
        () = shutdown.over(drain) => Ok(()),
    }
}

fn web_config(arguments: &Arguments, address: SocketAddr) -> Result<WebConfig, CliError> {
    let origin = match &arguments.origin {
        Some(origin) => origin.clone(),
        None if address.ip().is_loopback() => Origin::local(address),
        None => {
            let hint = "name the address people open with --origin https://…";
            return Err(CliError::Usage(hint.to_owned()));
        }
    };
    if !origin.is_secure() {
        tracing::warn!("plain http: good for this machine only, cookies are not marked secure");
    }
    let Arguments { trusted_proxies, development, .. } = *arguments;
    Ok(WebConfig { origin, trusted_proxies, development })
}

/// Prints the way in for the first owner, once, and not into the log, which others read.
async fn offer_setup(services: &Services, origin: &Origin) -> Result<(), CliError> {
    let Some(setup) = services.prepare_setup().await? else { return Ok(()) };
    let (token, until) = (setup.token.expose(), setup.expires_at.format("%H:%M UTC"));
    writeln!(
        stderr(),
        "\nThere is no owner yet. Become the first one, until {until}:\n\
         \n    {origin}/setup?token={token}\n"
    )?;
    Ok(())
}
