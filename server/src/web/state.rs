//! What every handler can reach.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use app::shell::Assets;
use domain::Timestamp;
use engine::{ids::Ids, services::Services};
use uuid::Uuid;

use super::assets;
use crate::{api::Limiter, config::WebConfig};

/// Shared by all requests. Cheap to clone.
#[derive(Debug, Clone)]
pub struct AppState(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    services: Services,
    ids: Ids,
    config: WebConfig,
    assets: Assets,
    started: Timestamp,
    /// The schema was found complete once; it does not become less.
    migrated: AtomicBool,
    limiter: Limiter,
}

impl AppState {
    pub fn new(services: Services, ids: Ids, config: WebConfig) -> Self {
        // Of no use by itself: it is this call that starts the executor rendering needs.
        let _ = leptos_axum::generate_route_list(|| ());
        let assets = assets::manifest().into();
        let started = services.clock().now();
        let migrated = AtomicBool::new(false);
        let limiter = Limiter::default();
        Self(Arc::new(Shared { services, ids, config, assets, started, migrated, limiter }))
    }

    pub fn services(&self) -> &Services {
        &self.0.services
    }

    pub fn config(&self) -> &WebConfig {
        &self.0.config
    }

    pub fn assets(&self) -> &Assets {
        &self.0.assets
    }

    pub fn now(&self) -> Timestamp {
        self.0.services.clock().now()
    }

    /// A new id of a request.
    pub fn request_id(&self) -> Uuid {
        self.0.ids.uuid(self.now())
    }

    /// When this process began to serve.
    pub fn started(&self) -> Timestamp {
        self.0.started
    }

    /// How often programs ask.
    pub(crate) fn limiter(&self) -> &Limiter {
        &self.0.limiter
    }

    pub(super) fn is_migrated(&self) -> bool {
        self.0.migrated.load(Ordering::Relaxed)
    }

    pub(super) fn set_migrated(&self) {
        self.0.migrated.store(true, Ordering::Relaxed);
    }
}
