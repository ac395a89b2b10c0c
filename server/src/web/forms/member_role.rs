//! Gives a member another role.

use app::context::Place;
use axum::{
    Extension,
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::id::MemberId;
use engine::services::ServiceError;
use http::request::Parts;

use super::part;
use crate::web::{errors::Refusal, fields::Fields, pages, state::AppState};

/// Leads back to the member; whoever changed their own role begins again with the new one.
pub async fn post(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    Path((_, member)): Path<(String, String)>,
    asked: Parts,
    fields: Fields,
) -> Result<Response, Refusal> {
    let id = part("member", &member)?;
    match change(&state, &place, id, &fields).await {
        Ok(()) if id == place.member.id => Ok(Redirect::to("/").into_response()),
        Ok(()) => Ok(Redirect::to(&place.member(id)).into_response()),
        Err(error) => pages::refused(&state, asked, &fields, error).await,
    }
}

async fn change(
    state: &AppState,
    place: &Place,
    id: MemberId,
    fields: &Fields,
) -> Result<(), ServiceError> {
    let role = fields.parse("role")?;
    state.services().change_role(place.caller(), id, role).await.map(|_| ())
}
