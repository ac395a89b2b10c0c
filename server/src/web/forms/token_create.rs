//! Makes a token, and shows it this once.

use app::{
    context::Place,
    form_state::FormState,
    pages::settings::tokens::{LIFETIMES, SECRET},
};
use axum::{Extension, extract::State, response::Response};
use chrono::TimeDelta;
use domain::permission::Permission;
use engine::services::{CreatedToken, NewToken, ServiceError};
use http::{StatusCode, request::Parts};

use crate::web::{errors::Refusal, fields::Fields, pages, state::AppState};

/// Answers with the tokens and, in the same answer and nowhere else, the secret.
pub async fn post(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    asked: Parts,
    fields: Fields,
) -> Result<Response, Refusal> {
    match create(&state, &place, &fields).await {
        Ok(CreatedToken { secret, .. }) => {
            let form = FormState::default().telling(SECRET, secret.expose());
            Ok(pages::render_page(&state, asked, &place.tokens(), StatusCode::OK, form).await)
        }
        Err(error) => pages::refused(&state, asked, &fields, error).await,
    }
}

async fn create(
    state: &AppState,
    place: &Place,
    fields: &Fields,
) -> Result<CreatedToken, ServiceError> {
    let days: i64 = fields.parse("days")?;
    if !LIFETIMES.contains(&days) {
        return Err(ServiceError::invalid("expires_at", "choose one of the lengths"));
    }
    let scopes = fields.all("scope").map(str::parse::<Permission>).collect::<Result<_, _>>();
    let new = NewToken {
        member: None,
        name: fields.text("name"),
        scopes: scopes.map_err(|error| ServiceError::invalid("scopes", error))?,
        expires_at: state.now() + TimeDelta::days(days),
    };
    state.services().create_token(place.caller(), new).await
}
