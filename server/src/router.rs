//! Every route on one screen, grouped by who calls it. The addresses of pages are in `app::app`.

use std::time::Duration;

use app::fault::Fault;
use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse as _, Response},
    routing::{MethodRouter, get, post},
};
use domain::export::ExportFormat;
use http::StatusCode;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer, CompressionLevel,
        predicate::{DefaultPredicate, NotForContentType, Predicate},
    },
    csrf::{ConfigError, CsrfLayer, ProtectionError},
    timeout::TimeoutLayer,
};

use crate::{
    api, telemetry, watch,
    web::{
        assets, body, bundle, checkpoint, errors, export, forms, headers, health, home, inbound,
        pages, request_id, session, state::AppState,
    },
};

/// The longest a request may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Everything the server answers to.
pub fn router(state: AppState) -> Result<Router, ConfigError> {
    let mut routes = anyone().merge(account(&state)).merge(workspace(&state));
    if state.config().development {
        routes = routes.merge(developers());
    }
    let routes = routes.fallback_service(get(pages::page).with_state(state.clone()));
    let routes = layers(routes, &state)?
        .merge(api::router(&state)?.layer(packing()).layer(telemetry::requests()))
        .merge(probes())
        .merge(inbound_endpoints())
        .layer(from_fn_with_state(state.clone(), headers::secure))
        .layer(from_fn_with_state(state.clone(), request_id::assign))
        .layer(from_fn_with_state(state.clone(), watch::measure));
    Ok(routes.with_state(state))
}

/// Called by whatever watches over the process, often; left out of the log.
fn probes() -> Router<AppState> {
    Router::new().route("/healthz", get(health::alive)).route("/readyz", get(health::ready))
}

/// Called by tools that tell what happened, each with the secret of its endpoint; left out of the log,
/// which would keep the addresses.
fn inbound_endpoints() -> Router<AppState> {
    inbound::routes()
        .layer(CatchPanicLayer::custom(errors::panicked))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, PATIENCE))
        // Each request is read up to a limit of its own.
        .layer(DefaultBodyLimit::disable())
}

/// Called by anyone, signed in or not.
fn anyone() -> Router<AppState> {
    Router::new()
        .route("/sign-in", form(forms::sign_in::post))
        .route("/sign-out", form(forms::sign_out::post))
        .route("/setup", form(forms::setup::post))
        .route("/accept-link", form(forms::accept_link::post))
        .merge(assets::routes())
}

/// Called by whoever is signed in.
fn account(state: &AppState) -> Router<AppState> {
    Router::new()
        .route("/", get(home::start))
        .route_layer(from_fn_with_state(state.clone(), session::require_visitor))
}

/// Called by members of the workspace.
fn workspace(state: &AppState) -> Router<AppState> {
    Router::new()
        .route("/w/{workspace}", get(home::workspace))
        .merge(approvals())
        .merge(audit_log())
        .merge(definitions())
        .merge(runs())
        .merge(incidents())
        .merge(settings())
        .merge(webhooks())
        .merge(policies())
        .route("/w/{workspace}/exports", form(forms::bundle_order::post))
        .route("/w/{workspace}/exports/bundles/{bundle}", get(bundle::file))
        .route("/w/{workspace}/exports/lists/{list}", get(export::list))
        .route("/w/{workspace}/{*page}", get(pages::page))
        .route_layer(from_fn_with_state(state.clone(), errors::as_pages))
        .route_layer(from_fn_with_state(state.clone(), session::require_member))
}

/// Called by members who decide.
fn approvals() -> Router<AppState> {
    const LIST: &str = "/w/{workspace}/governance/automation/approvals";
    Router::new()
        .route(LIST, form(forms::decide_selected::post))
        .route(&format!("{LIST}/{{approval}}"), form(forms::decide::post))
}

/// Called by members who have what they see of the log checked.
fn audit_log() -> Router<AppState> {
    const LOG: &str = "/w/{workspace}/audit-log";
    Router::new()
        .route(LOG, form(forms::verify_audit::post))
        .route(&format!("{LOG}/checkpoint"), get(checkpoint::latest))
        .route(&format!("{LOG}/checkpoint/stamp"), get(checkpoint::stamp))
        .route(&format!("{LOG}/{{seq}}"), form(forms::verify_audit::post))
        .route(&format!("{LOG}/{{seq}}/proof"), get(checkpoint::proof))
}

/// Called by members who switch definitions on and off, and who ask for runs.
fn definitions() -> Router<AppState> {
    const ONE: &str = "/w/{workspace}/governance/automation/definitions/{key}";
    Router::new()
        .route(ONE, form(forms::enable_definition::post))
        .route(&format!("{ONE}/request"), post(forms::request_run::post))
}

/// Called by members who deal with failures.
fn runs() -> Router<AppState> {
    const ONE: &str = "/w/{workspace}/governance/automation/runs/{run}";
    Router::new()
        .route(&format!("{ONE}/retry"), form(forms::retry::post))
        .route(&format!("{ONE}/cancel"), form(forms::cancel::post))
        .route(&format!("{ONE}/close"), form(forms::close_run::post))
        .route(&format!("{ONE}/erase"), form(forms::erase::post))
}

/// Called by members who say what became of an incident.
fn incidents() -> Router<AppState> {
    const ONE: &str = "/w/{workspace}/governance/automation/incidents/{incident}";
    Router::new().route(ONE, form(forms::incident_settle::post))
}

