//! Erases the payloads of all entries about a run.

use app::context::Place;
use axum::{
    Extension,
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::filter::query;
use http::request::Parts;

use super::part;
use crate::web::{errors::Refusal, fields::Fields, pages, state::AppState};

/// Leads to what the log says about the run.
pub async fn post(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    Path((_, run)): Path<(String, String)>,
    asked: Parts,
    fields: Fields,
) -> Result<Response, Refusal> {
    let run = part("run", &run)?;
    match state.services().erase_payloads(place.caller(), run, &fields.text("reason")).await {
        Ok(_) => {
            let log = place.audit_log(&query([("run", run.to_string().as_str())]));
            Ok(Redirect::to(&log).into_response())
        }
        Err(error) => pages::refused(&state, asked, &fields, error).await,
    }
}
