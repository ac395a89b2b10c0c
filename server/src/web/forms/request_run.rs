//! Asks for a run of a definition that members may ask for.

use app::{context::Place, fault::Fault};
use axum::{
    Extension,
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::{automation::Subjects, record::RecordRef};
use engine::services::{Received, RunRequest, ServiceError};
use http::request::Parts;
use serde_json::{Map, Value};

use crate::web::{errors::Refusal, fields::Fields, pages, state::AppState};

/// Leads to the run. The same form sent twice leads to the same run.
pub async fn post(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    Path((_, key)): Path<(String, String)>,
    asked: Parts,
    fields: Fields,
) -> Result<Response, Refusal> {
    match request(&state, &place, &key, &fields).await {
        Ok(Received { runs, .. }) => {
            let next = runs.first().map(|run| place.run(*run));
            let next = next.unwrap_or_else(|| place.definition(&key));
            Ok(Redirect::to(&next).into_response())
        }
        Err(error @ (ServiceError::Invalid(_) | ServiceError::Conflict { .. })) => {
            let form = fields.refused_by(&error);
            let status = Fault::from(error).status;
            Ok(pages::render_page(&state, asked, &place.definition(&key), status, form).await)
        }
        Err(error) => Err(error.into()),
    }
}

async fn request(
    state: &AppState,
    place: &Place,
    key: &str,
    fields: &Fields,
) -> Result<Received, ServiceError> {
    let services = state.services();
    let definition = services.automation_by_key(place.caller(), key).await?.definition;
    let subject = match (&definition.subjects, fields.text("subject")) {
        (Subjects::Event { kind }, key) if !key.is_empty() => {
            Some(RecordRef { kind: kind.clone(), key })
        }
        _ => None,
    };
    let request = RunRequest {
        subject,
        external_id: Some(fields.text("request")).filter(|id| !id.is_empty()),
        parameters: parameters(&fields.text("parameters"))?,
    };
    services.request_run(place.caller(), key, request).await
}

fn parameters(text: &str) -> Result<Map<String, Value>, ServiceError> {
    if text.is_empty() {
        return Ok(Map::new());
    }
    serde_json::from_str(text).map_err(|error| {
        let message = format!("this is not a JSON object such as {{\"year\": 2026}}: {error}");
        ServiceError::invalid("parameters", message)
    })
}
