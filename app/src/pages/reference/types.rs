//! The types of the document: named ones with their fields, others in a few words.

use leptos::prelude::*;
use serde_json::Value;

use super::{list, prose, text};

/// What a reference to a named type begins with.
const NAMED: &str = "#/components/schemas/";

/// Every named type.
pub fn all(document: &Value) -> AnyView {
    let mut named: Vec<_> =
        document["components"]["schemas"].as_object().into_iter().flatten().collect();
    named.sort_by_key(|(name, _)| name.as_str());
    named.into_iter().map(|(name, schema)| one(name, schema)).collect_view().into_any()
}

fn one(name: &str, schema: &Value) -> AnyView {
    let id = format!("type-{name}");
    let about = schema["description"].as_str().map(|about| view! { <p>{prose(about)}</p> });
    let required: Vec<&str> = list(&schema["required"]).map(text).collect();
    let row = |(field, kind): (&String, &Value)| {
        let optional = (!required.contains(&field.as_str())).then_some(" (optional)");
        view! {
            <div class="reference-row">
                <dt>
                    <code>{field.clone()}</code>
                    <span class="quiet">{optional}</span>
                </dt>
                <dd>{written(kind)} " " {prose(text(&kind["description"]))}</dd>
            </div>
        }
    };
    let fields: Vec<_> = schema["properties"].as_object().into_iter().flatten().map(row).collect();
    let content = match fields.is_empty() {
        true => view! { <p>{written(schema)}</p> }.into_any(),
        false => view! { <dl class="reference-rows">{fields}</dl> }.into_any(),
    };
    view! {
        <article class="reference-operation" id=id>
            <h3>{name.to_owned()}</h3>
            {about}
            {content}
        </article>
    }
    .into_any()
}

/// A type in a line: a link to a named one, or a few words.
pub fn written(schema: &Value) -> AnyView {
    if let Some(name) = schema["$ref"].as_str().and_then(|name| name.strip_prefix(NAMED)) {
        let name = name.to_owned();
        return view! { <a href=format!("#type-{name}")>{name.clone()}</a> }.into_any();
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let choices = choices.iter().enumerate().map(|(n, choice)| {
            let or = (n > 0).then_some(" or ");
            view! {
                {or}
                {written(choice)}
            }
        });
        return choices.collect_view().into_any();
    }
    if schema["items"].is_object() {
        return view! { "list of " {written(&schema["items"])} }.into_any();
    }
    if let Some(data) = schema["properties"].get("data") {
        return view! { "a page: " <code>"data"</code> " is " {written(data)} }.into_any();
    }
    let words: Vec<&str> = list(&schema["enum"]).map(text).collect();
    if !words.is_empty() {
        let words = words.join(" ");
        return view! {
            "one of "
            <code>{words}</code>
        }
        .into_any();
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().map(text).collect(),
        kind => vec![text(kind)],
    };
    let format = schema["format"].as_str().map(|format| format!(" ({format})"));
    let words = format!("{}{}", kinds.join(" or "), format.unwrap_or_default());
    let words = if words.is_empty() { "anything".to_owned() } else { words };
    view! { <span class="quiet">{words}</span> }.into_any()
}
