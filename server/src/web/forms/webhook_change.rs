//! Changes name, address and events of a webhook.

use app::context::Place;
use axum::{
    Extension,
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::id::WebhookId;
use engine::services::ServiceError;
use http::request::Parts;

use super::{part, webhook_create::wanted};
use crate::web::{errors::Refusal, fields::Fields, pages, state::AppState};

/// Leads back to the webhook.
pub async fn post(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    Path((_, webhook)): Path<(String, String)>,
    asked: Parts,
    fields: Fields,
) -> Result<Response, Refusal> {
    let id = part("webhook", &webhook)?;
    match change(&state, &place, id, &fields).await {
        Ok(()) => Ok(Redirect::to(&place.webhook(id)).into_response()),
        Err(error) => pages::refused(&state, asked, &fields, error).await,
    }
}

async fn change(
    state: &AppState,
    place: &Place,
    id: WebhookId,
    fields: &Fields,
) -> Result<(), ServiceError> {
    let wanted = wanted(state, fields)?;
    state.services().change_webhook(place.caller(), id, wanted).await.map(drop)
}
