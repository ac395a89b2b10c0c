//! Gives a webhook another secret, and shows it this once.

use app::context::Place;
use axum::{
    Extension,
    extract::{Path, State},
    response::Response,
};
use http::request::Parts;

use super::{part, webhook_create::tell};
use crate::web::{errors::Refusal, fields::Fields, pages, state::AppState};

/// Answers with the webhook and, in the same answer and nowhere else, the secret.
pub async fn post(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    Path((_, webhook)): Path<(String, String)>,
    asked: Parts,
    fields: Fields,
) -> Result<Response, Refusal> {
    let id = part("webhook", &webhook)?;
    match state.services().rotate_webhook_secret(place.caller(), id).await {
        Ok(made) => Ok(tell(&state, &place, asked, &made).await),
        Err(error) => pages::refused(&state, asked, &fields, error).await,
    }
}
