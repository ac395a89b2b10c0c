//! `docs/definition.schema.json` says what this module accepts.

use std::fs;

use domain::{
    approval::OnExpiry,
    automation::OnItemFailure,
    budget::{Cost, Every, PeriodCeiling},
    member::Role,
    permission::{Permission, allows},
    trigger::{MissedFires, TriggerKind},
};
use serde_json::{Value, json};

use super::{
    approval::{APPROVAL, BACKOFF, RETRY, RULE},
    budget::{BUDGET, COST, PERIOD},
    json_schema::{documents, names, published, root, sorted, valid},
    read::{ACTION, DEFINITION, FROM, SUBJECTS},
    tests::{MINIMAL, OneActioner, WEEKLY},
    trigger::{LISTENING, SCHEDULE},
};

fn schema() -> Value {
    published("definition.schema.json")
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
