//! Releases a kill switch.

use app::context::Place;
use axum::{
    Extension,
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use engine::services::Presence;
use http::request::Parts;

use super::part;
use crate::web::{client, errors::Refusal, fields::Fields, pages, state::AppState};

/// Leads to the page of the switch.
pub async fn post(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    Path((_, switch)): Path<(String, String)>,
    asked: Parts,
    fields: Fields,
) -> Result<Response, Refusal> {
    let id = part("switch", &switch)?;
    let address = client::address(&asked, state.config().trusted_proxies);
    let presence = Presence::Password(fields.raw("password"), address);
    let (services, reason) = (state.services(), fields.text("reason"));
    match services.release_kill_switch(place.caller(), id, &reason, presence).await {
        Ok(_) => Ok(Redirect::to(&place.kill_switch()).into_response()),
        Err(error) => pages::refused(&state, asked, &fields, error).await,
    }
}
