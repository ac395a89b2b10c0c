//! Issues a sign-in link for a member who cannot come in, and shows it this once.

use app::{context::Place, form_state::FormState};
use axum::{
    Extension,
    extract::{Path, State},
    response::Response,
};
use http::{StatusCode, request::Parts};

use super::{member_add::telling_link, part};
use crate::web::{errors::Refusal, fields::Fields, pages, state::AppState};

/// Answers with the link, in this answer and nowhere else.
pub async fn post(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    Path((_, member)): Path<(String, String)>,
    asked: Parts,
    fields: Fields,
) -> Result<Response, Refusal> {
    let id = part("member", &member)?;
    match state.services().issue_link(place.caller(), id).await {
        Ok(link) => {
            let form = telling_link(FormState::default(), &state, &link);
            let path = asked.uri.path().to_owned();
            Ok(pages::render_page(&state, asked, &path, StatusCode::OK, form).await)
        }
        Err(error) => pages::refused(&state, asked, &fields, error).await,
    }
}
