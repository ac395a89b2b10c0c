//! Renders pages: the one place where a request meets Leptos.
//!
//! Pages are complete before the first byte is sent (what Leptos calls `SsrMode::Async`), so their
//! status may depend on what they loaded and they need no script.
//!
//! # Forms
//!
//! A change is a plain form whose POST is handled by a file of `web/forms`. When it works, the
//! handler answers 303; when a service refuses, it renders the form's page again with the status of
//! that refusal (422 for wrong input), what was typed and what is wrong:
//!
//! ```ignore
//! pub async fn post(
//!     State(state): State<AppState>,
//!     Extension(place): Extension<Place>,
//!     asked: Parts,
//!     fields: Fields,
//! ) -> Result<Response, Refusal> {
//!     let reason = fields.text("reason");
//!     match state.services().cancel_run(place.caller(), run, &reason).await {
//!         Ok(receipt) => Ok(Redirect::to(&place.href(&format!("…/{run}"))).into_response()),
//!         Err(error) => pages::refused(&state, asked, &fields, error).await,
//!     }
//! }
//! ```
//!
//! The page reads what was typed from `context::Page::form`; a page that is merely opened has the
//! default there. [`refused`] renders the page at the path of the POST; where that is another one,
//! or more is to be said, use [`render_page`].

use app::{
    app::App,
    context::{self, Place, Visitor},
    fault::Fault,
    form_state::FormState,
    pages::fault::FaultPage,
    shell::shell,
};
use axum::{
    body::Body,
    extract::{Query, State},
    response::Response,
};
use domain::Timestamp;
use engine::services::ServiceError;
use http::{HeaderValue, Method, Request, StatusCode, Uri, header, request::Parts};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_axum::{ResponseOptions, render_app_async_with_context};

use super::{
    errors::Refusal, fields::Fields, headers::page_policy, request_id::RequestId, state::AppState,
};

/// Answers a GET with the page at its path, which may be the one that says there is none.
pub async fn page(State(state): State<AppState>, asked: Parts) -> Response {
    let request = describe(&state, &asked, FormState::default());
    respond(asked, request, || view! { <App /> }).await
}

/// The page at `path`, with a form in the state it has after it was refused.
pub async fn render_page(
    state: &AppState,
    mut asked: Parts,
    path: &str,
    status: StatusCode,
    form: FormState,
) -> Response {
    let Ok(uri) = path.parse::<Uri>() else {
        return fault(state, asked, Fault::not_found("page")).await;
    };
    asked.uri = uri;
    asked.method = Method::GET;
    let request = describe(state, &asked, form);
    let mut response = respond(asked, request, || view! { <App /> }).await;
    if response.status().is_success() {
        *response.status_mut() = status;
    }
    response
}

/// What a form is answered with when a service refused it: the page at the form's own path, with
/// what was typed and what is wrong. Where the page itself cannot be shown to this visitor, or
/// something inside failed, it is the page of that fault.
pub async fn refused(
    state: &AppState,
    asked: Parts,
    fields: &Fields,
    error: ServiceError,
) -> Result<Response, Refusal> {
    let hopeless = matches!(
        error,
        ServiceError::NotFound(_)
            | ServiceError::Refused(_)
            | ServiceError::Store(_)
            | ServiceError::Migrate(_)
    );
    if hopeless {
        return Err(error.into());
    }
    let path = asked.uri.path().to_owned();
    let form = fields.refused_by(&error);
    let fault = Fault::from(error);
    let mut response = render_page(state, asked, &path, fault.status, form).await;
    if let Some(seconds) = fault.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    }
    Ok(response)
}

/// A page that is none of the route table.
pub async fn show<V: IntoView + 'static>(
    state: &AppState,
    asked: Parts,
    page: impl Fn() -> V + Clone + Send + Sync + 'static,
) -> Response {
    let request = describe(state, &asked, FormState::default());
    respond(asked, request, page).await
}

/// The page about a fault.
pub async fn fault(state: &AppState, asked: Parts, fault: Fault) -> Response {
    let request = describe(state, &asked, FormState::default());
    respond(asked, request, move || {
        let fault = fault.clone();
        view! { <FaultPage fault /> }
    })
    .await
}

/// What the page will know of its request.
fn describe(state: &AppState, asked: &Parts, form: FormState) -> context::Request {
    let now: Timestamp = state.now();
    let query = Query::<Vec<(String, String)>>::try_from_uri(&asked.uri);
    let request_id = asked.extensions.get::<RequestId>();
    context::Request {
        services: state.services().clone(),
        now,
        request_id: request_id.map(|RequestId(id)| id.clone()).unwrap_or_default(),
        origin: engine::origin::current(),
        path: asked.uri.path().to_owned(),
        query: query.map(|Query(pairs)| pairs).unwrap_or_default(),
        assets: state.assets().clone(),
        visitor: asked.extensions.get::<Visitor>().cloned(),
        place: asked.extensions.get::<Place>().cloned(),
        form,
        development: state.config().development,
    }
}

async fn respond<V: IntoView + 'static>(
    asked: Parts,
    request: context::Request,
    page: impl Fn() -> V + Clone + Send + Sync + 'static,
) -> Response {
    let assets = request.assets.clone();
    let provide = move || {
        provide_context(request.clone());
        protect();
    };
    let document = move || shell(&assets, page.clone());
    let asked = Request::from_parts(asked, Body::empty());
    render_app_async_with_context(provide, document)(asked).await
}

/// Allows the scripts of this page, by their nonce, and no others.
fn protect() {
    let policy = use_nonce().and_then(|nonce| HeaderValue::try_from(page_policy(&nonce)).ok());
    if let Some(policy) = policy {
        let response = expect_context::<ResponseOptions>();
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}
