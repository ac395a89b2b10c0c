//! The only place that reads the time.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{Duration, SubsecRound, Utc};
use domain::Timestamp;

/// Tells the time. Everything that needs it is given one.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    /// The clock of the machine, ahead by so much.
    System(Duration),
    Manual(Arc<Mutex<Timestamp>>),
}

impl Clock {
    /// The clock of the machine.
    pub fn system() -> Self {
        Self(Source::System(ahead()))
    }

    /// A clock that moves only when told, and never back. Clones move together.
    pub fn manual(start: Timestamp) -> Self {
        Self(Source::Manual(Arc::new(Mutex::new(start.trunc_subsecs(6)))))
    }

    /// The present instant, cut to microseconds: what both databases can store.
    #[expect(clippy::disallowed_methods, reason = "this is where the time comes from")]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System(ahead) => (Utc::now() + *ahead).trunc_subsecs(6),
            Source::Manual(now) => *now.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Moves a manual clock to `instant`, unless it is there or beyond already. The clock of the
    /// machine does not listen.
    pub fn advance_to(&self, instant: Timestamp) {
        if let Source::Manual(now) = &self.0 {
            let mut now = now.lock().unwrap_or_else(PoisonError::into_inner);
            *now = instant.trunc_subsecs(6).max(*now);
        }
    }

    /// Moves a manual clock on.
    pub fn advance(&self, by: Duration) {
        self.advance_to(self.now() + by);
    }

    pub fn is_manual(&self) -> bool {
        matches!(self.0, Source::Manual(_))
    }
}

/// In builds with debug assertions `ASSIZE_CLOCK_AHEAD` sets the clock ahead by so many seconds, so that
/// a test of a crash need not wait for a lease to end.
#[cfg(debug_assertions)]
fn ahead() -> Duration {
    let seconds = std::env::var("ASSIZE_CLOCK_AHEAD").ok().and_then(|text| text.parse().ok());
    Duration::seconds(seconds.unwrap_or(0))
}

#[cfg(not(debug_assertions))]
fn ahead() -> Duration {
    Duration::zero()
}
