//! The reference of the API: an OpenAPI document as one page, complete, so that a browser finds any word
//! of it. It needs no script and no network.

mod operation;
mod types;

use std::sync::Arc;

use leptos::prelude::*;
use serde_json::Value;

use crate::components::{page_header::PageHeader, panel::Panel};

/// The methods that an address may have, in the order they are shown.
const METHODS: [&str; 4] = ["get", "post", "put", "delete"];

/// A document that the server made.
#[component]
pub fn ReferencePage(
    /// OpenAPI 3.1.
    document: Arc<Value>,
) -> impl IntoView {
    let about = text(&document["info"]["description"]).to_owned();
    let about = about.split("\n\n").map(|part| view! { <p>{prose(part)}</p> }).collect_view();
    let tags: Vec<String> = list(&document["tags"]).map(|tag| text(&tag["name"]).into()).collect();
    let contents = tags.iter().map(|tag| {
        view! {
            <li>
                <a href=format!("#{}", anchor(tag))>{tag.clone()}</a>
            </li>
        }
    });
    let contents = contents.collect_view();
    let groups = tags.iter().map(|tag| group(&document, tag)).collect_view();
    view! {
        <main class="reference">
            <PageHeader title="API reference" />
            <div class="reference-about">
                {about}
                <p>
                    <a href="/api/v1/openapi.json">"The same as an OpenAPI 3.1 document"</a>
                </p>
            </div>
            <nav aria-label="Contents">
                <ul class="reference-contents">
                    {contents}
                    <li>
                        <a href="#types">"Types"</a>
                    </li>
                </ul>
            </nav>
            <div class="stack-wide">
                {groups}
                <Panel title="Types" id="types">
                    {types::all(&document)}
                </Panel>
            </div>
        </main>
    }
    .into_any()
}

/// The operations of one resource.
fn group(document: &Value, tag: &str) -> AnyView {
    let server = text(&document["servers"][0]["url"]);
    let mut shown = Vec::new();
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for method in METHODS {
            let operation = &methods[method];
            if list(&operation["tags"]).any(|known| known == tag) {
                shown.push(operation::show(method, &format!("{server}{path}"), operation));
            }
        }
    }
    view! {
        <Panel title=tag.to_owned() id=anchor(tag)>
            {shown}
        </Panel>
    }
    .into_any()
}

/// What a link within the page leads to.
fn anchor(name: &str) -> String {
    name.to_lowercase().replace(' ', "-")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// Words with `code` in them.
fn prose(words: &str) -> AnyView {
    let parts = words.split('`').enumerate().map(|(n, part)| {
        let part = part.to_owned();
        match n % 2 {
            0 => view! { <span>{part}</span> }.into_any(),
            _ => view! { <code>{part}</code> }.into_any(),
        }
    });
    parts.collect_view().into_any()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::components::testing::render_body;

    #[tokio::test]
    async fn every_operation_stands_there_with_its_parameters_bodies_and_problems() {
        let document = Arc::new(json!({
            "info": {"description": "Send a `token`."},
            "servers": [{"url": "/api/v1"}],
            "tags": [{"name": "Audit log"}],
            "paths": {"/runs/{run}": {"post": {
                "operationId": "actOnRun",
                "tags": ["Audit log"],
                "summary": "Act <b>now</b>",
                "x-permission": "cancel-runs",
                "parameters": [{"name": "run", "in": "path", "required": true, "schema": {"type": "string"}}],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Reason"}}}},
                "responses": {"200": {"description": "Done"}, "404": {"$ref": "#/components/responses/Problem"}}
            }}},
            "components": {"schemas": {"Reason": {
                "type": "object", "required": ["reason"],
                "properties": {"reason": {"type": "string", "description": "Why"}}
            }}}
        }));
        let html = render_body(move || view! { <ReferencePage document=document.clone() /> }).await;
        for part in [
            "href=\"#audit-log\"",
            "id=\"actOnRun\"",
            "/api/v1/runs/{run}",
            "cancel-runs",
            "href=\"#type-Reason\"",
            "id=\"type-Reason\"",
            "404",
            "Why",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
        assert!(!html.contains("<b>now"), "{html}");
    }
}
