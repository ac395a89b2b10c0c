//! As much of JSON Schema as the schemas in `docs` use.

use std::{fs, path::Path};

use regex::Regex;
use serde_json::{Value, json};

use super::{error::Report, with, yaml};

pub fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// A schema in `docs`.
pub fn published(name: &str) -> Value {
    let text = fs::read_to_string(root().join("docs").join(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The part of JSON Schema that our schemas use; an unknown keyword fails the test.
pub fn valid(schema: &Value, value: &Value, whole: &Value) -> bool {
    schema.as_object().unwrap().iter().all(|(keyword, rule)| match keyword.as_str() {
        "$schema" | "$defs" | "title" | "description" | "default" | "format" => true,
        "$ref" => {
            let target = rule.as_str().unwrap().trim_start_matches('#');
            valid(whole.pointer(target).unwrap(), value, whole)
        }
        "type" => match rule.as_str().unwrap() {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "integer" => value.is_i64(),
            "number" => value.is_number(),
            other => panic!("unknown type {other}"),
        },
        "const" => value == rule,
        "enum" => rule.as_array().unwrap().contains(value),
        "not" => !valid(rule, value, whole),
        "oneOf" => {
            rule.as_array().unwrap().iter().filter(|one| valid(one, value, whole)).count() == 1
        }
        "required" => names(rule).iter().all(|name| value.get(name).is_some()),
        "properties" => rule
            .as_object()
            .unwrap()
            .iter()
            .all(|(name, rule)| value.get(name).is_none_or(|value| valid(rule, value, whole))),
        "additionalProperties" => {
            assert_eq!(rule, &json!(false));
            let known = &schema["properties"];
            value.as_object().is_none_or(|map| map.keys().all(|key| known.get(key).is_some()))
        }
        "items" => value.as_array().is_none_or(|list| list.iter().all(|i| valid(rule, i, whole))),
        "uniqueItems" => {
            let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
            (1..list.len()).all(|end| !list[..end].contains(&list[end]))
        }
        "minItems" => {
            value.as_array().is_none_or(|list| list.len() as u64 >= rule.as_u64().unwrap())
        }
        "maxItems" => {
            value.as_array().is_none_or(|list| list.len() as u64 <= rule.as_u64().unwrap())
        }
        "minimum" => value.as_f64() >= rule.as_f64(),
        "maximum" => value.as_f64() <= rule.as_f64(),
        "minLength" => length(value) >= rule.as_u64().unwrap(),
        "maxLength" => length(value) <= rule.as_u64().unwrap(),
        "pattern" => matches(rule.as_str().unwrap(), value.as_str().unwrap_or_default()),
        other => panic!("unknown keyword {other}"),
    })
}

fn length(value: &Value) -> u64 {
    value.as_str().map_or(0, |text| text.chars().count() as u64)
}

/// The pattern without its look-aheads, which this engine does not have; they forbid a bare `P` or `T`.
fn matches(pattern: &str, text: &str) -> bool {
    let looks_ahead = pattern.contains("(?=");
    let plain = pattern.replace("(?=[0-9T])", "").replace("(?=[0-9])", "");
    Regex::new(&plain).unwrap().is_match(text) && !(looks_ahead && text.ends_with(['P', 'T']))
}

pub fn names(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

pub fn sorted<S: ToString>(words: impl IntoIterator<Item = S>) -> Vec<String> {
    let mut words: Vec<_> = words.into_iter().map(|word| word.to_string()).collect();
    words.sort();
    words
}

/// Every document of a file as JSON.
pub fn documents(text: &str) -> Vec<Value> {
    let report = Report::new("a.yaml");
    let documents = yaml::documents(text, &report);
    assert_eq!(report.count(), 0);
    documents.iter().map(|document| with::json(&document.root)).filter(|v| !v.is_null()).collect()
}
