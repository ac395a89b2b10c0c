//! Approves or dismisses one approval.

use app::context::Place;
use axum::{
    Extension,
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::id::ApprovalId;
use engine::services::{DecisionRequest, ServiceError};
use http::request::Parts;

use super::part;
use crate::web::{errors::Refusal, fields::Fields, pages, state::AppState};

/// Stores the decision about the action that was shown.
pub async fn post(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    Path((_, approval)): Path<(String, String)>,
    asked: Parts,
    fields: Fields,
) -> Result<Response, Refusal> {
    let id = part("approval", &approval)?;
    match decide(&state, &place, id, &fields).await {
        Ok(()) => Ok(Redirect::to(&place.approval(id)).into_response()),
        Err(error) => pages::refused(&state, asked, &fields, error).await,
    }
}

async fn decide(
    state: &AppState,
    place: &Place,
    approval: ApprovalId,
    fields: &Fields,
) -> Result<(), ServiceError> {
    let request = DecisionRequest {
        approval,
        verdict: fields.parse("verdict")?,
        reason: fields.text("reason"),
        action_digest: fields.text("action_digest"),
    };
    state.services().decide(place.caller(), request).await.map(|_| ())
}
