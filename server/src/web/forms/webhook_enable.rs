//! Enables or disables a webhook.

use app::context::Place;
use axum::{
    Extension,
    extract::{Path, State},
    response::Redirect,
};

use super::part;
use crate::web::{errors::Refusal, fields::Fields, state::AppState};

/// Leads back to the webhook.
pub async fn post(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    Path((_, webhook)): Path<(String, String)>,
    fields: Fields,
) -> Result<Redirect, Refusal> {
    let (id, enabled) = (part("webhook", &webhook)?, fields.text("enabled") == "yes");
    state.services().set_webhook_enabled(place.caller(), id, enabled).await?;
    Ok(Redirect::to(&place.webhook(id)))
}
