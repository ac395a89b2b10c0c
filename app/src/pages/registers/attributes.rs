//! Attributes as a reader wants them: plain words where they are plain, links where they refer to
//! records, and their structure where they have one.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::record::Record;
use leptos::prelude::*;
use serde_json::Value;

use crate::{
    components::{
        json_view::JsonView,
        key_value::{Entry, KeyValue},
        timestamp::Timestamp,
    },
    context::Place,
    format,
    pages::mentions,
};

/// How deep structure is shown as structure; what lies deeper is shown as JSON.
const DEEPEST: usize = 3;

/// The longest text a cell of a list shows, in characters.
const CELL: usize = 120;

/// What a record is usually known by, best first.
const TELLING: [&str; 12] = [
    "title", "name", "claim", "status", "severity", "about", "of", "subject", "to", "due", "owner",
    "branch",
];

/// `risk_owner` → `Risk owner`.
pub fn title(name: &str) -> String {
    format::label(&name.replace('_', "-"))
}

/// The attributes a list of these records shows: the telling ones first, then those most records
/// have; nothing that has structure.
pub fn columns(records: &[Record], most: usize) -> Vec<String> {
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    for record in records {
        let attributes = record.attributes.as_object().into_iter().flatten();
        for (name, _) in attributes.filter(|(_, value)| is_plain(value)) {
            *found.entry(name).or_default() += 1;
        }
    }
    let mut names: Vec<_> = found.into_iter().collect();
    names.sort_by_key(|(name, count)| (rank(name), usize::MAX - count));
    names.into_iter().take(most).map(|(name, _)| name.to_owned()).collect()
}

/// How much an attribute tells; the less the larger.
fn rank(name: &str) -> usize {
    TELLING.iter().position(|telling| *telling == name).unwrap_or(TELLING.len())
}

fn is_plain(value: &Value) -> bool {
    match value {
        Value::Object(_) => mentions::reference(value).is_some(),
        Value::Array(_) | Value::Null => false,
        Value::String(_) | Value::Number(_) | Value::Bool(_) => true,
    }
}

/// An attribute in a cell of a list.
pub fn cell(place: &Place, now: DateTime<Utc>, value: Option<&Value>) -> AnyView {
    match value {
        None | Some(Value::Null) => view! { <span class="quiet">"–"</span> }.into_any(),
        Some(Value::String(text)) if text.chars().count() > CELL => {
            let start: String = text.chars().take(CELL).collect();
            view! { <span title=text.clone()>{start}"…"</span> }.into_any()
        }
        Some(plain) if is_plain(plain) => value_view(place, now, plain, 0),
        Some(Value::Array(list)) => {
            let many = format::plural(list.len() as i64, "entry", "entries");
            view! { <span class="quiet">{many}</span> }.into_any()
        }
        Some(_) => view! { <span class="quiet">"…"</span> }.into_any(),
    }
}

/// All attributes of a record.
pub fn all(place: &Place, now: DateTime<Utc>, attributes: &Value) -> AnyView {
    match attributes.as_object() {
        Some(map) if !map.is_empty() => value_view(place, now, attributes, 0),
        _ => view! { <p class="quiet">"This record has no attributes."</p> }.into_any(),
    }
}

/// One value; `depth` is how deep in structure it stands.
pub fn value_view(place: &Place, now: DateTime<Utc>, value: &Value, depth: usize) -> AnyView {
    if let Some(reference) = mentions::reference(value) {
        return mentions::record(place, &reference.kind, &reference.key);
    }
    match value {
        Value::Null => view! { <span class="quiet">"none"</span> }.into_any(),
        Value::Bool(true) => "yes".into_any(),
        Value::Bool(false) => "no".into_any(),
        Value::Number(number) => number.to_string().into_any(),
        Value::String(text) if text.is_empty() => {
            view! { <span class="quiet">"empty"</span> }.into_any()
        }
        Value::String(text) => match instant(text) {
            Some(at) => view! { <Timestamp at now /> }.into_any(),
            None => view! { <span class="attribute-text">{text.clone()}</span> }.into_any(),
        },
        Value::Array(list) if list.is_empty() => {
            view! { <span class="quiet">"none"</span> }.into_any()
        }
        Value::Object(map) if map.is_empty() => {
            view! { <span class="quiet">"none"</span> }.into_any()
        }
        nested if depth >= DEEPEST => {
            view! { <JsonView label="As stored" value=nested.clone() /> }.into_any()
        }
        Value::Array(list) => {
            let entries = list
                .iter()
                .map(|entry| {
                    view! { <li>{value_view(place, now, entry, depth + 1)}</li> }
                })
                .collect_view();
            view! { <ul class="attribute-list">{entries}</ul> }.into_any()
        }
        Value::Object(map) => {
            let mut map: Vec<_> = map.iter().collect();
            map.sort_by_key(|(name, _)| rank(name));
            let entries = map
                .into_iter()
                .map(|(name, value)| {
                    let value = value_view(place, now, value, depth + 1);
                    view! { <Entry term=title(name)>{value}</Entry> }
                })
                .collect_view();
            view! { <KeyValue>{entries}</KeyValue> }.into_any()
        }
    }
}

/// A moment, where a text is one with its zone; a mere day stays the words it is.
fn instant(text: &str) -> Option<DateTime<Utc>> {
    let at = DateTime::parse_from_rfc3339(text).ok()?;
    Some(at.to_utc())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn record(attributes: Value) -> Record {
        Record {
            id: "rec_00000000000000000000000000".parse().unwrap(),
            workspace: "wsp_00000000000000000000000000".parse().unwrap(),
            kind: "finding".to_owned(),
            key: "F-1".to_owned(),
            attributes,
            revision: 1,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
            created_by_item: None,
        }
    }

    #[test]
    fn a_list_shows_what_tells_records_apart_and_leaves_structure_out() {
        let records = [
            record(
                json!({"zone": 1, "status": "open", "title": "x", "notes": ["a"], "gone": null}),
            ),
            record(json!({"zone": 2, "status": "open", "about": {"kind": "account", "key": "A"}})),
        ];
        assert_eq!(columns(&records, 4), ["title", "status", "about", "zone"]);
        assert_eq!(columns(&records, 2), ["title", "status"]);
        assert!(columns(&[], 4).is_empty());
    }

    #[test]
    fn only_a_whole_moment_is_shown_as_one() {
        assert!(instant("2026-09-29T19:20:00Z").is_some());
        assert!(instant("2026-09-29T19:20:00.5+02:00").is_some());
        for text in ["2026-09-29", "19:20", "2026-09-29T19:20", "soon", ""] {
            assert_eq!(instant(text), None, "{text}");
        }
    }

    #[test]
    fn names_of_attributes_read_as_words() {
        assert_eq!(title("risk_owner"), "Risk owner");
        assert_eq!(title("due"), "Due");
    }
}
