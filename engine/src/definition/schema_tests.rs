//! `docs/definition.schema.json` says what this module accepts.

use std::{fs, path::Path};

use domain::{
    approval::OnExpiry,
    automation::OnItemFailure,
    budget::{Cost, Every, PeriodCeiling},
    member::Role,
    permission::{Permission, allows},
    trigger::{MissedFires, TriggerKind},
};
use regex::Regex;
use serde_json::{Value, json};

use super::{
    approval::{APPROVAL, BACKOFF, RETRY, RULE},
    budget::{BUDGET, COST, PERIOD},
    error::Report,
    read::{ACTION, DEFINITION, FROM, SUBJECTS},
    tests::{MINIMAL, OneActioner, WEEKLY},
    trigger::{LISTENING, SCHEDULE},
    with, yaml,
};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn schema() -> Value {
    let text = fs::read_to_string(root().join("docs/definition.schema.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The part of JSON Schema that our schema uses; an unknown keyword fails the test.
fn valid(schema: &Value, value: &Value, whole: &Value) -> bool {
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

fn names(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

fn sorted<S: ToString>(words: impl IntoIterator<Item = S>) -> Vec<String> {
    let mut words: Vec<_> = words.into_iter().map(|word| word.to_string()).collect();
    words.sort();
    words
}

/// Every document of a file as JSON.
fn documents(text: &str) -> Vec<Value> {
    let report = Report::new("a.yaml");
    let documents = yaml::documents(text, &report);
    assert_eq!(report.count(), 0);
    documents.iter().map(|document| with::json(&document.root)).filter(|v| !v.is_null()).collect()
}

#[test]
fn the_schema_knows_the_same_fields() {
    let schema = schema();
    for (pointer, fields) in [
        ("", DEFINITION),
        ("/properties/subjects", SUBJECTS),
        ("/properties/action", ACTION),
        ("/properties/approval", APPROVAL),
        ("/properties/retry", RETRY),
        ("/properties/retry/properties/backoff", BACKOFF),
        ("/properties/budget", BUDGET),
        ("/properties/budget/properties/cost", COST),
        ("/properties/budget/properties/per-period", PERIOD),
        ("/$defs/rule", RULE),
        ("/$defs/schedule", SCHEDULE),
        ("/$defs/listening", LISTENING),
    ] {
        let properties = schema.pointer(&format!("{pointer}/properties")).unwrap();
        assert_eq!(sorted(properties.as_object().unwrap().keys()), sorted(fields), "{pointer}");
        assert_eq!(
            schema.pointer(pointer).unwrap()["additionalProperties"],
            json!(false),
            "{pointer}"
        );
    }
}

#[test]
fn the_schema_knows_the_same_words() {
    let schema = schema();
    let kinds = TriggerKind::DECLARED.iter().filter(|kind| **kind != TriggerKind::Schedule);
    let roles = Role::ALL.iter().filter(|role| allows(**role, Permission::DecideApprovals));
    for (pointer, words) in [
        ("/properties/on-item-failure", sorted(OnItemFailure::ALL)),
        ("/properties/subjects/properties/from", sorted(FROM)),
        ("/$defs/listening/properties/kind", sorted(kinds)),
        ("/$defs/schedule/properties/missed", sorted(MissedFires::ALL)),
        ("/properties/budget/properties/per-period/properties/every", sorted(Every::ALL)),
        ("/$defs/rule/properties/role", sorted(roles)),
        ("/$defs/rule/properties/on-expiry", sorted(OnExpiry::ALL)),
    ] {
        assert_eq!(sorted(names(&schema.pointer(pointer).unwrap()["enum"])), words, "{pointer}");
    }
}

#[test]
fn the_schema_and_the_reader_accept_the_same_examples() {
    let schema = schema();
    let mut texts = vec![WEEKLY.to_owned(), MINIMAL.to_owned()];
    if let Ok(folder) = fs::read_dir(root().join("examples/credit-union/automations")) {
        texts.extend(folder.map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap()));
    }
    for text in texts {
        for document in documents(&text) {
            assert!(valid(&schema, &document, &schema), "{document:#}");
        }
    }
}

#[test]
fn the_schema_and_the_reader_refuse_the_same_documents() {
    let schema = schema();
    for (from, to) in [
        ("key: weekly-kyc-review", "key: Weekly"),
        ("key: weekly-kyc-review", "key: weekly-"),
        ("key: weekly-kyc-review\n", ""),
        ("name: Weekly KYC review", "name: [a]"),
        ("description: ", "descripton: "),
        ("kind: schedule", "kind: schedual"),
        ("kind: schedule", "kind: governed-event"),
        ("  cron: \"0 6 * * MON\"\n", ""),
        ("  cron:", "  at: 2026-08-01T06:00:00Z\n  cron:"),
        ("missed: all", "missed: some"),
        ("from: register", "from: table"),
        ("kind: account", "kind: Account"),
        ("  actioner: evidence.request-claim\n", ""),
        ("action:", "actions:"),
        ("role: approver", "role: viewer"),
        ("quorum: 1", "quorum: 0"),
        ("quorum: 1", "quorum: one"),
        ("P7D", "P1M"),
        ("P7D", "P"),
        ("P7D", "P1DT"),
        ("P7D", "7d"),
        ("on-expiry: dismiss", "on-expiry: wait"),
        ("{ members:", "{ role: owner, members:"),
        ("bo@example.org", "bo"),
        ("bo@example.org", "Ada@example.org"),
        ("max-attempts: 5", "max-attempts: 21"),
        ("backoff: {", "backoff: { factor: 2,"),
        ("on-item-failure: hold", "on-item-failure: hodl"),
    ] {
        assert!(WEEKLY.contains(from), "{from}");
        let text = WEEKLY.replacen(from, to, 1);
        let document = documents(&text).remove(0);
        assert!(!valid(&schema, &document, &schema), "the schema accepts {from} → {to}");
        assert!(
            super::read("a.yaml", &text, &OneActioner).is_err(),
            "the reader accepts {from} → {to}"
        );
    }
}

const BUDGETED: &str = "budget:
  cost: { per-unit: 0.002, units: '{{ subject.pages }}' }
  per-run: '10'
  per-period: { every: month, ceiling: 250.00 }
";

#[test]
fn the_schema_and_the_reader_agree_about_budgets() {
    let schema = schema();
    let whole = |budget: &str| format!("{MINIMAL}{budget}");
    let both = |budget: &str| {
        let text = whole(budget);
        let document = documents(&text).remove(0);
        let read = super::read("a.yaml", &text, &OneActioner);
        (valid(&schema, &document, &schema), read)
    };
    let (valid, read) = both(BUDGETED);
    let budget = read.unwrap().remove(0).definition.budget.unwrap();
    assert!(valid);
    let usd = |text: &str| text.parse().unwrap();
    let units = "{{ subject.pages }}".to_owned();
    assert_eq!(budget.cost, Cost::PerUnit { price: usd("0.002"), units });
    assert_eq!(budget.per_run, Some(usd("10")));
    let month = PeriodCeiling { every: Every::Month, ceiling: usd("250") };
    assert_eq!(budget.per_period, Some(month));
    for (from, to) in [
        ("0.002", "-1"),
        ("0.002", "free"),
        (", units: '{{ subject.pages }}'", ""),
        ("per-unit: 0.002, ", ""),
        ("per-unit", "fixed: 1, per-unit"),
        ("per-unit", "per-page"),
        ("every: month", "every: year"),
        ("every: month, ", ""),
        ("250.00", "lots"),
        ("'10'", "'10.0000000001'"),
        ("per-run", "per-week"),
    ] {
        assert!(BUDGETED.contains(from), "{from}");
        let (valid, read) = both(&BUDGETED.replacen(from, to, 1));
        assert!(!valid, "the schema accepts {from} → {to}");
        assert!(read.is_err(), "the reader accepts {from} → {to}");
    }
}

#[test]
fn only_a_receiver_reports_what_something_cost() {
    let reported = "budget: { cost: { reported-at-most: 0.50 } }\n";
    let errors = super::tests::errors(&format!("{MINIMAL}{reported}"));
    assert!(errors[0].contains("sent to a receiver"), "{errors:?}");
    let sent =
        MINIMAL.replace("title: Check", "title: Check, deliver: { url: 'https://a.example/' }");
    assert!(super::read("a.yaml", &format!("{sent}{reported}"), &OneActioner).is_ok());
}
