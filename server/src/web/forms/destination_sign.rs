//! Has requests to a destination signed, and shows the secret this once.

use app::{
    context::Place,
    fault::Fault,
    form_state::FormState,
    pages::webhooks::{SECRET, UNTIL},
};
use axum::{Extension, extract::State, response::Response};
use domain::filter::query;
use engine::services::ServiceError;
use http::{StatusCode, request::Parts};

use crate::web::{errors::Refusal, fields::Fields, pages, state::AppState};

/// Answers with the page about it and, in the same answer and nowhere else, the secret.
pub async fn post(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    asked: Parts,
    fields: Fields,
) -> Result<Response, Refusal> {
    let address = fields.text("address");
    let (status, form) = match state.services().sign_destination(place.caller(), &address).await {
        Ok(made) => {
            let mut form = FormState::default().telling(SECRET, made.secret.expose());
            if let Some(until) = made.until {
                form = form.telling(UNTIL, until.format("%Y-%m-%d %H:%M UTC").to_string());
            }
            (StatusCode::OK, form)
        }
        Err(error @ ServiceError::Conflict { .. }) => {
            let form = fields.refused_by(&error);
            (Fault::from(error).status, form)
        }
        Err(error) => return Err(error.into()),
    };
    let path = format!("{}/sign?{}", place.destinations(), query([("address", &*address)]));
    Ok(pages::render_page(&state, asked, &path, status, form).await)
}
