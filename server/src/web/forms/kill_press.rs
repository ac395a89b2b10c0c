//! Presses a kill switch.

use app::context::Place;
use axum::{
    Extension,
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use engine::services::KillOrder;
use http::request::Parts;

use crate::web::{errors::Refusal, fields::Fields, pages, state::AppState};

/// Leads to the page of the switch.
pub async fn post(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    asked: Parts,
    fields: Fields,
) -> Result<Response, Refusal> {
    let automation = Some(fields.text("definition")).filter(|key| !key.is_empty());
    let order = KillOrder { automation, reason: fields.text("reason") };
    match state.services().press_kill_switch(place.caller(), order).await {
        Ok(_) => Ok(Redirect::to(&place.kill_switch()).into_response()),
        Err(error) => pages::refused(&state, asked, &fields, error).await,
    }
}
