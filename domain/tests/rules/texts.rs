//! Texts that come from outside: ids, failures, canonical JSON.

use domain::{
    canonical,
    id::{AccountId, ItemId, RunId, WorkspaceId},
    problem::{Failure, FailureKind},
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use uuid::Uuid;

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((any::<String>(), inner), 0..6)
                .prop_map(|pairs| Value::Object(Map::from_iter(pairs))),
        ]
    })
}

/// The same value with the keys of every object put in the other way round.
fn turned(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(turned).collect(),
        Value::Object(map) => {
            let pairs: Vec<_> = map.iter().map(|(key, item)| (key.clone(), turned(item))).collect();
            Value::Object(pairs.into_iter().rev().collect())
        }
        scalar => scalar.clone(),
    }
}

proptest! {
    #[test]
    fn canonical_json_is_one_line_that_means_the_same_however_it_was_put_together(value in any_json()) {
        let text = canonical::text(&value);
        prop_assert!(!text.bytes().any(|b| b < b' '));
        prop_assert_eq!(&serde_json::from_str::<Value>(&text).unwrap(), &value);
        prop_assert_eq!(canonical::text(&turned(&value)), text);
    }

    #[test]
    fn ids_sort_as_text_the_way_they_sort_in_the_database(a: u128, b: u128) {
        let [a, b] = [a, b].map(Uuid::from_u128);
        let [left, right] = [a, b].map(|id| RunId::new(id).to_string());
        prop_assert_eq!(left.cmp(&right), a.cmp(&b));
    }

    #[test]
    fn a_failure_keeps_the_first_two_thousand_characters(
        letters in prop::collection::vec(any::<char>(), 10), length in 1_990_usize..2_010,
    ) {
        let message: String = letters.into_iter().cycle().take(length).collect();
        let kept = Failure::new("code", message.clone(), FailureKind::Unknown).message;
        // Only what no database can hold is shown as something else.
        let shown = message.replace('\0', "\u{FFFD}");
        prop_assert!(shown.starts_with(&kept));
        prop_assert_eq!(kept.chars().count(), message.chars().count().min(2_000));
    }
}

#[test]
fn a_failure_is_cut_between_characters_however_many_bytes_they_have() {
    for (letter, length) in [("x", 2_000), ("é", 4_000), ("🙂", 8_000)] {
        for more in [0, 1, 500] {
            let failure = Failure::transient("code", letter.repeat(2_000 + more));
            assert_eq!(failure.message.len(), length, "{letter} and {more} more");
        }
        assert_eq!(Failure::unknown("code", letter.repeat(3)).message, letter.repeat(3));
    }
}

#[test]
fn a_failure_reads_as_code_and_message() {
    let failure = Failure::deterministic("no-module", "It is gone.");
    assert_eq!(failure.to_string(), "no-module: It is gone.");
    let stored = json!({"code": "no-module", "message": "It is gone.", "kind": "deterministic"});
    assert_eq!(serde_json::to_value(&failure).unwrap(), stored);
}

#[test]
fn an_id_is_refused_unless_it_is_written_exactly_so() {
    let id = RunId::new(Uuid::from_u128(u128::MAX)).to_string();
    assert_eq!(id, "run_7zzzzzzzzzzzzzzzzzzzzzzzzz");
    for wrong in [
        "",
        "run_",
        "RUN_7zzzzzzzzzzzzzzzzzzzzzzzzz",
        "run_7ZZZZZZZZZZZZZZZZZZZZZZZZZ",
        "run_7zzzzzzzzzzzzzzzzzzzzzzzzzz",
        "run_8zzzzzzzzzzzzzzzzzzzzzzzzz",
        "run_7zzzzzzzzzzzzzzzzzzzzzzzz",
        "run_ilouilouilouilouilouilouil",
        "run_0é00000000000000000000000",
        " run_7zzzzzzzzzzzzzzzzzzzzzzzzz",
        "itm_7zzzzzzzzzzzzzzzzzzzzzzzzz",
        "7zzzzzzzzzzzzzzzzzzzzzzzzz",
    ] {
        assert!(wrong.parse::<RunId>().is_err(), "{wrong}");
    }
}

#[test]
fn a_refused_id_says_what_was_expected_and_repeats_only_so_much() {
    let error = "x".repeat(10_000).parse::<ItemId>().unwrap_err().to_string();
    assert!(
        error.ends_with("' is no run item id; expected itm_ followed by 26 characters, or a UUID")
    );
    assert!(error.len() < 200);
    let error = "!".parse::<AccountId>().unwrap_err().to_string();
    assert!(error.starts_with("'!' is no account id;"), "{error}");
}

#[test]
fn an_id_stands_in_json_as_it_is_written() {
    let id = WorkspaceId::new(Uuid::from_u128(1));
    assert_eq!(serde_json::to_value(id).unwrap(), "wsp_00000000000000000000000001");
    assert_eq!(serde_json::from_value::<WorkspaceId>(json!(id.uuid())).unwrap(), id);
    assert!(serde_json::from_value::<WorkspaceId>(json!(1)).is_err());
}
