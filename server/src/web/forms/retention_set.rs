//! Says how long runs are kept, or takes back what was said.

use app::context::Place;
use axum::{
    Extension,
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use domain::retention::{Policy, Term, Terms};
use engine::services::{FieldError, NewRetention, ServiceError};
use http::request::Parts;

use crate::web::{errors::Refusal, fields::Fields, pages, state::AppState};

/// Leads back to the policies.
pub async fn post(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    asked: Parts,
    fields: Fields,
) -> Result<Response, Refusal> {
    match set(&state, &place, &fields).await {
        Ok(()) => Ok(Redirect::to(&place.retention()).into_response()),
        Err(error) => pages::refused(&state, asked, &fields, error).await,
    }
}

async fn set(state: &AppState, place: &Place, fields: &Fields) -> Result<(), ServiceError> {
    let definition = Some(fields.text("definition")).filter(|key| !key.is_empty());
    let policy = match fields.text("act").as_str() {
        "reset" => None,
        _ => Some(policy(fields)?),
    };
    let new = NewRetention { definition, policy };
    state.services().set_retention(place.caller(), new).await.map(drop)
}

fn policy(fields: &Fields) -> Result<Policy, ServiceError> {
    let mut errors = Vec::new();
    let mut number = |name: &str| match fields.text(name).as_str() {
        "" => None,
        text => text
            .parse()
            .map_err(|_| errors.push(FieldError::new(name, "give a whole number, or nothing")))
            .ok(),
    };
    let reported_stub_days = number("reported_stubs");
    let mut term = |days: &str, runs: &str| Term { days: number(days), runs: number(runs) };
    let executed = term("executed", "executed_runs");
    let executed_failed = term("executed_failed", "executed_failed_runs");
    let reported = term("reported", "reported_runs");
    let reported_failed = term("reported_failed", "reported_failed_runs");
    if !errors.is_empty() {
        return Err(ServiceError::Invalid(errors));
    }
    // What is left empty is kept as long as the others.
    let longer = |term: Term| (term != Term::default()).then_some(term);
    Ok(Policy {
        executed: Terms { detail: executed, failed: longer(executed_failed) },
        reported: Terms { detail: reported, failed: longer(reported_failed) },
        reported_stub_days,
    })
}
