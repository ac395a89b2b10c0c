//! For those who watch over the process: is it alive, can it serve.

use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use engine::store::StoreError;
use http::StatusCode;

use super::state::AppState;

/// The process answers.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// The database answers and has every migration of this binary.
pub async fn ready(State(state): State<AppState>) -> Response {
    match check(&state).await {
        Ok(true) => "ready\n".into_response(),
        Ok(false) => (StatusCode::SERVICE_UNAVAILABLE, "migrations are missing\n").into_response(),
        Err(error) => {
            tracing::error!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response()
        }
    }
}

/// Differs after a restart, so that a page under development loads itself again.
pub async fn started(State(state): State<AppState>) -> String {
    state.started().to_rfc3339()
}

async fn check(state: &AppState) -> Result<bool, StoreError> {
    let store = state.services().store();
    if state.is_migrated() {
        store.version().await?;
        return Ok(true);
    }
    let complete = store.migrations().await?.iter().all(|migration| migration.applied);
    if complete {
        state.set_migrated();
    }
    Ok(complete)
}
