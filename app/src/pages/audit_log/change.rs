//! What something was before an act and after it, side by side.

use std::collections::BTreeMap;

use domain::Timestamp;
use leptos::prelude::*;
use serde_json::{Map, Value};

use crate::{
    components::{
        data_table::{Cell, Column, DataTable, HeadCell, Row},
        tag::Tag,
    },
    context::{Page, Place},
    pages::registers::attributes,
};

/// How deep structure is taken apart; what lies deeper is compared as a whole.
const DEEPEST: usize = 3;

/// One fact and what became of it.
#[derive(Debug, Clone, PartialEq)]
struct Fact {
    /// Where it stands: `attributes.status`.
    name: String,
    before: Option<Value>,
    after: Option<Value>,
}

impl Fact {
    fn mark(&self) -> Option<&'static str> {
        match (&self.before, &self.after) {
            (None, Some(_)) => Some("added"),
            (Some(_), None) => Some("removed"),
            (before, after) if before != after => Some("changed"),
            _ => None,
        }
    }
}

/// The facts of both sides by name, those that differ first.
fn facts(before: Option<&Value>, after: Option<&Value>) -> Vec<Fact> {
    let mut found: BTreeMap<String, (Option<Value>, Option<Value>)> = BTreeMap::new();
    flatten("", before, 0, &mut |name, value| found.entry(name).or_default().0 = Some(value));
    flatten("", after, 0, &mut |name, value| found.entry(name).or_default().1 = Some(value));
    let fact = |(name, (before, after))| Fact { name, before, after };
    let mut facts: Vec<_> = found.into_iter().map(fact).collect();
    facts.sort_by_key(|fact| fact.mark().is_none());
    facts
}

fn flatten(name: &str, value: Option<&Value>, depth: usize, put: &mut dyn FnMut(String, Value)) {
    match value {
        Some(Value::Object(map)) if !map.is_empty() && depth < DEEPEST => {
            for (key, value) in map {
                let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                flatten(&name, Some(value), depth + 1, put);
            }
        }
        Some(value) => put(name.to_owned(), value.clone()),
        None => {}
    }
}

/// A table of what was before and after; nothing where the entry tells of no change.
pub fn table(page: &Page, payload: &Map<String, Value>) -> Option<AnyView> {
    let facts = facts(payload.get("before"), payload.get("after"));
    if facts.is_empty() {
        return None;
    }
    let columns = vec![Column::new("What"), Column::new("Before"), Column::new("After")];
    let rows = facts.into_iter().map(|fact| row(&page.place, page.now, fact)).collect_view();
    let table = view! {
        <DataTable caption="Before and after" columns>
            {rows}
        </DataTable>
    };
    Some(table.into_any())
}

fn row(place: &Place, now: Timestamp, fact: Fact) -> AnyView {
    let mark = fact.mark();
    let side = |value: Option<Value>| match value {
        Some(value) => attributes::value_view(place, now, &value, DEEPEST),
        None => view! { <span class="quiet">"nothing"</span> }.into_any(),
    };
    let (before, after) = (side(fact.before), side(fact.after));
    let words = if fact.name.is_empty() { "value".to_owned() } else { fact.name };
    view! {
        <Row>
            <HeadCell>
                <span class="audit-fact">
                    <code>{words}</code>
                    {mark.map(|mark| view! { " " <Tag>{mark}</Tag> })}
                </span>
            </HeadCell>
            <Cell label="Before">
                <div class="audit-side" data-mark=mark.filter(|mark| *mark != "added")>
                    {before}
                </div>
            </Cell>
            <Cell label="After">
                <div class="audit-side" data-mark=mark.filter(|mark| *mark != "removed")>
                    {after}
                </div>
            </Cell>
        </Row>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_differs_is_named_by_its_place_and_comes_first() {
        let before = json!({"revision": 3, "attributes": {"owner": "Ada", "status": "open"}});
        let after = json!({"revision": 4, "attributes": {"status": "open", "due": "soon"}});
        let found = facts(Some(&before), Some(&after));
        let marks: Vec<_> = found.iter().map(|fact| (fact.name.as_str(), fact.mark())).collect();
        assert_eq!(
            marks,
            [
                ("attributes.due", Some("added")),
                ("attributes.owner", Some("removed")),
                ("revision", Some("changed")),
                ("attributes.status", None),
            ]
        );
    }

    #[test]
    fn something_new_has_no_before_and_a_bare_value_no_name() {
        let found = facts(None, Some(&json!({"role": "viewer"})));
        assert_eq!((found[0].name.as_str(), found[0].mark()), ("role", Some("added")));
        let found = facts(Some(&json!("a")), Some(&json!("b")));
        assert_eq!((found[0].name.as_str(), found[0].mark()), ("", Some("changed")));
        assert!(facts(None, None).is_empty());
    }
}
