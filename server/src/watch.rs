//! For those who watch over the process: can it serve, and what does it do.

mod figures;
mod latency;
mod listener;
mod readiness;
mod text;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use domain::Timestamp;
use engine::{services::Services, signing::SigningDir};

pub use latency::measure;
pub use listener::serve;
pub use readiness::Readiness;

use self::latency::Latency;

/// What is known about the process from outside. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Watch(Arc<Known>);

#[derive(Debug)]
struct Known {
    services: Services,
    /// Where the process signs; none in one that does not.
    signing: Option<SigningDir>,
    started: Timestamp,
    latency: Latency,
    /// The schema was found complete once; it does not become less.
    migrated: AtomicBool,
}

impl Watch {
    /// Of a process that signs in this directory, or does not sign.
    pub fn new(services: Services, signing: Option<SigningDir>) -> Self {
        let started = services.clock().now();
        let (latency, migrated) = (Latency::default(), AtomicBool::new(false));
        Self(Arc::new(Known { services, signing, started, latency, migrated }))
    }

    pub fn services(&self) -> &Services {
        &self.0.services
    }

    /// When the process began.
    pub fn started(&self) -> Timestamp {
        self.0.started
    }

    fn is_migrated(&self) -> bool {
        self.0.migrated.load(Ordering::Relaxed)
    }

    fn set_migrated(&self) {
        self.0.migrated.store(true, Ordering::Relaxed);
    }
}
