//! Alerts and states of a page.

use leptos::prelude::*;

use super::LONG;
use crate::components::{
    alert::Alert,
    button::{LinkButton, Variant},
    empty_state::EmptyState,
    icon::Glyph,
    panel::Panel,
    tone::Tone,
};

/// What the page says to its reader.
#[component]
pub fn Messages() -> impl IntoView {
    view! {
        <Panel title="Messages">
            <div class="stack">
                <Alert tone=Tone::Danger title="3 items failed: the receiver gave no answer">
                    <p>
                        "The cause is transient and the key is still honoured, so a retry is safe. "
                        <a href="#">"See the retry plan"</a>
                    </p>
                </Alert>
                <Alert tone=Tone::Warning title="18 items wait for approval of their retry" />
                <Alert tone=Tone::Success title="Cancelled">
                    <p>"34 finished, 18 skipped, 1 still in flight, 0 unknown."</p>
                </Alert>
                <Alert>
                    <p>"2 new runs since this page was made. " <a href="#">"Show them"</a></p>
                </Alert>
                <Alert tone=Tone::Neutral title="The text may be long">
                    <p>{LONG}</p>
                </Alert>
            </div>
        </Panel>
        <EmptyState
            title="No runs match these filters"
            text="There are 59 runs in this workspace. A filter hides them."
            glyph=Glyph::Runs
        >
            <LinkButton href="#">"Clear all filters"</LinkButton>
        </EmptyState>
        <EmptyState
            title="No definitions yet"
            text="A definition says when an automation fires, what must hold and what it does."
            glyph=Glyph::Definitions
        >
            <LinkButton href="#" variant=Variant::Primary>
                "Read how to apply one"
            </LinkButton>
        </EmptyState>
    }
    .into_any()
}
