//! For those who watch over the process: is it alive, can it serve.

use axum::extract::State;

use super::state::AppState;
use crate::watch::Readiness;

/// The process answers.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// Database, migrations and signer are as they must be.
pub async fn ready(State(state): State<AppState>) -> Readiness {
    state.watch().readiness().await
}

/// Differs after a restart, so that a page under development loads itself again.
pub async fn started(State(state): State<AppState>) -> String {
    state.watch().started().to_rfc3339()
}
