//! The wish to end: Ctrl-C, or SIGTERM from whoever started the process.

use std::time::Duration;

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

/// Tells every part of the process about the wish to end. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Shutdown(watch::Receiver<bool>);

impl Shutdown {
    /// Listens for signals in the background. Only the first is heard as a wish: what is under way
    /// is finished, and nothing new is begun.
    pub fn listen() -> Self {
        let (tell, told) = watch::channel(false);
        tokio::spawn(async move {
            match signalled().await {
                Ok(()) => tracing::info!("ending: what is under way is finished first"),
                Err(error) => tracing::error!(%error, "signals cannot be received"),
            }
            let _ = tell.send(true);
            // Who begins to wait later still learns of it.
            tell.closed().await;
        });
        Self(told)
    }

    /// For loops that look between two steps: true once it is time to end.
    pub fn flag(&self) -> watch::Receiver<bool> {
        self.0.clone()
    }

    /// Resolves when it is time to end.
    pub async fn wait(mut self) {
        // An error means that nobody can tell any more; then it is time to end too.
        let _ = self.0.wait_for(|ending| *ending).await;
    }

    /// Resolves when so much time has passed since then.
    pub async fn over(self, limit: Duration) {
        self.wait().await;
        tokio::time::sleep(limit).await;
    }
}

async fn signalled() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        interrupted = tokio::signal::ctrl_c() => interrupted,
    }
}
