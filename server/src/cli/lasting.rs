//! What the processes that stay have in common: how they are watched, and how they end.

use std::{net::SocketAddr, time::Duration};

use anyhow::Context as _;
use tokio::task::JoinHandle;

use super::CliError;
use crate::{
    shutdown::Shutdown,
    watch::{self, Watch},
};

#[derive(Debug, Clone, clap::Args)]
pub struct Lasting {
    /// Where to answer /metrics, /healthz and /readyz, to anybody who asks; nowhere unless stated
    #[arg(long, env = "ASSIZE_METRICS_LISTEN")]
    metrics_listen: Option<SocketAddr>,
    /// How long what is under way may take once the process is to end
    #[arg(long, env = "ASSIZE_DRAIN_SECONDS", default_value_t = DRAIN.as_secs())]
    drain_seconds: u64,
}

/// Longer than a call to a receiver, and shorter than those who end processes wait before they kill.
pub const DRAIN: Duration = Duration::from_secs(25);

impl Lasting {
    pub fn drain(&self) -> Duration {
        Duration::from_secs(self.drain_seconds)
    }

    /// Begins to answer those who watch.
    pub async fn watch(&self, watch: &Watch, shutdown: &Shutdown) -> Result<(), CliError> {
        if let Some(address) = self.metrics_listen {
            watch::serve(watch.clone(), address, shutdown.clone()).await?;
        }
        Ok(())
    }
}

/// Waits for the automations. Once the process is to end they begin nothing new; what has not ended in
/// time is left to its lease, and whoever takes it over then knows what had begun.
pub async fn drained(
    working: JoinHandle<()>,
    shutdown: Shutdown,
    limit: Duration,
) -> anyhow::Result<()> {
    tokio::select! {
        ended = working => ended.context("the automations"),
        () = shutdown.over(limit) => {
            tracing::warn!(seconds = limit.as_secs(), "not all work ended in time; its leases keep it");
            Ok(())
        }
    }
}
