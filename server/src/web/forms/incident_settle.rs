//! Settles an incident, and those like it if asked to.

use app::context::Place;
use axum::{
    Extension,
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use engine::services::SettleOrder;
use http::request::Parts;

use super::part;
use crate::web::{errors::Refusal, fields::Fields, pages, state::AppState};

/// Leads back to the incident.
pub async fn post(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    Path((_, incident)): Path<(String, String)>,
    asked: Parts,
    fields: Fields,
) -> Result<Response, Refusal> {
    let incident = part("incident", &incident)?;
    let alike = !fields.text("alike").is_empty();
    let order = SettleOrder { incident, note: fields.text("note"), alike };
    match state.services().settle_incident(place.caller(), order).await {
        Ok(_) => Ok(Redirect::to(&place.incident(incident)).into_response()),
        Err(error) => pages::refused(&state, asked, &fields, error).await,
    }
}
