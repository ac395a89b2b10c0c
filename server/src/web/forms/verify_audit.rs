//! Checks the audit entries a page shows, and the log they stand in.

use app::form_state::FormState;
use axum::{extract::State, response::Response};
use http::{StatusCode, request::Parts, uri::PathAndQuery};

use crate::web::{fields::Fields, pages, state::AppState};

/// The same page, with what the check found. Nothing is changed; it is a POST because it reads the
/// whole log, which no link should do.
pub async fn post(State(state): State<AppState>, asked: Parts, _: Fields) -> Response {
    let path = asked.uri.path_and_query().map_or_else(String::new, PathAndQuery::to_string);
    let form = FormState::default().telling("verify", "now");
    pages::render_page(&state, asked, &path, StatusCode::OK, form).await
}
