//! Sends a test to a webhook.

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

/// Leads to the delivery.
pub async fn post(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    Path((_, webhook)): Path<(String, String)>,
    asked: Parts,
    fields: Fields,
) -> Result<Response, Refusal> {
    let id = part("webhook", &webhook)?;
    match state.services().test_webhook(place.caller(), id).await {
        Ok(delivery) => Ok(Redirect::to(&place.delivery(delivery.id)).into_response()),
        Err(error @ ServiceError::Conflict { .. }) => {
            let (form, path) = (fields.refused_by(&error), place.webhook(id));
            let status = Fault::from(error).status;
            Ok(pages::render_page(&state, asked, &path, status, form).await)
        }
        Err(error) => Err(error.into()),
    }
}
