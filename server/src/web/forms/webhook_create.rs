//! Adds a webhook, and shows its secret this once.

use app::{
    context::Place,
    form_state::FormState,
    pages::webhooks::{SECRET, UNTIL},
};
use axum::{Extension, extract::State, response::Response};
use domain::webhook::EventKind;
use engine::services::{CreatedWebhook, NewWebhook, ServiceError};
use http::{StatusCode, request::Parts};

use crate::web::{errors::Refusal, fields::Fields, pages, state::AppState};

/// Answers with the webhook and, in the same answer and nowhere else, the secret.
pub async fn post(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    asked: Parts,
    fields: Fields,
) -> Result<Response, Refusal> {
    match create(&state, &place, &fields).await {
        Ok(made) => Ok(tell(&state, &place, asked, &made).await),
        Err(error) => pages::refused(&state, asked, &fields, error).await,
    }
}

async fn create(
    state: &AppState,
    place: &Place,
    fields: &Fields,
) -> Result<CreatedWebhook, ServiceError> {
    state.services().create_webhook(place.caller(), wanted(state, fields)?).await
}

/// A webhook as a form describes it.
pub(super) fn wanted(state: &AppState, fields: &Fields) -> Result<NewWebhook, ServiceError> {
    let events = fields.all("event").map(str::parse::<EventKind>).collect::<Result<_, _>>();
    Ok(NewWebhook {
        name: fields.text("name"),
        url: fields.text("url"),
        events: events.map_err(|error| ServiceError::invalid("events", error))?,
        site: state.config().origin.to_string(),
    })
}

/// The page of a webhook, telling the secret it was just given.
pub(super) async fn tell(
    state: &AppState,
    place: &Place,
    asked: Parts,
    made: &CreatedWebhook,
) -> Response {
    let mut form = FormState::default().telling(SECRET, made.secret.expose());
    if let Some(until) = made.until {
        form = form.telling(UNTIL, until.format("%Y-%m-%d %H:%M UTC").to_string());
    }
    let path = place.webhook(made.webhook.id);
    pages::render_page(state, asked, &path, StatusCode::OK, form).await
}
