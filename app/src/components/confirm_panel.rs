//! The step before a change: a form that says what will happen and asks for it.

use leptos::prelude::*;

use super::{
    button::{Button, LinkButton, Variant},
    tone::Tone,
};

/// A form that posts to `action` once the member has read what it will do.
#[component]
pub fn ConfirmPanel(
    /// What is about to happen: `Retry 18 items?`.
    #[prop(into)]
    title: String,
    /// Where the form posts to.
    #[prop(into)]
    action: String,
    /// The words on the button, naming the act and its extent: `Retry 18 items`.
    #[prop(into)]
    confirm: String,
    /// Where the member goes who decides against it.
    #[prop(into)]
    cancel_href: String,
    /// `Danger` where something ends.
    #[prop(default = Tone::Info)]
    tone: Tone,
    /// What will happen, and fields to fill.
    children: Children,
) -> impl IntoView {
    let variant = if tone == Tone::Danger { Variant::Danger } else { Variant::Primary };
    view! {
        <form class="confirm-panel" method="post" action=action data-tone=tone.as_str()>
            <h2>{title}</h2>
            <div class="confirm-panel-body">{children()}</div>
            <div class="form-actions">
                <Button variant>{confirm}</Button>
                <LinkButton href=cancel_href variant=Variant::Quiet>
                    "Go back"
                </LinkButton>
            </div>
        </form>
    }
    .into_any()
}
