//! What conditions mean.

use chrono::{DateTime, TimeZone, Utc};
use serde_json::{Value, json};

use super::{Condition, ConditionCode, Expression, Scope};

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 7, 6, 6, 0, 0).unwrap()
}

fn account() -> Value {
    json!({
        "key": "ACC-1", "status": "active", "risk": 3, "share": 0.25, "due": "2026-07-01T00:00:00Z",
        "opened": "2026-07-01", "tags": ["kyc", "high"], "owner": {"name": "Ada", "id": 9}
    })
}

fn ask(source: &str) -> Result<bool, super::ConditionError> {
    let (subject, event) = (account(), json!({"type": "exception.closed", "count": 2}));
    Condition::compile(source)?.holds(&Scope { subject: &subject, event: &event, now: now() })
}

fn give(source: &str) -> Result<Value, super::ConditionError> {
    let (subject, event) = (account(), json!({"type": "exception.closed", "count": 2}));
    Expression::compile(source)?.evaluate(&Scope { subject: &subject, event: &event, now: now() })
}

#[test]
fn conditions_that_hold() {
    for source in [
        "true",
        "subject.status == 'active'",
        "subject.status == 'active' && event.type == 'exception.closed'",
        "subject.risk >= 3 && subject.risk < 4",
        "subject['risk'] == 3",
        "subject.share == 0.25",
        "!has(subject.closed)",
        "has(subject.owner.name) && subject.owner.name.startsWith('A')",
        "'kyc' in subject.tags",
        "subject.tags.exists(t, t == 'high')",
        "subject.tags.all(t, size(t) > 2)",
        "subject.tags.exists_one(t, t == 'kyc')",
        "subject.tags.filter(t, t != 'kyc') == ['high']",
        "subject.tags.map(t, t.upperAscii()) == ['KYC', 'HIGH']",
        "subject.tags.exists(t, subject.tags.filter(u, u == t).size() == 1)",
        "timestamp(subject.due) < now",
        "now - timestamp(subject.due) > duration('120h')",
        "date(subject.opened) == timestamp('2026-07-01T00:00:00Z')",
        "date('2026-07-01T23:30:00-02:00') == date('2026-07-02')",
        "date(subject.opened) + days(5) < now",
        "day(now) == '2026-07-06'",
        "now.getDayOfWeek() == 1",
        "subject.key.matches('^ACC-[0-9]+$')",
        "subject.status in ['active', 'dormant']",
        "type(subject.risk) == int",
        "event.count * 2 == 4 ? true : false",
        "subject.key.split('-')[1] == '1'",
        "subject == subject",
    ] {
        assert_eq!(ask(source), Ok(true), "{source}");
    }
}

#[test]
fn an_error_on_one_side_does_not_hide_a_decided_other_side() {
    assert_eq!(ask("subject.missing == 1 || subject.risk == 3"), Ok(true));
    assert_eq!(ask("subject.missing == 1 && subject.risk == 4"), Ok(false));
}

#[test]
fn a_macro_local_may_shadow_a_variable() {
    assert_eq!(ask("['a'].exists(subject, subject == 'a')"), Ok(true));
}

#[test]
fn what_is_wrong_has_a_code_and_one_sentence() {
    use ConditionCode::{
        DoesNotEvaluate, DoesNotParse, NotBoolean, UnknownFunction, UnknownVariable,
    };
    for (source, code, part) in [
        ("", DoesNotParse, "does not parse"),
        ("subject.status = 'active'", DoesNotParse, "does not parse"),
        ("subject.status == 'active", DoesNotParse, "does not parse"),
        ("subject.x.matches(subject.y)", DoesNotParse, "written out"),
        ("subject.x.matches('(')", DoesNotParse, "regular expression"),
        ("Account{id: 1}.id == 1", DoesNotParse, "typed messages"),
        ("record.status == 'active'", UnknownVariable, "'record'"),
        ("subject.tags.exists(t, u == 'a')", UnknownVariable, "'u'"),
        ("subject.tags.exists(t, true) && t == 'a'", UnknownVariable, "'t'"),
        ("system('ls')", UnknownFunction, "'system'"),
        ("_x(1)", UnknownFunction, "'_x'"),
        ("strings.quote('a') == ''", UnknownFunction, "'quote'"),
        ("subject.missing == 1", DoesNotEvaluate, "no field 'missing'"),
        ("subject.status < 3", DoesNotEvaluate, "does not work on (string, int)"),
        ("subject.risk / 0 == 1", DoesNotEvaluate, "divides by zero"),
        ("9223372036854775807 + subject.risk > 0", DoesNotEvaluate, "range"),
        ("timestamp(subject.status) < now", DoesNotEvaluate, ""),
        ("date('2026-02-30') < now", DoesNotEvaluate, "'date'"),
        ("days(9999999) == days(1)", DoesNotEvaluate, "'days'"),
        ("subject.status", NotBoolean, "not a string"),
        ("1", NotBoolean, "not a int"),
    ] {
        let error = ask(source).expect_err(source);
        assert_eq!(error.code, code, "{source}: {error}");
        assert!(error.message.contains(part), "{source}: {error}");
        assert!(!error.message.contains('\n') && error.message.len() < 300, "{source}: {error}");
    }
}

#[test]
fn a_parse_error_says_where() {
    let error = ask("subject.status ==\n  && true").unwrap_err();
    assert_eq!(error.place.map(|place| place.line), Some(2), "{error:?}");
}

#[test]
fn an_error_never_quotes_the_data() {
    for source in
        ["subject + 1 == 2", "subject < 3", "subject[subject] == 1", "subject.owner.name / 2 == 1"]
    {
        let error = ask(source).unwrap_err();
        assert!(!error.message.contains("Ada") && !error.message.contains("ACC-1"), "{error}");
    }
}

#[test]
fn results_come_back_as_json() {
    for (source, expected) in [
        ("subject.owner", json!({"name": "Ada", "id": 9})),
        ("subject", account()),
        ("[1, -2, 3u, 'x', null, true, 0.5]", json!([1, -2, 3, "x", null, true, 0.5])),
        ("{'a': 1, 2: 'b'}", json!({"a": 1, "2": "b"})),
        ("now", json!("2026-07-06T06:00:00Z")),
        ("now + duration('1ms')", json!("2026-07-06T06:00:00.001Z")),
        ("duration('90m')", json!("5400s")),
        ("duration('-1.5s')", json!("-1.5s")),
        ("days(2)", json!("172800s")),
        ("day(now + days(30))", json!("2026-08-05")),
        ("'due ' + day(now)", json!("due 2026-07-06")),
        ("subject.tags.join(', ')", json!("kyc, high")),
    ] {
        assert_eq!(give(source), Ok(expected), "{source}");
    }
}

#[test]
fn a_compiled_condition_is_shared_across_threads() {
    fn shared<T: Send + Sync + Clone>(_: &T) {}
    let condition = Condition::compile("subject.status == 'active'").unwrap();
    shared(&condition);
    let answers: Vec<_> = (0..4)
        .map(|_| {
            let condition = condition.clone();
            std::thread::spawn(move || {
                let (subject, event) = (account(), Value::Null);
                condition.holds(&Scope { subject: &subject, event: &event, now: now() })
            })
        })
        .map(|thread| thread.join().unwrap())
        .collect();
    assert_eq!(answers, vec![Ok(true); 4]);
}

#[test]
fn the_text_of_a_condition_is_kept() {
    assert_eq!(Condition::compile("true  ").unwrap().source(), "true  ");
}
