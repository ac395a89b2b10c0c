//! The only page title. Leptos 0.8 writes a title into the page unescaped, so that a run named
//! `</title><script>` would break out of it; this one escapes.

use leptos::prelude::*;
use leptos_meta::Title;

/// What stands in the browser's tab, followed by the product's name.
#[expect(clippy::needless_pass_by_value, reason = "a component owns its props")]
#[component]
pub fn SafeTitle(
    /// The page's name, whatever it contains.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    let text = html_escape::encode_text(&text).into_owned();
    view! { <Title text=format!("{text} · Assize") /> }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::testing::render_body;

    #[tokio::test]
    async fn a_title_that_closes_the_tag_stays_inside_of_it() {
        let hostile = "</title><script>alert('1')</script>\"&amp;";
        let html = render_body(move || view! { <SafeTitle text=hostile /> }).await;
        assert_eq!(html.to_lowercase().matches("</title").count(), 1, "{html}");
        assert!(!html.contains("<script>alert"), "{html}");
        assert!(html.contains("&lt;/title&gt;&lt;script&gt;"), "{html}");
        assert!(html.contains("&amp;amp; · Assize</title>"), "{html}");
    }
}
