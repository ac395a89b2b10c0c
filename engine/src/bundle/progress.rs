//! How far the making of a bundle has come, told to the database now and then: so that people see it,
//! and other workers see that somebody is at it.

use domain::{Timestamp, bundle::Bundle, time};

use crate::{services::Services, store::StoreError};

/// How long a worker is trusted to be alive after it last said so, in seconds.
pub(crate) const LEASE: i64 = 60;

/// Telling after every page would cost as much as reading it.
const PAGES: u32 = 20;

/// The same, in seconds.
const SECONDS: i64 = 5;

/// One try at a bundle.
#[derive(Debug)]
pub(super) struct Progress {
    services: Services,
    pub(super) bundle: Bundle,
    told_at: Timestamp,
    pages: u32,
}

impl Progress {
    pub(super) fn new(services: Services, bundle: Bundle) -> Self {
        let told_at = services.clock.now();
        Self { services, bundle, told_at, pages: 0 }
    }

    /// So many rows more are written.
    ///
    /// # Errors
    /// `Stale` when the try was given up and somebody else has begun another.
    pub(super) async fn advance(&mut self, rows: usize) -> Result<(), StoreError> {
        self.bundle.rows_done += i64::try_from(rows).unwrap_or(i64::MAX);
        self.pages += 1;
        let since = (self.services.clock.now() - self.told_at).num_seconds();
        if self.pages >= PAGES || since >= SECONDS { self.tell().await } else { Ok(()) }
    }

    /// Tells the database now.
    pub(super) async fn tell(&mut self) -> Result<(), StoreError> {
        let (bundle, now) = (self.bundle.clone(), self.services.clock.now());
        let until = time::later(now, chrono::Duration::seconds(LEASE));
        self.services
            .store
            .write(move |tx| Box::pin(async move { tx.advance_bundle(&bundle, until).await }))
            .await?;
        (self.told_at, self.pages) = (now, 0);
        Ok(())
    }
}
