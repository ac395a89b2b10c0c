//! The start page: leads on to wherever the visitor belongs.

use app::{components::app_frame::Section, context::Visitor};
use axum::{
    Extension,
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use http::request::Parts;

use super::{errors::Refusal, pages, state::AppState};

/// Who is in one workspace only goes there; who is in several chooses.
pub async fn start(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    asked: Parts,
) -> Result<Response, Refusal> {
    let workspaces = state.services().workspaces_of(visitor.account).await?;
    match workspaces.as_slice() {
        [only] => Ok(Redirect::to(&Section::Runs.href(&only.slug)).into_response()),
        _ => Ok(pages::page(State(state), asked).await),
    }
}

/// A workspace opens with its runs.
pub async fn workspace(Path(slug): Path<String>) -> Redirect {
    Redirect::to(&Section::Runs.href(&domain::filter::encode(&slug)))
}
