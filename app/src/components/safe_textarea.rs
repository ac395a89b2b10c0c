//! The only textarea. Leptos 0.8 writes a textarea's text into the page unescaped, so that a value
//! containing `</textarea>` would break out of it; this one escapes.

use leptos::prelude::*;

/// What goes between the tags: escaped, after the newline that HTML drops.
fn content(text: &str) -> String {
    format!("\n{}", html_escape::encode_text(text))
}

/// A text of several lines.
#[expect(clippy::needless_pass_by_value, reason = "a component owns its props")]
#[component]
pub fn SafeTextarea(
    /// Its id, for the label.
    #[prop(into)]
    id: String,
    /// Its name in the form.
    #[prop(into)]
    name: String,
    /// Its text, whatever it contains.
    #[prop(optional, into)]
    value: String,
    /// Height in lines.
    #[prop(default = 3)]
    rows: u32,
    /// The most characters the browser takes.
    #[prop(optional, into)]
    maxlength: Option<u32>,
    /// It must not be empty.
    #[prop(optional)]
    required: bool,
    /// The ids of its hint and its error.
    #[prop(optional_no_strip)]
    described_by: Option<String>,
    /// Its present text was refused.
    #[prop(optional)]
    invalid: bool,
) -> impl IntoView {
    view! {
        <textarea
            id=id
            name=name
            rows=rows.to_string()
            maxlength=maxlength.map(|n| n.to_string())
            required=required
            aria-describedby=described_by
            aria-invalid=invalid.then_some("true")
            inner_html=content(&value)
        ></textarea>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::testing::render;

    #[test]
    fn a_text_that_closes_the_tag_stays_inside_of_it() {
        for hostile in
            ["</textarea><script>alert(1)</script>", "</TEXTAREA\n><img src=x onerror=y>"]
        {
            let html =
                render(|| view! { <SafeTextarea id="r" name="reason" value=hostile.to_owned() /> });
            assert_eq!(html.to_lowercase().matches("</textarea").count(), 1, "{html}");
            assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
        }
    }

    #[test]
    fn attributes_cannot_be_left_through_a_quote() {
        let html = render(
            || view! { <SafeTextarea id="\"><script>" name="' onfocus='x" described_by=Some("\" x=\"".to_owned()) /> },
        );
        assert!(!html.contains("<script"), "{html}");
        assert!(html.contains("&quot;"), "{html}");
    }

    #[test]
    fn a_leading_newline_and_an_entity_come_back_as_typed() {
        assert_eq!(content("\nfirst"), "\n\nfirst");
        assert_eq!(content("&lt; \"quoted\""), "\n&amp;lt; \"quoted\"");
    }
}
