//! Starts the islands in the browser. Everything they do is in `app::islands`.

use app as _;

/// Called by the page once this module is loaded.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
