//! Sign in with e-mail address and password.

use axum::{extract::State, response::Response};
use http::request::Parts;

use crate::web::{
    client,
    errors::Refusal,
    fields::Fields,
    pages,
    session::{self, safe_next},
    state::AppState,
};

/// Opens a session, or shows the form again without a word about what was wrong with it.
pub async fn post(
    State(state): State<AppState>,
    asked: Parts,
    fields: Fields,
) -> Result<Response, Refusal> {
    let address = client::address(&asked, state.config().trusted_proxies);
    let services = state.services();
    match services.sign_in(&fields.text("email"), fields.raw("password"), address).await {
        Ok(signed_in) => Ok(session::begin(&state, &signed_in, safe_next(&fields.text("next")))),
        Err(error) => pages::refused(&state, asked, &fields, error).await,
    }
}
