//! What every handler can reach.

use std::sync::Arc;

use app::shell::Assets;
use domain::Timestamp;
use engine::{ids::Ids, services::Services};
use uuid::Uuid;

use super::assets;
use crate::{
    api::{Limiter, Live},
    config::WebConfig,
    watch::Watch,
};

/// Shared by all requests. Cheap to clone.
#[derive(Debug, Clone)]
pub struct AppState(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    services: Services,
    ids: Ids,
    config: WebConfig,
    assets: Assets,
    watch: Watch,
    limiter: Limiter,
    live: Live,
}

impl AppState {
    /// Of a process that does not sign.
    pub fn new(services: Services, ids: Ids, config: WebConfig) -> Self {
        Self::watched(Watch::new(services, None), ids, config)
    }

    pub fn watched(watch: Watch, ids: Ids, config: WebConfig) -> Self {
        let services = watch.services().clone();
        // Of no use by itself: it is this call that starts the executor rendering needs.
        let _ = leptos_axum::generate_route_list(|| ());
        let assets = assets::manifest().into();
        let limiter = Limiter::default();
        let live = Live::new(services.clone());
        Self(Arc::new(Shared { services, ids, config, assets, watch, limiter, live }))
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

    /// For those who watch over the process.
    pub fn watch(&self) -> &Watch {
        &self.0.watch
    }

    /// How often programs ask.
    pub(crate) fn limiter(&self) -> &Limiter {
        &self.0.limiter
    }

    /// Who listens to what happens.
    pub fn live(&self) -> &Live {
        &self.0.live
    }
}
