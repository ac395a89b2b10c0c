//! A hint that there may be work, so that workers need not wait for their next look.

use std::sync::Arc;

use tokio::sync::Notify;

/// Wakes the workers of this process. Only a hint: they also look by themselves.
#[derive(Debug, Clone, Default)]
pub struct Wake(Arc<Notify>);

impl Wake {
    /// There may be work.
    pub fn notify(&self) {
        self.0.notify_one();
    }

    /// Waits for the next hint; one that came since the last wait counts.
    pub async fn wait(&self) {
        self.0.notified().await;
    }
}
