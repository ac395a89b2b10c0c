//! The document as a page for people.

use std::sync::{Arc, LazyLock};

use app::pages::reference::ReferencePage;
use axum::{extract::State, response::Response};
use http::request::Parts;
use leptos::prelude::*;
use serde_json::Value;

use super::document;
use crate::web::{pages, state::AppState};

/// Read back from what is served, so that the page shows nothing else.
static DOCUMENT: LazyLock<Arc<Value>> =
    LazyLock::new(|| Arc::new(serde_json::from_str(document::text()).unwrap_or_default()));

/// `GET /api/v1/docs`
pub async fn serve(State(state): State<AppState>, asked: Parts) -> Response {
    pages::show(&state, asked, || view! { <ReferencePage document=DOCUMENT.clone() /> }).await
}
