//! Nothing is at this address.

use leptos::prelude::*;

use super::fault::FaultPage;
use crate::fault::Fault;

/// The page for every address without one.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    view! { <FaultPage fault=Fault::not_found("page") /> }.into_any()
}
