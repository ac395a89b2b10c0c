//! What templates give.

use chrono::{TimeZone, Utc};
use serde_json::{Value, json};

use super::{LARGEST_RESULT, Template, TemplateError};
use crate::condition::Scope;

fn resolve(template: &Value) -> Result<Value, TemplateError> {
    let subject = json!({
        "key": "ACC-1", "name": "Ada \"A\" Ltd", "risk": 3, "share": 0.5, "tags": ["a", "b"],
        "owner": {"z": 1, "a": 2}, "big": 9_007_199_254_740_992_i64, "long": "x".repeat(200_000)
    });
    let event = json!({"type": "exception.closed", "severity": null});
    let now = Utc.with_ymd_and_hms(2026, 7, 6, 6, 0, 0).unwrap();
    Template::compile(template)?.resolve(&Scope { subject: &subject, event: &event, now })
}

#[test]
fn a_string_that_is_one_expression_keeps_its_type() {
    for (source, expected) in [
        ("{{ subject.key }}", json!("ACC-1")),
        ("{{subject.risk}}", json!(3)),
        ("{{ subject.tags }}", json!(["a", "b"])),
        ("{{ subject.owner }}", json!({"a": 2, "z": 1})),
        ("{{ event.severity }}", json!(null)),
        ("{{ subject.risk > 2 }}", json!(true)),
        ("{{ now }}", json!("2026-07-06T06:00:00Z")),
        ("{{ day(now + days(14)) }}", json!("2026-07-20")),
    ] {
        assert_eq!(resolve(&json!(source)), Ok(json!(expected)), "{source}");
    }
}

#[test]
fn in_a_longer_string_an_expression_is_text() {
    for (source, expected) in [
        ("Review of {{ subject.key }} ({{ subject.risk }})", "Review of ACC-1 (3)"),
        ("{{ subject.key }}{{ event.type }}", "ACC-1exception.closed"),
        (" {{ subject.key }}", " ACC-1"),
        ("due {{ now }}", "due 2026-07-06T06:00:00Z"),
        ("[{{ event.severity }}]", "[]"),
        ("share {{ subject.share }}", "share 0.5"),
        ("owner {{ subject.owner }}", r#"owner {"a":2,"z":1}"#),
        ("plain", "plain"),
        ("", ""),
        ("a } b }} c { d", "a } b }} c { d"),
    ] {
        assert_eq!(resolve(&json!(source)), Ok(json!(expected)), "{source}");
    }
}

#[test]
fn braces_and_quotes_inside_an_expression_do_not_close_it() {
    for (source, expected) in [
        ("{{ {'a': {'b': 1}}.a.b }}", json!(1)),
        ("{{ {'a': {'b': 1}} }}", json!({"a": {"b": 1}})),
        ("{{ '}}' }}", json!("}}")),
        ("x{{ '{{' }}y", json!("x{{y")),
        (r#"{{ "it's }}" }}"#, json!("it's }}")),
        (r"{{ '\'}}' }}", json!("'}}")),
    ] {
        assert_eq!(resolve(&json!(source)), Ok(expected), "{source}");
    }
}

#[test]
fn lists_and_maps_are_walked_and_keys_are_left_alone() {
    let template = json!({"to": ["{{ subject.key }}", 1, true, null], "{{ now }}": {"k": "{{ subject.risk }}"}});
    let expected = json!({"to": ["ACC-1", 1, true, null], "{{ now }}": {"k": 3}});
    assert_eq!(resolve(&template), Ok(expected));
}

#[test]
fn an_error_names_its_field_as_a_json_pointer() {
    for (template, pointer, code) in [
        (json!({"due": "{{ subject. }}"}), "/due", "condition-does-not-parse"),
        (json!({"a": [0, {"b/c": "{{ record }}"}]}), "/a/1/b~1c", "condition-unknown-variable"),
        (json!({"a": "{{ now"}), "/a", "template-not-closed"),
        (json!({"a": "{{ 'now }}"}), "/a", "template-not-closed"),
        (json!({"a": "{{}}"}), "/a", "condition-does-not-parse"),
        (json!({"a": 0.5}), "/a", "template-number"),
        (json!({"a": -9_007_199_254_740_993_i64}), "/a", "template-number"),
        (json!({"a": u64::MAX}), "/a", "template-number"),
        (json!({"a": "{{ subject.missing }}"}), "/a", "condition-does-not-evaluate"),
        (json!({"a": "x {{ subject.missing }}"}), "/a", "condition-does-not-evaluate"),
        (json!({"a": "{{ subject.share }}"}), "/a", "template-number"),
        (json!({"a": "{{ [subject.big] }}"}), "/a", "template-number"),
        (json!("{{ nothing }}"), "", "condition-unknown-variable"),
    ] {
        let error = resolve(&template).expect_err(&template.to_string());
        assert_eq!((error.pointer.as_str(), error.code), (pointer, code), "{template}");
    }
}

#[test]
fn every_error_of_a_template_is_reported_at_once() {
    let template = json!({"a": "{{ x }}", "b": [1.5, "{{ now"], "c": "{{ now }}"});
    let errors = Template::compile_all(&template).unwrap_err();
    let pointers: Vec<_> = errors.iter().map(|error| error.pointer.as_str()).collect();
    assert_eq!(pointers, ["/a", "/b/0", "/b/1"]);
}

#[test]
fn the_result_has_a_largest_size() {
    let once = json!({"a": "{{ subject.long }}"});
    assert!(resolve(&once).is_ok());
    for template in [
        json!({"a": "{{ subject.long }}", "b": "{{ subject.long }}"}),
        json!("{{ subject.long }}{{ subject.long }}"),
        json!(["{{ [subject.long, subject.long] }}"]),
    ] {
        assert_eq!(resolve(&template).unwrap_err().code, "template-too-large");
    }
    const { assert!(LARGEST_RESULT > 200_000) };
}

#[test]
fn nesting_has_a_limit() {
    let mut deep = json!("{{ now }}");
    for _ in 0..40 {
        deep = json!([deep]);
    }
    assert_eq!(resolve(&deep).unwrap_err().code, "template-too-large");
}

#[test]
fn the_same_scope_gives_the_same_bytes() {
    let template = json!({"z": "{{ subject.owner }}", "a": "{{ subject }}".replace("subject", "subject.tags")});
    let first = domain::canonical::text(&resolve(&template).unwrap());
    for _ in 0..50 {
        assert_eq!(domain::canonical::text(&resolve(&template).unwrap()), first);
    }
    assert_eq!(first, r#"{"a":["a","b"],"z":{"a":2,"z":1}}"#);
}
