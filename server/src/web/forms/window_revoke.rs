//! Takes a window back from an auditor.

use app::context::Place;
use axum::{
    Extension,
    extract::{Path, State},
    response::Redirect,
};

use super::part;
use crate::web::{errors::Refusal, state::AppState};

/// Leads back to the member, where the window is gone.
pub async fn post(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    Path((_, member, window)): Path<(String, String, String)>,
) -> Result<Redirect, Refusal> {
    let id = part("member", &member)?;
    state.services().revoke_window(place.caller(), part("window", &window)?).await?;
    Ok(Redirect::to(&place.member(id)))
}
