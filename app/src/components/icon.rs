//! The icon set: one sprite a page, and a component that points into it.

use leptos::prelude::*;

macro_rules! glyphs {
    ($($(#[$meta:meta])* $name:ident = $id:literal, $paths:literal;)+) => {
        /// A drawing of the sprite, on a 16 px grid. The first group are the shapes of status: each
        /// is told from the others without colour.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Glyph { $($(#[$meta])* $name),+ }

        impl Glyph {
            /// Every glyph, in the order of the sprite.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The fragment that names its symbol, `#` included.
            pub const fn href(self) -> &'static str {
                match self { $(Self::$name => concat!("#i-", $id)),+ }
            }
        }

        const SYMBOLS: &str = concat!(
            $("<symbol id=\"i-", $id, "\" viewBox=\"0 0 16 16\">", $paths, "</symbol>"),+
        );
    };
}

glyphs! {
    /// Not begun: an empty ring.
    Ring = "ring", r#"<circle cx="8" cy="8" r="5.75"/>"#;
    /// Waiting for its turn: a dotted ring.
    Dotted = "dotted", r#"<circle cx="8" cy="8" r="5.75" stroke-dasharray="1.6 2"/>"#;
    /// Taken by a worker: a ring with a core.
    Core = "core", r#"<circle cx="8" cy="8" r="5.75"/><circle cx="8" cy="8" r="2" fill="currentColor" stroke="none"/>"#;
    /// Under way: a ring half full.
    Half = "half", r#"<circle cx="8" cy="8" r="5.75"/><path d="M8 2.25a5.75 5.75 0 0 1 0 11.5z" fill="currentColor" stroke="none"/>"#;
    /// Prices: a coin with a stroke through it.
    Coin = "coin", r#"<circle cx="8" cy="8" r="6.25"/><path d="M10.2 5.9C9.7 5 6 4.9 6 6.7c0 2.1 4.2.7 4.2 2.8 0 1.9-4 1.7-4.4.6M8 3.8v8.4"/>"#;
    /// Done: a full disc with a tick.
    Done = "done", r#"<circle cx="8" cy="8" r="6.5" fill="currentColor" stroke="none"/><path d="m5.2 8.3 2 2 3.8-4.3" stroke="var(--surface)" stroke-width="1.6"/>"#;
    /// Done in part: a disc with its lower half cut away and a cross in its place.
    Partial = "partial", r#"<path d="M8 1.5a6.5 6.5 0 0 0-2.6 12.46M8 1.5a6.5 6.5 0 0 1 6.46 5.8"/><path d="M8 1.5a6.5 6.5 0 0 0-2.6 12.46L8 8l6.46-.7A6.5 6.5 0 0 0 8 1.5z" fill="currentColor" stroke="none"/><path d="m9.5 10.5 4 4m0-4-4 4" stroke-width="1.8"/>"#;
    /// Failed: a heavy cross.
    Cross = "cross", r#"<path d="m3.5 3.5 9 9m0-9-9 9" stroke-width="2.4"/>"#;
    /// Left out: a dash.
    Dash = "dash", r#"<path d="M3 8h10" stroke-width="2.4"/>"#;
    /// Waits for a person: an hourglass.
    Hourglass = "hourglass", r#"<path d="M4 1.75h8M4 14.25h8M5 1.75v2.5c0 1.6 3 2.4 3 3.75 0-1.35 3-2.15 3-3.75v-2.5M5 14.25v-2.5C5 10.15 8 9.35 8 8c0 1.35 3 2.15 3 3.75v2.5"/><path d="M5.6 13.6c0-1.3 2.4-1.9 2.4-2.4 0 .5 2.4 1.1 2.4 2.4z" fill="currentColor" stroke="none"/>"#;
    /// The original came back: two arrows in a circle.
    Replay = "replay", r#"<path d="M13.5 7A5.6 5.6 0 0 0 3.4 4.8M2.5 9a5.6 5.6 0 0 0 10.1 2.2"/><path d="M3 1.9v3.2h3.2M13 14.1v-3.2H9.8"/>"#;
    /// Stopped by a person: a ring with a bar across.
    Barred = "barred", r#"<circle cx="8" cy="8" r="5.75"/><path d="m4 12 8-8"/>"#;
    /// Nobody knows: a ring with a question mark.
    Unknown = "unknown", r#"<circle cx="8" cy="8" r="6.25"/><path d="M6.2 6.3c.1-2.4 3.7-2.3 3.7-.1C9.9 7.6 8 7.6 8 9.1M8 11.4v.1"/>"#;
    /// Cut off: a broken line.
    Broken = "broken", r#"<path d="M9.2 1.75 5 8.4h5.4L6.8 14.25"/>"#;
    /// Stopped by a kill switch: an octagon with a bar across.
    Stop = "stop", r#"<path d="M5.4 1.75h5.2l3.65 3.65v5.2l-3.65 3.65H5.4L1.75 10.6V5.4z" fill="currentColor" stroke="none"/><path d="M4.75 8h6.5" stroke="var(--surface)" stroke-width="2"/>"#;

    /// Information.
    Info = "info", r#"<circle cx="8" cy="8" r="6.25"/><path d="M8 7.3v3.6M8 5v.1"/>"#;
    /// Something to be careful about.
    Warning = "warning", r#"<path d="M8 2 1.6 13.5h12.8z"/><path d="M8 6.5v3.2M8 11.6v.1"/>"#;
    /// Confirmed.
    Check = "check", r#"<path d="m3 8.5 3.3 3.3L13 4.5"/>"#;
    /// Take away.
    Close = "close", r#"<path d="m4 4 8 8m0-8-8 8"/>"#;
    /// To the clipboard.
    Copy = "copy", r#"<rect x="5.5" y="5.5" width="8" height="8" rx="1.25"/><path d="M10.5 3.5v-.25c0-.4-.35-.75-.75-.75h-6.5a.75.75 0 0 0-.75.75v6.5c0 .4.35.75.75.75h.25"/>"#;
    /// Find.
    Search = "search", r#"<circle cx="7" cy="7" r="4.25"/><path d="m10.25 10.25 3.5 3.5"/>"#;
    /// Menu.
    Menu = "menu", r#"<path d="M2.5 4.5h11M2.5 8h11M2.5 11.5h11"/>"#;
    /// Opens below.
    Down = "down", r#"<path d="m4.5 6.5 3.5 3.5 3.5-3.5"/>"#;
    /// Backward.
    Left = "left", r#"<path d="M9.75 4.5 6.25 8l3.5 3.5"/>"#;
    /// Forward.
    Right = "right", r#"<path d="M6.25 4.5 9.75 8l-3.5 3.5"/>"#;
    /// Sorted ascending.
    Ascending = "ascending", r#"<path d="M8 13V3.5M4.25 7 8 3.25 11.75 7"/>"#;
    /// Sorted descending.
    Descending = "descending", r#"<path d="M8 3v9.5M4.25 9 8 12.75 11.75 9"/>"#;
    /// Can be sorted.
    Sortable = "sortable", r#"<path d="M5 6.5 8 3.5l3 3M5 9.5l3 3 3-3"/>"#;
    /// Save to disk.
    Download = "download", r#"<path d="M8 2.5v7.25M4.75 6.75 8 10l3.25-3.25M2.75 13.25h10.5"/>"#;
    /// Not allowed, or kept safe.
    Shield = "shield", r#"<path d="M8 1.75 13.25 4v4c0 3-2.2 5.2-5.25 6.25C4.95 13.2 2.75 11 2.75 8V4Z"/>"#;
    Lock = "lock", r#"<rect x="3.25" y="7" width="9.5" height="6.75" rx="1.25"/><path d="M5.25 7V5a2.75 2.75 0 0 1 5.5 0v2"/>"#;

    /// Section: overview.
    Overview = "overview", r#"<path d="M2 13.25a6 6 0 1 1 12 0"/><path d="m8 11.5 2.5-4M2 13.25h2M12 13.25h2"/><circle cx="8" cy="12" r="1.25" fill="currentColor" stroke="none"/>"#;
    /// Section: runs.
    Runs = "runs", r#"<path d="M6.5 3.75h7M6.5 8h7M6.5 12.25h7M2 2.25l2.25 1.5L2 5.25z"/><path d="M2.25 8h1.5M2.25 12.25h1.5"/>"#;
    /// Section: approvals.
    Approvals = "approvals", r#"<path d="M13.5 8v3.75c0 .97-.78 1.75-1.75 1.75h-7.5c-.97 0-1.75-.78-1.75-1.75v-7.5c0-.97.78-1.75 1.75-1.75H10"/><path d="M5.5 7.5 8 10l6-6.5"/>"#;
    /// Section: health.
    Health = "health", r#"<path d="M1.75 8.5h3L6.5 4l3 8.25L11.25 8.5h3"/>"#;
    /// Section: incidents.
    Incidents = "incidents", r#"<path d="M5.5 1.75h5l3.75 3.75v5l-3.75 3.75h-5L1.75 10.5v-5z"/><path d="M8 4.75v4M8 11v.1"/>"#;
    /// Section: definitions.
    Definitions = "definitions", r#"<path d="M9.25 1.75h-5c-.7 0-1.25.55-1.25 1.25v10c0 .7.55 1.25 1.25 1.25h7.5c.7 0 1.25-.55 1.25-1.25V5.5z"/><path d="M9.25 1.75V5.5H13M5.75 8.5h4.5M5.75 11h2.75"/>"#;
    /// Section: events.
    Events = "events", r#"<circle cx="8" cy="8" r="1.75"/><path d="M4.75 4.75a4.6 4.6 0 0 0 0 6.5M11.25 4.75a4.6 4.6 0 0 1 0 6.5M2.7 2.7a7.5 7.5 0 0 0 0 10.6M13.3 2.7a7.5 7.5 0 0 1 0 10.6"/>"#;
    /// Section: brief.
    Brief = "brief", r#"<path d="M4.75 5.5V1.75h6.5V5.5M4.75 11.25H3.5c-.7 0-1.25-.55-1.25-1.25V6.75c0-.7.55-1.25 1.25-1.25h9c.7 0 1.25.55 1.25 1.25V10c0 .7-.55 1.25-1.25 1.25h-1.25"/><path d="M4.75 9h6.5v5.25h-6.5z"/>"#;
    /// Section: registers.
    Registers = "registers", r#"<rect x="2" y="2.75" width="12" height="10.5" rx="1.25"/><path d="M2 6.25h12M6 6.25v7"/>"#;
    /// Section: audit log.
    AuditLog = "audit-log", r#"<path d="M8 1.75 2.75 3.5v4.25c0 3 2.1 5.3 5.25 6.5 3.15-1.2 5.25-3.5 5.25-6.5V3.5z"/><path d="m5.75 7.75 1.6 1.6 2.9-3.1"/>"#;
    /// Section: members.
    Members = "members", r#"<circle cx="6" cy="5" r="2.5"/><path d="M1.75 13.25c.2-2.6 2-4 4.25-4s4.05 1.4 4.25 4M10.75 2.75a2.5 2.5 0 0 1 0 4.5M12 9.6c1.3.6 2.1 1.8 2.25 3.65"/>"#;
    /// Section: tokens.
    Tokens = "tokens", r#"<circle cx="5" cy="11" r="3.25"/><path d="M7.4 8.6 13.5 2.5M11 5l2.25 2.25M9 7l1.5 1.5"/>"#;
    /// Section: webhooks.
    Webhooks = "webhooks", r#"<circle cx="8" cy="4" r="2.25"/><circle cx="3.75" cy="11.75" r="2.25"/><circle cx="12.25" cy="11.75" r="2.25"/><path d="M7 6 4.9 9.8M9 6l2.1 3.8M6 11.75h4"/>"#;
    /// Section: destinations.
    Destinations = "destinations", r#"<path d="M9.25 2.5h4.25v4.25M13.5 2.5 7.75 8.25M12 9.25v3c0 .7-.55 1.25-1.25 1.25h-7c-.7 0-1.25-.55-1.25-1.25v-7C2.5 4.55 3.05 4 3.75 4h3"/>"#;
}

/// Every symbol, once a page, before anything points at it.
#[component]
pub fn IconSprite() -> impl IntoView {
    view! { <svg class="icon-sprite" aria-hidden="true" inner_html=SYMBOLS></svg> }
}

/// One icon. It is decoration: the words beside it say what it means.
#[component]
pub fn Icon(
    /// Which drawing.
    glyph: Glyph,
) -> impl IntoView {
    view! {
        <svg class="icon" aria-hidden="true">
            <use href=glyph.href()></use>
        </svg>
    }
}

/// The mark of the product: an A whose bar is a balance beam.
#[component]
pub fn Mark() -> impl IntoView {
    view! {
        <svg class="icon" aria-hidden="true" viewBox="0 0 16 16">
            <path d="M3 14 8 2l5 12" stroke-width="1.8"></path>
            <path d="M1.5 9.6h13" stroke-width="1.4"></path>
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_glyph_has_a_symbol_of_its_own() {
        let names: HashSet<_> = Glyph::ALL.iter().map(|glyph| glyph.href()).collect();
        assert_eq!(names.len(), Glyph::ALL.len());
        for name in names {
            let id = format!("id=\"{}\"", &name[1..]);
            assert_eq!(SYMBOLS.matches(&id).count(), 1, "{id}");
        }
    }
}
