//! Says whether what stands beside it is live.

use leptos::prelude::*;
use web_sys::{
    Element,
    js_sys::Date,
    wasm_bindgen::{JsCast, JsValue},
};

use super::live::Standing;
use crate::components::icon::{Glyph, Icon};

/// The mark: empty before the stream was heard. Its words are announced politely when they change.
#[component]
pub fn LiveMark() -> impl IntoView {
    view! {
        <span class="live-mark" data-standing="opening">
            <span class="live-mark-dot" aria-hidden="true"></span>
            <Icon glyph=Glyph::Broken />
            <span class="live-mark-words" role="status"></span>
        </span>
    }
}

/// Says it on every mark of the page.
pub fn show(standing: Standing) {
    let (name, words) = match standing {
        Standing::Opening => ("opening", String::new()),
        Standing::Live => ("live", "Live".to_owned()),
        Standing::Lost(at) => {
            ("lost", format!("Not live, last update {}. Trying again.", clock(at)))
        }
        Standing::Ended(at) => {
            ("lost", format!("Not live any more, last update {}. Load the page again.", clock(at)))
        }
    };
    for mark in all(".live-mark") {
        let _ = mark.set_attribute("data-standing", name);
        if let Ok(Some(place)) = mark.query_selector(".live-mark-words") {
            place.set_text_content(Some(&words));
        }
    }
}

/// Every element of the page that a selector finds.
pub fn all(selector: &str) -> Vec<Element> {
    let Ok(found) = document().query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|at| found.item(at)?.dyn_into().ok()).collect()
}

/// The time of day of an instant in milliseconds: `16:40:12 UTC`.
fn clock(at: f64) -> String {
    let iso = String::from(Date::new(&JsValue::from_f64(at)).to_iso_string());
    format!("{} UTC", iso.get(11..19).unwrap_or_default())
}
