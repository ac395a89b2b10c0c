//! A button that puts a text on the clipboard.

use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen_futures::JsFuture;

/// How long the button says that it has copied.
const SAID: Duration = Duration::from_secs(2);

/// Copies `text`. It appears once it can work (the clipboard needs a secure page), and says so when
/// it has.
#[island]
pub fn Copy(
    /// What is copied.
    text: String,
) -> impl IntoView {
    let ready = RwSignal::new(false);
    let copied = RwSignal::new(false);
    Effect::new(move |_| ready.set(window().is_secure_context()));

    let copy = move |_| {
        let written = JsFuture::from(window().navigator().clipboard().write_text(&text));
        spawn_local(async move {
            if written.await.is_ok() {
                copied.set(true);
                set_timeout(move || copied.set(false), SAID);
            }
        });
    };
    view! {
        <button
            class="copy"
            type="button"
            aria-label="Copy"
            title="Copy"
            disabled=move || !ready.get()
            data-copied=move || copied.get().then_some("")
            on:click=copy
        >
            <svg class="icon" aria-hidden="true">
                <use href=move || if copied.get() { "#i-check" } else { "#i-copy" }></use>
            </svg>
        </button>
        <span class="visually-hidden" role="status">
            {move || if copied.get() { "Copied" } else { "" }}
        </span>
    }
}
