//! The first owner makes their account and the first workspace.

use axum::{extract::State, response::Response};
use engine::services::Claim;
use http::request::Parts;

use crate::web::{client, errors::Refusal, fields::Fields, pages, session, state::AppState};

/// Works once for the whole server.
pub async fn post(
    State(state): State<AppState>,
    asked: Parts,
    fields: Fields,
) -> Result<Response, Refusal> {
    let address = client::address(&asked, state.config().trusted_proxies);
    let claim = Claim {
        token: fields.text("token"),
        name: fields.text("name"),
        email: fields.text("email"),
        password: fields.raw("password").to_owned(),
        workspace_name: fields.text("workspace_name"),
        workspace_slug: fields.text("workspace_slug"),
    };
    match state.services().claim_setup(claim, address).await {
        Ok(claimed) => Ok(session::begin(&state, &claimed.signed_in, "/")),
        Err(error) => pages::refused(&state, asked, &fields, error).await,
    }
}
