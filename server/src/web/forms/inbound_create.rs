//! Makes an inbound endpoint, and shows its secret this once.

use std::{fmt::Display, str::FromStr};

use app::{
    context::Place,
    form_state::FormState,
    pages::webhooks::{SECRET, UNTIL},
};
use axum::{Extension, extract::State, response::Response};
use engine::services::{CreatedInbound, NewInbound, ServiceError};
use http::{StatusCode, request::Parts};

use crate::web::{errors::Refusal, fields::Fields, pages, state::AppState};

/// Answers with the endpoint and, in the same answer and nowhere else, the secret.
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
) -> Result<CreatedInbound, ServiceError> {
    let new = NewInbound {
        name: fields.text("name"),
        check: read(fields, "check")?,
        kind: read(fields, "kind")?,
        source: fields.text("source"),
        event_type: fields.text("type"),
        id_from: read(fields, "id_from")?,
        subject_from: maybe(fields, "subject_from")?,
        time_from: maybe(fields, "time_from")?,
    };
    state.services().create_inbound(place.caller(), new).await
}

fn read<T: FromStr<Err: Display>>(fields: &Fields, name: &str) -> Result<T, ServiceError> {
    fields.text(name).parse().map_err(|error| ServiceError::invalid(name, error))
}

/// What may be left empty.
fn maybe<T: FromStr<Err: Display>>(fields: &Fields, name: &str) -> Result<Option<T>, ServiceError> {
    if fields.text(name).is_empty() { Ok(None) } else { read(fields, name).map(Some) }
}

/// The page of an endpoint, telling the secret it was just given.
pub(super) async fn tell(
    state: &AppState,
    place: &Place,
    asked: Parts,
    made: &CreatedInbound,
) -> Response {
    let mut form = FormState::default().telling(SECRET, made.secret.expose());
    if let Some(until) = made.until {
        form = form.telling(UNTIL, until.format("%Y-%m-%d %H:%M UTC").to_string());
    }
    let path = place.inbound_endpoint(made.endpoint.id);
    pages::render_page(state, asked, &path, StatusCode::OK, form).await
}
