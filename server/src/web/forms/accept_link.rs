//! Uses a sign-in link up.

use axum::{extract::State, response::Response};
use engine::services::ServiceError;
use http::request::Parts;

use crate::web::{client, errors::Refusal, fields::Fields, pages, session, state::AppState};

/// Sets the password, if one was typed, and signs in.
pub async fn post(
    State(state): State<AppState>,
    asked: Parts,
    fields: Fields,
) -> Result<Response, Refusal> {
    let address = client::address(&asked, state.config().trusted_proxies);
    let password = fields.raw("password");
    if password != fields.raw("repeated_password") {
        let error = ServiceError::invalid("repeated_password", "the two are not the same");
        return pages::refused(&state, asked, &fields, error).await;
    }
    let chosen = Some(password).filter(|password| !password.is_empty());
    match state.services().accept_link(&fields.text("token"), chosen, address).await {
        Ok(signed_in) => Ok(session::begin(&state, &signed_in, "/")),
        Err(error) => pages::refused(&state, asked, &fields, error).await,
    }
}
