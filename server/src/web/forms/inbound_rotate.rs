//! Gives an inbound endpoint another secret, and shows it this once.

use app::context::Place;
use axum::{
    Extension,
    extract::{Path, State},
    response::Response,
};
use http::request::Parts;

use super::{inbound_create::tell, part};
use crate::web::{errors::Refusal, state::AppState};

/// Answers with the endpoint and, in the same answer and nowhere else, the secret.
pub async fn post(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    Path((_, endpoint)): Path<(String, String)>,
    asked: Parts,
) -> Result<Response, Refusal> {
    let id = part("endpoint", &endpoint)?;
    let made = state.services().rotate_inbound_secret(place.caller(), id).await?;
    Ok(tell(&state, &place, asked, &made).await)
}
