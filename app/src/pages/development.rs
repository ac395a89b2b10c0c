//! What only a development server shows.

use leptos::{nonce::use_nonce, prelude::*};

use super::{not_found::NotFoundPage, style_page::StylePage};
use crate::context;

/// The style page; elsewhere there is nothing at its address.
#[component]
pub fn DevelopmentStylePage() -> impl IntoView {
    match context::request().development {
        true => view! { <StylePage /> }.into_any(),
        false => view! { <NotFoundPage /> }.into_any(),
    }
}

/// Loads the page again when the server was restarted.
#[component]
pub fn ReloadHook() -> impl IntoView {
    context::request().development.then(|| {
        view! { <script nonce=use_nonce()>{include_str!("development/reload.js")}</script> }
    })
}
