//! Grants an auditor a window.

use app::context::Place;
use axum::{
    Extension,
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::id::MemberId;
use engine::services::ServiceError;
use http::request::Parts;

use super::{days, part};
use crate::web::{errors::Refusal, fields::Fields, pages, state::AppState};

/// Leads back to the member, where the window stands among the others.
pub async fn post(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    Path((_, member)): Path<(String, String)>,
    asked: Parts,
    fields: Fields,
) -> Result<Response, Refusal> {
    let id = part("member", &member)?;
    match grant(&state, &place, id, &fields).await {
        Ok(()) => Ok(Redirect::to(&place.member(id)).into_response()),
        Err(error) => pages::refused(&state, asked, &fields, error).await,
    }
}

async fn grant(
    state: &AppState,
    place: &Place,
    member: MemberId,
    fields: &Fields,
) -> Result<(), ServiceError> {
    let period = days(fields).map_err(ServiceError::Invalid)?;
    state.services().grant_window(place.caller(), member, period).await.map(drop)
}
