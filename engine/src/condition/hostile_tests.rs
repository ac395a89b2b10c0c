//! Hostile expressions end quickly, in little memory, on a small stack.

use std::time::{Duration, Instant};

use chrono::{TimeZone, Utc};
use serde_json::{Value, json};

use super::{ConditionCode, Expression, Scope, check::DEEPEST};

/// Generous for a debug build on a busy machine; the attacks need minutes or never end.
const LONGEST: Duration = Duration::from_secs(5);
/// By how much the process may grow at its peak, in KiB; the attacks take gigabytes.
const MOST_MEMORY: u64 = 400 * 1024;

/// The most memory this process ever held, in KiB; nothing where the system does not say.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

/// Compiles and evaluates on a stack of 1 MiB; the code of the error, if any.
fn attack(source: &str, subject: Value) -> Option<ConditionCode> {
    let name: String = source.chars().take(60).collect();
    let source = source.to_owned();
    let (begun, before) = (Instant::now(), peak());
    let outcome = std::thread::Builder::new()
        .stack_size(1024 * 1024)
        .spawn(move || {
            let now = Utc.with_ymd_and_hms(2026, 7, 6, 6, 0, 0).unwrap();
            let scope = Scope { subject: &subject, event: &Value::Null, now };
            Expression::compile(&source).and_then(|expression| expression.evaluate(&scope))
        })
        .unwrap()
        .join()
        .unwrap();
    assert!(begun.elapsed() < LONGEST, "{name} took {:?}", begun.elapsed());
    assert!(peak() - before < MOST_MEMORY, "{name} took {} KiB", peak() - before);
    outcome.err().map(|error| error.code)
}

#[test]
fn garbage_that_explodes_the_generated_parser_is_refused_at_once() {
    let motif = "!!(!!!!!!(!!!!(((((!!(!!(!!!!((";
    for count in 1..=40 {
        let source = motif.repeat(count) + "1";
        assert!(attack(&source, Value::Null).is_some(), "{count}");
    }
}

#[test]
fn deep_text_is_refused() {
    for (open, inner, close) in [
        ("(", "1", ")"),
        ("[", "1", "]"),
        ("{'a':", "1", "}"),
        ("!", "true", ""),
        ("-", "1", ""),
        ("size(", "'a'", ")"),
        ("true ? true : (", "true", ")"),
        ("[1][", "0", "]"),
        ("[1].map(x, ", "x", ")"),
        ("- -", "1", ""),
        ("true ? ", "true", " : false"),
    ] {
        let most = 4_000 / (open.len() + close.len());
        for depth in [most / 4, most / 2, most] {
            let source = format!("{}{inner}{}", open.repeat(depth), close.repeat(depth));
            let code = attack(&source, Value::Null);
            // The parser folds these away without recursion; the rest must be refused.
            let folded = matches!(open, "!" | "-" | "- -" | "(") && code.is_none();
            assert!(code.is_some() || folded, "{open} × {depth}: {code:?}");
        }
    }
}

#[test]
fn long_chains_are_refused_before_they_recurse() {
    for (start, link) in [
        ("subject", ".a"),
        ("1", "+1"),
        ("'a'", "+'a'"),
        ("subject", "[0]"),
        ("true", "&&true"),
        ("true", "||true"),
        ("1", "<1"),
        ("subject", ".f()"),
        ("'a'", ".trim()"),
        ("1", "-1"),
        ("subject", "==subject"),
    ] {
        let most = (4_000 - start.len()) / link.len();
        for length in [DEEPEST * 2, most / 2, most] {
            let source = format!("{start}{}", link.repeat(length));
            let balanced = matches!(link, "&&true" | "||true");
            let code = attack(&source, Value::Null);
            assert!(code.is_some() || balanced, "{start}{link} × {length}");
        }
    }
}

#[test]
fn doubling_by_chained_macros_is_refused() {
    for (start, link) in [
        ("[1]", ".map(x, [x, x, x, x, x, x, x, x])"),
        ("['aaaaaaaa']", ".map(x, x + x)"),
        ("[[1]]", ".map(x, x + x)"),
        ("[{'a': 1}]", ".map(x, {'a': x, 'b': x})"),
        ("subject.list", ".map(x, [x, x])"),
        ("['a,b']", ".map(x, x.replace('a', x))"),
        ("['aa']", ".map(x, x.split('').join(x))"),
        ("[[1, 1]]", ".map(x, x.map(y, x))"),
        ("[subject.list]", ".map(x, x.map(y, [x, y]))"),
    ] {
        let most = (4_000 - start.len()) / link.len();
        for length in [15, 40, most] {
            let length = length.min(most);
            let source = format!("{start}{}", link.repeat(length));
            let code = attack(&source, json!({"list": [1, 2, 3, 4, 5, 6, 7, 8]}));
            assert_eq!(code, Some(ConditionCode::TooLarge), "{start}{link} × {length}");
        }
    }
}

