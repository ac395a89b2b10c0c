//! Takes a price of the workspace's own away.

use app::context::Place;
use axum::{Extension, extract::State, response::Redirect};

use crate::web::{errors::Refusal, fields::Fields, state::AppState};

/// Leads back to the prices.
pub async fn post(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    fields: Fields,
) -> Result<Redirect, Refusal> {
    let (model, from) = (fields.text("model"), fields.parse("from")?);
    state.services().remove_price(place.caller(), &model, from).await?;
    Ok(Redirect::to(&place.prices()))
}
