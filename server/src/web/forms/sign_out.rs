//! Sign out.

use axum::{extract::State, response::Response};
use http::HeaderMap;

use crate::web::{errors::Refusal, session, state::AppState};

/// Ends the session here and in the browser.
pub async fn post(State(state): State<AppState>, headers: HeaderMap) -> Result<Response, Refusal> {
    if let Some(secret) = session::secret(&state, &headers) {
        state.services().sign_out(&secret).await?;
    }
    Ok(session::end(&state, "/sign-in"))
}
