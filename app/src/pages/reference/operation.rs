//! One operation: its address, who may do it, what it takes and what it answers with.

use leptos::prelude::*;
use serde_json::Value;

use super::{list, prose, text, types};
use crate::components::tag::Tag;

pub fn show(method: &'static str, path: &str, operation: &Value) -> AnyView {
    let id = text(&operation["operationId"]).to_owned();
    let summary = text(&operation["summary"]).to_owned();
    let about = operation["description"].as_str().map(|about| view! { <p>{prose(about)}</p> });
    let permission = operation["x-permission"].as_str().map(|permission| {
        view! {
            <p class="quiet">
                "Needs " <code>{permission.to_owned()}</code>
            </p>
        }
    });
    view! {
        <article class="reference-operation" id=id>
            <h3>{summary}</h3>
            <p class="reference-address">
                <Tag>{method.to_uppercase()}</Tag>
                " "
                <code>{path.to_owned()}</code>
            </p>
            {about}
            {permission}
            {parameters(operation)}
            {bodies(operation)}
            {answers(operation)}
        </article>
    }
    .into_any()
}

fn parameters(operation: &Value) -> AnyView {
    let row = |parameter: &Value| {
        let name = text(&parameter["name"]).to_owned();
        let place = text(&parameter["in"]).to_owned();
        let needed = if parameter["required"] == true { ", required" } else { "" };
        let about = prose(text(&parameter["description"]));
        let kind = types::written(&parameter["schema"]);
        view! {
            <div class="reference-row">
                <dt>
                    <code>{name}</code>
                    <span class="quiet">" in " {place} {needed}</span>
                </dt>
                <dd>{kind} " " {about}</dd>
            </div>
        }
    };
    let rows: Vec<_> = list(&operation["parameters"]).map(row).collect();
    let shown = (!rows.is_empty()).then(|| view! { <dl class="reference-rows">{rows}</dl> });
    shown.into_any()
}

fn bodies(operation: &Value) -> AnyView {
    let contents = operation["requestBody"]["content"].as_object().into_iter().flatten();
    let row = |(media_type, content): (&String, &Value)| {
        view! {
            <div class="reference-row">
                <dt>
                    "Body " <code>{media_type.clone()}</code>
                </dt>
                <dd>{types::written(&content["schema"])}</dd>
            </div>
        }
    };
    let rows: Vec<_> = contents.map(row).collect();
    (!rows.is_empty()).then(|| view! { <dl class="reference-rows">{rows}</dl> }).into_any()
}

fn answers(operation: &Value) -> AnyView {
    let mut problems = Vec::new();
    let mut rows = Vec::new();
    for (status, answer) in operation["responses"].as_object().into_iter().flatten() {
        if answer["$ref"].is_string() {
            problems.push(status.clone());
            continue;
        }
        // An answer with a content says all by it.
        let about = text(&answer["description"]).to_owned();
        let about = answer["content"].is_null().then_some(about);
        let contents = answer["content"].as_object().into_iter().flatten();
        let contents = contents.map(|(media_type, content)| {
            view! {
                <code>{media_type.clone()}</code>
                " "
                {types::written(&content["schema"])}
                " "
            }
        });
        rows.push(view! {
            <div class="reference-row">
                <dt>
                    <code>{status.clone()}</code>
                </dt>
                <dd>{contents.collect_view()} {about}</dd>
            </div>
        });
    }
    problems.sort();
    let problems = (!problems.is_empty()).then(|| {
        view! {
            <div class="reference-row">
                <dt>
                    <code>{problems.join(" ")}</code>
                </dt>
                <dd>
                    <a href="#type-Problem">"Problem"</a>
                </dd>
            </div>
        }
    });
    view! { <dl class="reference-rows">{rows} {problems}</dl> }.into_any()
}
