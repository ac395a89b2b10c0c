//! Sends a delivery again.

use app::{context::Place, fault::Fault};
use axum::{
    Extension,
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use engine::services::ServiceError;
use http::request::Parts;

use super::part;
use crate::web::{errors::Refusal, fields::Fields, pages, state::AppState};

/// Leads back to the delivery, where the new attempt appears.
pub async fn post(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    Path((_, delivery)): Path<(String, String)>,
    asked: Parts,
    fields: Fields,
) -> Result<Response, Refusal> {
    let id = part("delivery", &delivery)?;
    let path = place.delivery(id);
    match state.services().replay_delivery(place.caller(), id).await {
        Ok(_) => Ok(Redirect::to(&path).into_response()),
        Err(error @ ServiceError::Conflict { .. }) => {
            let form = fields.refused_by(&error);
            let status = Fault::from(error).status;
            Ok(pages::render_page(&state, asked, &path, status, form).await)
        }
        Err(error) => Err(error.into()),
    }
}
