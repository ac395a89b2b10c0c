//! The switch between UTC and the reader's own zone, for every time on the page.

use leptos::prelude::*;
use web_sys::{Element, js_sys::Date, wasm_bindgen::JsCast};

/// Where the browser remembers the choice.
const KEY: &str = "assize.zone";

/// Which zone times are shown in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Zone {
    Utc,
    Local,
}

/// A switch in the bar. The server writes every time in UTC; this rewrites them in place.
#[island]
pub fn LocalTime() -> impl IntoView {
    let ready = RwSignal::new(false);
    let zone = RwSignal::new(Zone::Utc);
    Effect::new(move |_| {
        ready.set(true);
        zone.set(remembered());
    });
    Effect::new(move |before: Option<Zone>| {
        let now = zone.get();
        // The page comes in UTC.
        if now != before.unwrap_or(Zone::Utc) {
            show_times(now);
        }
        now
    });
    let switch = move |_| {
        let other = if zone.get() == Zone::Utc { Zone::Local } else { Zone::Utc };
        remember(other);
        zone.set(other);
    };
    view! {
        <button
            class="local-time"
            type="button"
            title="Switch between UTC and your own time zone"
            disabled=move || !ready.get()
            on:click=switch
        >
            {move || if zone.get() == Zone::Utc { "Times in UTC" } else { "Local times" }}
        </button>
    }
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

fn remembered() -> Zone {
    match storage().and_then(|storage| storage.get_item(KEY).ok().flatten()).as_deref() {
        Some("local") => Zone::Local,
        _ => Zone::Utc,
    }
}

/// A browser that refuses to remember still switches this page.
fn remember(zone: Zone) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(KEY, if zone == Zone::Local { "local" } else { "utc" });
    }
}

fn show_times(zone: Zone) {
    let Ok(times) = document().query_selector_all("time.timestamp") else {
        return;
    };
    for at in 0..times.length() {
        if let Some(time) = times.item(at).and_then(|node| node.dyn_into::<Element>().ok()) {
            show_time(&time, zone);
        }
    }
}

/// Rewrites the two parts of a `Timestamp`: its date and clock, and its zone.
fn show_time(time: &Element, zone: Zone) {
    let (Some(clock), Some(name)) = (time.first_element_child(), time.last_element_child()) else {
        return;
    };
    let Some(moment) = time.get_attribute("datetime") else {
        return;
    };
    let date = Date::new(&moment.into());
    if date.get_time().is_nan() {
        return;
    }
    // Minutes to add to local time to get UTC; west of Greenwich it is positive.
    let behind = if zone == Zone::Local { date.get_timezone_offset() } else { 0.0 };
    let shifted = Date::new(&(date.get_time() - behind * 60_000.0).into());
    let iso = String::from(shifted.to_iso_string());
    let length = clock.text_content().map_or(16, |text| text.len()).min(iso.len());
    clock.set_text_content(Some(&iso[..length].replace('T', " ")));
    name.set_text_content(Some(&offset(zone, behind)));
}

/// ` UTC`, or how far the reader's zone is ahead of it: ` +05:30`.
fn offset(zone: Zone, behind: f64) -> String {
    if zone == Zone::Utc {
        return " UTC".to_owned();
    }
    let ahead = -behind as i32;
    let sign = if ahead < 0 { '−' } else { '+' };
    format!(" {sign}{:02}:{:02}", ahead.abs() / 60, ahead.abs() % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_named_by_how_far_it_is_ahead() {
        assert_eq!(offset(Zone::Utc, 0.0), " UTC");
        assert_eq!(offset(Zone::Local, -120.0), " +02:00");
        assert_eq!(offset(Zone::Local, -330.0), " +05:30");
        assert_eq!(offset(Zone::Local, 210.0), " −03:30");
    }
}
