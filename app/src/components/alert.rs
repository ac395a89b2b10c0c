//! Something the reader should know before going on.

use leptos::prelude::*;

use super::{
    icon::{Glyph, Icon},
    tone::Tone,
};

const fn glyph(tone: Tone) -> Glyph {
    match tone {
        Tone::Neutral | Tone::Info => Glyph::Info,
        Tone::Success => Glyph::Done,
        Tone::Warning => Glyph::Warning,
        Tone::Danger => Glyph::Cross,
        Tone::Replay => Glyph::Replay,
    }
}

/// A message in the page. Danger and warning interrupt a screen reader; the rest wait their turn.
#[component]
pub fn Alert(
    /// What kind of message.
    #[prop(default = Tone::Info)]
    tone: Tone,
    /// The message in a few words.
    #[prop(optional, into)]
    title: Option<String>,
    /// The rest of it.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let role = match tone {
        Tone::Danger | Tone::Warning => "alert",
        _ => "status",
    };
    view! {
        <div class="alert" role=role data-tone=tone.as_str()>
            <Icon glyph=glyph(tone) />
            {title.map(|title| view! { <p class="alert-title">{title}</p> })}
            {children.map(|children| view! { <div class="alert-body">{children()}</div> })}
        </div>
    }
    .into_any()
}
