//! Text exactly as it was sent or written.

use leptos::prelude::*;

use crate::islands::copy::Copy;

/// The frame of a code block: its name, a button that copies all of it, and its content.
#[component]
pub(crate) fn CodeFrame(
    /// What the text is.
    label: String,
    /// The whole text, for the clipboard.
    text: String,
    /// The text as shown.
    children: Children,
) -> impl IntoView {
    view! {
        <figure class="code-block">
            <figcaption class="code-block-head">
                {label} <Copy text />
            </figcaption>
            <pre>
                <code>{children()}</code>
            </pre>
        </figure>
    }
    .into_any()
}

/// A text in a fixed-width face; long lines wrap.
#[component]
pub fn CodeBlock(
    /// What the text is: `Definition, version 3`.
    #[prop(into)]
    label: String,
    /// The text.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! {
        <CodeFrame label text=text.clone()>
            {text}
        </CodeFrame>
    }
    .into_any()
}
