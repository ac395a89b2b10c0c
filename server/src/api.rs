//! `/api/v1`: what the browser can do, for programs. One resource a file, over `Services` and nothing
//! else; the tree of files is that of the addresses.
//!
//! An operation is named once, with its handler, its guards and its description ([`describe`]), so the
//! document at `/api/v1/openapi.json` says what the router does.

mod access;
mod approvals;
mod asked;
mod audit;
mod automations;
mod body;
mod budgets;
mod cloudevents;
mod describe;
mod destinations;
mod document;
mod errors;
mod etag;
mod events;
mod exports;
mod health;
mod holds;
mod inbound;
mod incidents;
pub(crate) mod keyed;
mod kills;
mod lineage;
pub(crate) mod members;
mod policies;
mod prices;
mod problem;
mod rate;
mod records;
mod retention;
mod runs;
mod schema;
mod spool;
mod stream;
pub(crate) mod tokens;
mod viewer;
mod webhooks;
pub(crate) mod workspaces;

use std::time::Duration;

use axum::{
    Extension, Router,
    extract::DefaultBodyLimit,
    middleware::{from_fn, from_fn_with_state},
    routing::get,
};
use domain::member::Workspace;
use http::StatusCode;
use tower_http::{
    catch_panic::CatchPanicLayer,
    csrf::{ConfigError, CsrfLayer, ProtectionError},
    timeout::TimeoutLayer,
};

use self::{access::Access, describe::Api, problem::Problem};
pub use self::{rate::Limiter, stream::Live};
use crate::web::state::AppState;

/// Where all of it is.
pub const ROOT: &str = "/api/v1";

/// The longest a request may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// The longest a request with a large file may take.
const LONG: Duration = Duration::from_secs(3_600);

/// What is in a workspace.
fn in_workspace() -> Api {
    Api::default()
        .and(workspaces::one)
        .and(automations::routes)
        .and(events::routes)
        .and(runs::routes)
        .and(health::routes)
        .and(stream::routes)
        .and(approvals::routes)
        .and(incidents::routes)
        .and(records::routes)
        .and(audit::routes)
        .and(exports::routes)
        .and(members::routes)
        .and(tokens::routes)
        .and(holds::routes)
        .and(retention::routes)
        .and(kills::routes)
        .and(budgets::routes)
        .and(policies::routes)
        .and(prices::routes)
        .and(destinations::routes)
        .and(webhooks::routes)
        .and(inbound::routes)
}

/// Where a workspace is, below [`ROOT`].
const WORKSPACE: &str = "/workspaces/{workspace}";

/// The same operations for the host itself, on its command line: nobody has to be asked who they are.
pub fn for_host(state: AppState, workspace: Workspace) -> Router {
    let access = Access::of_host(state.services().clone(), workspace);
    let Api { router, long, .. } = in_workspace();
    Router::new()
        .nest(WORKSPACE, router.merge(long).layer(Extension(access)))
        .layer(from_fn(errors::finish))
        .with_state(state)
}

/// Everything below [`ROOT`].
pub fn router(state: &AppState) -> Result<Router<AppState>, ConfigError> {
    let asker = from_fn_with_state(state.clone(), access::require_asker);
    let access = from_fn_with_state(state.clone(), access::require_access);
    let of_token = from_fn_with_state(state.clone(), access::require_token);
    let own_site_only = CsrfLayer::new()
        .add_trusted_origin(state.config().origin.as_str())?
        .with_rejection_response(cross_site);
    let Api { router, long, .. } = in_workspace();
    let within = |limit| TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, limit);
    let long = Router::new().nest(WORKSPACE, long.route_layer(access.clone()));
    let routes = Router::new()
        .nest(WORKSPACE, router.route_layer(access))
        .merge(Api::default().and(workspaces::all).router.route_layer(asker))
        .merge(Api::default().and(lineage::routes).router.route_layer(of_token))
        .route("/metrics.schema.json", get(metrics_schema))
        .route("/openapi.json", get(document::serve))
        .route("/docs", get(viewer::serve))
        .layer(within(PATIENCE))
        .merge(long.layer(within(LONG)))
        .fallback(errors::not_found)
        .method_not_allowed_fallback(errors::method_not_allowed)
        .layer(CatchPanicLayer::custom(errors::panicked))
        // Each operation has a limit of its own.
        .layer(DefaultBodyLimit::disable())
        .layer(own_site_only)
        .layer(from_fn(access::set_origin_aside))
        .layer(from_fn(errors::finish));
    Ok(Router::new().nest(ROOT, routes))
}

/// `GET /api/v1/metrics.schema.json`: the contract of a run's metrics.
async fn metrics_schema() -> impl axum::response::IntoResponse {
    const TEXT: &str = include_str!("../../docs/metrics.schema.json");
    ([(http::header::CONTENT_TYPE, "application/schema+json")], TEXT)
}

fn cross_site(_: ProtectionError) -> axum::response::Response {
    axum::response::IntoResponse::into_response(Problem::new(
        StatusCode::FORBIDDEN,
        "cross-site",
        errors::CROSS_SITE,
    ))
}
