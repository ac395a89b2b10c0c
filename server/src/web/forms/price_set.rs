//! Sets what tokens of a language model cost.

use app::context::Place;
use axum::{
    Extension,
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use engine::services::ServiceError;
use http::request::Parts;

use crate::web::{errors::Refusal, fields::Fields, pages, state::AppState};

/// Leads back to the prices.
pub async fn post(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    asked: Parts,
    fields: Fields,
) -> Result<Response, Refusal> {
    match set(&state, &place, &fields).await {
        Ok(()) => Ok(Redirect::to(&place.prices()).into_response()),
        Err(error) => pages::refused(&state, asked, &fields, error).await,
    }
}

async fn set(state: &AppState, place: &Place, fields: &Fields) -> Result<(), ServiceError> {
    let amounts = [fields.parse("input")?, fields.parse("output")?];
    let (model, from) = (fields.text("model"), fields.parse("from")?);
    state.services().set_price(place.caller(), &model, from, amounts).await.map(drop)
}
