//! Adds a member, and shows their sign-in link this once.

use app::{
    context::Place,
    form_state::FormState,
    pages::settings::{DONE, ISSUED_LINK, LINK_EXPIRES},
};
use axum::{Extension, extract::State, response::Response};
use engine::services::{AddedMember, NewMember, ServiceError, SignInLink};
use http::{StatusCode, request::Parts};

use crate::web::{errors::Refusal, fields::Fields, pages, state::AppState};

/// Answers with the members and, in the same answer and nowhere else, the link.
pub async fn post(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    asked: Parts,
    fields: Fields,
) -> Result<Response, Refusal> {
    match add(&state, &place, &fields).await {
        Ok(AddedMember { member, link }) => {
            let words = match &link {
                Some(_) => format!("{} was added", member.name),
                None => format!("{} was added and signs in as before", member.name),
            };
            let form = FormState::default().telling(DONE, words);
            let form = link.iter().fold(form, |form, link| telling_link(form, &state, link));
            Ok(pages::render_page(&state, asked, &place.members(), StatusCode::OK, form).await)
        }
        Err(error) => pages::refused(&state, asked, &fields, error).await,
    }
}

async fn add(
    state: &AppState,
    place: &Place,
    fields: &Fields,
) -> Result<AddedMember, ServiceError> {
    let new = NewMember {
        email: fields.text("email"),
        name: fields.text("name"),
        role: fields.parse("role")?,
    };
    state.services().add_member(place.caller(), new).await
}

/// A page that shows a link, with the address people open.
pub(super) fn telling_link(form: FormState, state: &AppState, link: &SignInLink) -> FormState {
    let origin = state.config().origin.as_str();
    form.telling(ISSUED_LINK, format!("{origin}/accept-link?token={}", link.token.expose()))
        .telling(LINK_EXPIRES, app::format::absolute(link.expires_at))
}
