//! Places a legal hold.

use app::context::Place;
use axum::{
    Extension,
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use engine::services::{NewHold, ServiceError};
use http::request::Parts;

use super::days;
use crate::web::{errors::Refusal, fields::Fields, pages, state::AppState};

/// Leads back to the list.
pub async fn post(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    asked: Parts,
    fields: Fields,
) -> Result<Response, Refusal> {
    match place_hold(&state, &place, &fields).await {
        Ok(()) => Ok(Redirect::to(&place.holds()).into_response()),
        Err(error) => pages::refused(&state, asked, &fields, error).await,
    }
}

async fn place_hold(state: &AppState, place: &Place, fields: &Fields) -> Result<(), ServiceError> {
    let run = match fields.text("run").is_empty() {
        true => None,
        false => Some(fields.parse("run")?),
    };
    let definition = Some(fields.text("definition")).filter(|key| !key.is_empty());
    let any_day = !(fields.text("from").is_empty() && fields.text("to").is_empty());
    let period = any_day.then(|| days(fields)).transpose().map_err(ServiceError::Invalid)?;
    let new = NewHold { definition, run, period, reason: fields.text("reason") };
    state.services().place_hold(place.caller(), new).await.map(drop)
}
