//! A JSON value as a reader wants it: indented, coloured, escaped.

use leptos::prelude::*;
use serde_json::Value;

use super::code_block::CodeFrame;

/// What a piece of the text is; the name of its class.
type Kind = Option<&'static str>;

/// The pieces of a pretty-printed value, in order; together they are its text.
fn pieces(value: &Value, depth: usize, out: &mut Vec<(Kind, String)>) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            let entries = map.iter().map(|(key, value)| (Some(key), value));
            nested(entries, ('{', '}'), depth, out);
        }
        Value::Array(list) if !list.is_empty() => {
            nested(list.iter().map(|value| (None, value)), ('[', ']'), depth, out);
        }
        Value::Object(_) | Value::Array(_) => out.push((None, value.to_string())),
        Value::String(_) => out.push((Some("json-text"), value.to_string())),
        Value::Number(_) => out.push((Some("json-number"), value.to_string())),
        Value::Bool(_) | Value::Null => out.push((Some("json-word"), value.to_string())),
    }
}

fn nested<'a>(
    entries: impl Iterator<Item = (Option<&'a String>, &'a Value)>,
    (open, close): (char, char),
    depth: usize,
    out: &mut Vec<(Kind, String)>,
) {
    for (at, (key, value)) in entries.enumerate() {
        let before = if at == 0 { open } else { ',' };
        out.push((None, format!("{before}\n{}", "  ".repeat(depth + 1))));
        if let Some(key) = key {
            out.push((Some("json-key"), Value::from(key.as_str()).to_string()));
            out.push((None, ": ".to_owned()));
        }
        pieces(value, depth + 1, out);
    }
    out.push((None, format!("\n{}{close}", "  ".repeat(depth))));
}

/// A value and a button that copies it.
#[expect(clippy::needless_pass_by_value, reason = "a component owns its props")]
#[component]
pub fn JsonView(
    /// What the value is: `Parameters, as sent`.
    #[prop(into)]
    label: String,
    /// The value.
    value: Value,
) -> impl IntoView {
    let mut parts = Vec::new();
    pieces(&value, 0, &mut parts);
    let text: String = parts.iter().map(|(_, text)| text.as_str()).collect();
    let shown = parts.into_iter().map(|(kind, text)| match kind {
        Some(class) => view! { <span class=class>{text}</span> }.into_any(),
        None => text.into_any(),
    });
    view! {
        <CodeFrame label text>
            {shown.collect_view()}
        </CodeFrame>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::components::testing::render;

    #[test]
    fn the_text_is_what_serde_prints() {
        let value = json!({"a": [1, {"b": null}], "c": "x\n\"y\"", "d": {}, "e": [], "f": -1.5});
        let mut parts = Vec::new();
        pieces(&value, 0, &mut parts);
        let text: String = parts.into_iter().map(|(_, text)| text).collect();
        assert_eq!(text, serde_json::to_string_pretty(&value).unwrap());
    }

    #[test]
    fn keys_and_texts_are_escaped() {
        let value = json!({"<script>": "</code><script>alert(1)</script>"});
        let html = render(move || view! { <JsonView label="Parameters" value /> });
        assert!(!html.contains("<script"), "{html}");
    }
}