#[test]
fn growth_without_macros_stays_linear_in_the_text() {
    let tripled = "subject.text + subject.text + subject.text";
    let source = format!("[{}]", vec![tripled; 90].join(","));
    assert!(source.len() > 3_800);
    let code = attack(&source, json!({"text": "x".repeat(100_000)}));
    assert!(matches!(code, None | Some(ConditionCode::TooLarge)), "{code:?}");
}

#[test]
fn nested_macros_over_a_large_list_are_refused_for_that_list_only() {
    let source = "subject.list.exists(x, subject.list.exists(y, x + y == -1))";
    let list = |length: i64| json!({"list": (0..length).collect::<Vec<_>>()});
    assert_eq!(attack(source, list(100)), None);
    assert_eq!(attack(source, list(15_000)), Some(ConditionCode::TooLarge));
    assert_eq!(
        attack("[1].map(a, [1].map(b, [1].map(c, 1)))", Value::Null),
        Some(ConditionCode::TooLarge)
    );
}

#[test]
fn patterns_cannot_be_large() {
    for pattern in
        ["(a{1000}){1000}", "((a{100}){100}){100}", "\\\\w{500}", "(?:(?:(?:a?){50}){50}){50}"]
    {
        let code = attack(&format!("'aaaa'.matches('{pattern}')"), Value::Null);
        assert_eq!(code, Some(ConditionCode::TooLarge), "{pattern}");
    }
    let text = "a".repeat(200_000);
    assert_eq!(attack("subject.matches('(a*)*b')", Value::from(text)), None);
}

#[test]
fn a_huge_input_is_refused_unless_the_expression_does_not_read_it() {
    let list: Vec<_> = (0..100_000).collect();
    let subject = json!({"list": list, "status": "active"});
    let code = attack("subject.list.size() > 0", subject.clone());
    assert_eq!(code, Some(ConditionCode::TooLarge));
    assert_eq!(attack("subject.status == 'active'", subject.clone()), None);
    assert_eq!(attack("event == null", subject), None);
}

#[test]
fn a_source_has_at_most_four_kibibytes() {
    let just = format!("'{}' == ''", "x".repeat(Expression::LONGEST - 8));
    assert_eq!(just.len(), Expression::LONGEST);
    assert_eq!(attack(&just, Value::Null), None);
    assert_eq!(attack(&format!("{just} "), Value::Null), Some(ConditionCode::TooLarge));
}

#[test]
fn odd_bytes_are_an_error_and_not_a_panic() {
    for source in [
        "\0",
        "\u{feff}true",
        "'\\",
        "'\\u12'",
        "b'\\xff' == b''",
        "\"\"\"",
        "r'",
        "0x",
        "1e",
        "1e999 > 0.0",
        "9223372036854775808 > 0",
        "-9223372036854775808 < 0",
        "18446744073709551616u > 0u",
        "//",
        "a.b.c.",
        "..",
        ".subject.a == 1",
        "subject.`a`",
        "🦀",
        "'🦀'.substring(1, 0)",
        "'a'.substring(-1)",
        "'é'.substring(1)",
        "timestamp('9999-12-31T23:59:59Z') + duration('1h')",
        "timestamp(9223372036854775807)",
        "duration('9e99h')",
        "timestamp('0001-01-01T00:00:00Z').getDayOfYear()",
        "now.getHours('Mars/Base')",
        "[1][-1]",
        "[1][5]",
        "{}[0]",
        "int('x')",
        "int(1e300)",
        "uint(-1)",
        "-(-9223372036854775807 - 1)",
        "(-9223372036854775807 - 1) / -1",
        "(-9223372036854775807 - 1) % -1",
        "string(b'\\xff')",
        "{1: 1, 1: 2}",
        "has(subject)",
        "has(1)",
        "[].map(1, 2)",
        "[].map(x.y, 1)",
        "[1].map(x)",
        "optional.of(1)",
        "subject.?a",
        "[?1]",
        "int",
        "type(int) == type",
        "size()",
    ] {
        let _ = attack(source, json!({"a": 1}));
    }
}

#[test]
fn a_usual_condition_is_quick() {
    let subject = json!({
        "key": "ACC-00017", "name": "Account 17", "status": "active", "risk": "high", "due": "2026-07-01T00:00:00Z",
        "owner": "operations", "segment": "retail", "country": "US", "opened": "2020-01-01", "balance": 1200
    });
    let event = json!({"type": "schedule", "at": "2026-07-06T06:00:00Z"});
    let now = Utc.with_ymd_and_hms(2026, 7, 6, 6, 0, 0).unwrap();
    let source = "subject.status == 'active' && subject.risk in ['high', 'medium'] && timestamp(subject.due) < now";
    let condition = super::Condition::compile(source).unwrap();
    let begun = Instant::now();
    for _ in 0..10_000 {
        assert!(condition.holds(&Scope { subject: &subject, event: &event, now }).unwrap());
    }
    let each = begun.elapsed() / 10_000;
    assert!(each < Duration::from_millis(1), "{each:?}");
}