/// Called by owners.
fn settings() -> Router<AppState> {
    const MEMBERS: &str = "/w/{workspace}/settings/members";
    const DESTINATIONS: &str = "/w/{workspace}/settings/destinations";
    const PRICES: &str = "/w/{workspace}/settings/prices";
    const HOLDS: &str = "/w/{workspace}/settings/holds";
    const KILL_SWITCH: &str = "/w/{workspace}/settings/kill-switch";
    const INBOUND: &str = "/w/{workspace}/settings/inbound";
    const RETENTION: &str = "/w/{workspace}/settings/retention/policy";
    const TOKENS: &str = "/w/{workspace}/settings/tokens";
    Router::new()
        .route(&format!("{MEMBERS}/add"), form(forms::member_add::post))
        .route(&format!("{MEMBERS}/{{member}}"), form(forms::member_role::post))
        .route(&format!("{MEMBERS}/{{member}}/link"), form(forms::member_link::post))
        .route(&format!("{MEMBERS}/{{member}}/remove"), form(forms::member_remove::post))
        .route(&format!("{MEMBERS}/{{member}}/windows"), form(forms::window_grant::post))
        .route(
            &format!("{MEMBERS}/{{member}}/windows/{{window}}/revoke"),
            post(forms::window_revoke::post),
        )
        .route(PRICES, form(forms::price_set::post))
        .route(&format!("{PRICES}/remove"), post(forms::price_remove::post))
        .route(HOLDS, form(forms::hold_place::post))
        .route(&format!("{HOLDS}/{{hold}}/release"), form(forms::hold_release::post))
        .route(RETENTION, form(forms::retention_set::post))
        .route(&format!("{KILL_SWITCH}/press"), form(forms::kill_press::post))
        .route(&format!("{KILL_SWITCH}/{{switch}}/release"), form(forms::kill_release::post))
        .route(INBOUND, form(forms::inbound_create::post))
        .route(&format!("{INBOUND}/{{endpoint}}/rotate"), post(forms::inbound_rotate::post))
        .route(&format!("{INBOUND}/{{endpoint}}/remove"), post(forms::inbound_remove::post))
        .route(TOKENS, form(forms::token_create::post))
        .route(&format!("{TOKENS}/{{token}}/revoke"), form(forms::token_revoke::post))
        .route(DESTINATIONS, form(forms::destination_allow::post))
        .route(&format!("{DESTINATIONS}/remove"), form(forms::destination_remove::post))
        .route(&format!("{DESTINATIONS}/sign"), form(forms::destination_sign::post))
        .route(&format!("{DESTINATIONS}/unsign"), post(forms::destination_unsign::post))
}

/// Called by owners who say what automations may not do.
fn policies() -> Router<AppState> {
    const ONE: &str = "/w/{workspace}/settings/policies/{policy}";
    Router::new()
        .route("/w/{workspace}/settings/new-policy", form(forms::policy_write::post))
        .route(&format!("{ONE}/change"), form(forms::policy_write::post))
        .route(&format!("{ONE}/switch"), form(forms::policy_switch::post))
}

/// Called by owners who tell the outside what happens.
fn webhooks() -> Router<AppState> {
    const WEBHOOKS: &str = "/w/{workspace}/settings/webhooks";
    const ONE: &str = "/w/{workspace}/settings/webhooks/{webhook}";
    Router::new()
        .route(WEBHOOKS, form(forms::webhook_create::post))
        .route(ONE, form(forms::webhook_change::post))
        .route(&format!("{ONE}/enabled"), post(forms::webhook_enable::post))
        .route(&format!("{ONE}/remove"), form(forms::webhook_remove::post))
        .route(&format!("{ONE}/rotate"), form(forms::webhook_rotate::post))
        .route(&format!("{ONE}/test"), post(forms::webhook_test::post))
        .route(
            "/w/{workspace}/settings/deliveries/{delivery}/replay",
            post(forms::delivery_replay::post),
        )
}

/// Called by the pages of a development server.
fn developers() -> Router<AppState> {
    Router::new().route("/dev/started", get(health::started))
}

/// A page with a form that posts to the page's own address.
fn form<H, T>(handler: H) -> MethodRouter<AppState>
where
    H: axum::handler::Handler<T, AppState>,
    T: 'static,
{
    get(pages::page).post(handler)
}

/// What every request of people goes through; the first layer named here is the last to see a request.
fn layers(routes: Router<AppState>, state: &AppState) -> Result<Router<AppState>, ConfigError> {
    let own_site_only = CsrfLayer::new()
        .add_trusted_origin(state.config().origin.as_str())?
        .with_rejection_response(cross_site);
    Ok(routes
        .layer(CatchPanicLayer::custom(errors::panicked))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, PATIENCE))
        .layer(DefaultBodyLimit::max(body::LIMIT))
        .layer(from_fn(body::limit))
        .layer(own_site_only)
        .layer(from_fn_with_state(state.clone(), errors::as_pages))
        .layer(packing())
        .layer(telemetry::requests()))
}

/// Compresses what is not compressed already.
fn packing() -> CompressionLayer<impl Predicate + Send + Sync> {
    let not_packed_already = NotForContentType::const_new(ExportFormat::Xlsx.media_type())
        .and(NotForContentType::const_new(bundle::MEDIA_TYPE));
    CompressionLayer::new()
        .quality(CompressionLevel::Precise(4))
        .compress_when(DefaultPredicate::new().and(not_packed_already))
}

fn cross_site(_: ProtectionError) -> Response {
    errors::Refusal(Fault::cross_site()).into_response()
}
