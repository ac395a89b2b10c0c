//! Removes a webhook.

use app::context::Place;
use axum::{
    Extension,
    extract::{Path, State},
    response::Redirect,
};

use super::part;
use crate::web::{errors::Refusal, state::AppState};

/// Leads back to the list.
pub async fn post(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    Path((_, webhook)): Path<(String, String)>,
) -> Result<Redirect, Refusal> {
    state.services().remove_webhook(place.caller(), part("webhook", &webhook)?).await?;
    Ok(Redirect::to(&place.webhooks()))
}
