//! What is wrong with a form, in one place, above it.

use leptos::prelude::*;

/// The errors of a form that was refused; each leads to its field.
#[component]
pub fn ErrorSummary(
    /// The id of a field and what is wrong with it; an empty id is about the form as a whole.
    errors: Vec<(String, String)>,
) -> impl IntoView {
    (!errors.is_empty()).then(|| {
        let items = errors.into_iter().map(|(field, message)| match field.is_empty() {
            true => view! { <li>{message}</li> }.into_any(),
            false => view! { <li><a href=format!("#{field}")>{message}</a></li> }.into_any(),
        });
        view! {
            <div class="error-summary" role="alert">
                <strong>"Nothing was changed"</strong>
                <ul>{items.collect_view()}</ul>
            </div>
        }
    })
}
