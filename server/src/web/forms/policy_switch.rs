//! Switches a policy on or off.

use app::context::Place;
use axum::{
    Extension,
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use engine::services::ServiceError;
use http::request::Parts;

use crate::web::{errors::Refusal, fields::Fields, pages, state::AppState};

/// Leads to the page of the policy.
pub async fn post(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    Path((_, key)): Path<(String, String)>,
    asked: Parts,
    fields: Fields,
) -> Result<Response, Refusal> {
    match switch(&state, &place, &key, &fields).await {
        Ok(()) => Ok(Redirect::to(&place.policy(&key)).into_response()),
        Err(error) => pages::refused(&state, asked, &fields, error).await,
    }
}

/// On in the version that was sent; off without one.
async fn switch(
    state: &AppState,
    place: &Place,
    key: &str,
    fields: &Fields,
) -> Result<(), ServiceError> {
    let (services, caller) = (state.services(), place.caller());
    let (version, reason) = (fields.text("version"), fields.text("reason"));
    let switched = match version.as_str() {
        "" => services.switch_policy_off(caller, key, &reason).await,
        version => {
            let version = version.parse();
            let version = version.map_err(|error| ServiceError::invalid("version", error))?;
            services.switch_policy_on(caller, key, Some(version), &reason).await
        }
    };
    switched.map(drop)
}
