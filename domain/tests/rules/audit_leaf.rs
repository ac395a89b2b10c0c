//! The exact bytes of a leaf: auditors hash them with stock tools, years later.

use std::sync::Arc;

use domain::{
    audit::{Draft, MAX_LEAF, Object, Verb, commitment, ends_of_places, instant},
    canonical,
    id::{MemberId, PolicyId, RunId, TokenId, WorkspaceId},
    member::{Principal, Role},
    origin::Origin,
    policy::Pin,
    token::Scopes,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::build::{at, uuid};

fn leaf(draft: &Draft, commitment: Option<&str>) -> String {
    draft.leaf(WorkspaceId::new(uuid(1)), 7, at(0), commitment, Origin::default())
}

fn from_outside() -> Origin {
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736".parse().unwrap();
    Origin { request: Some(uuid(9)), trace: Some(trace) }
}

fn cancelled() -> Draft {
    let run = RunId::new(uuid(3));
    let by = Principal::Member { id: MemberId::new(uuid(4)), role: Role::Operator };
    Draft::new(by, Verb::RunCancelled, Object::new("run", run)).in_run(run)
}

#[test]
fn a_leaf_is_this_line_and_no_other() {
    assert_eq!(
        leaf(&cancelled(), Some("c0ffee")),
        concat!(
            r#"{"actor":{"id":"mem_00000000000000000000000004","kind":"member"},"#,
            r#""object":{"id":"run_00000000000000000000000003","kind":"run"},"#,
            r#""payload":"c0ffee","#,
            r#""run":"run_00000000000000000000000003","seq":7,"#,
            r#""ts":"2026-07-06T09:00:00.000000Z","v":1,"verb":"run.cancelled","#,
            r#""ws":"wsp_00000000000000000000000001"}"#,
        )
    );
}

#[test]
fn a_leaf_names_the_token_that_was_acted_through_beside_its_member() {
    let (id, member) = (TokenId::new(uuid(5)), MemberId::new(uuid(4)));
    let (role, scopes) = (Role::Operator, Scopes::all());
    let actor = Principal::Token { id, member, role, scopes };
    let line = leaf(&Draft { actor, ..cancelled() }, None);
    let begins = concat!(
        r#"{"actor":{"id":"mem_00000000000000000000000004","kind":"token","#,
        r#""token":"tok_00000000000000000000000005"},"object""#,
    );
    assert!(line.starts_with(begins), "{line}");
}

#[test]
fn a_leaf_names_the_request_and_the_trace_it_came_with() {
    let line = cancelled().leaf(WorkspaceId::new(uuid(1)), 7, at(0), None, from_outside());
    assert_eq!(
        line,
        concat!(
            r#"{"actor":{"id":"mem_00000000000000000000000004","kind":"member"},"#,
            r#""object":{"id":"run_00000000000000000000000003","kind":"run"},"#,
            r#""request":"00000000000000000000000000000009","#,
            r#""run":"run_00000000000000000000000003","seq":7,"#,
            r#""trace":"4bf92f3577b34da6a3ce929d0e0e4736","#,
            r#""ts":"2026-07-06T09:00:00.000000Z","v":1,"verb":"run.cancelled","#,
            r#""ws":"wsp_00000000000000000000000001"}"#,
        )
    );
}

#[test]
fn a_leaf_names_the_version_of_the_policy_that_it_is_due_to() {
    let pin = Pin { policy: PolicyId::new(uuid(6)), version: 3, digest: "d1".to_owned() };
    let line = leaf(&cancelled().due_to(Arc::new(pin)), None);
    let named =
        r#""policy":{"digest":"d1","id":"pol_00000000000000000000000006","version":3},"run""#;
    assert!(line.contains(named), "{line}");
}

#[test]
fn every_verb_reads_as_a_sentence_about_something() {
    for verb in Verb::ALL {
        assert!(verb.says().matches("{}").count() <= 1, "{verb}");
        assert!(Verb::all_about(verb.about()).any(|other| other == *verb), "{verb}");
    }
}

#[test]
fn a_fact_that_is_null_is_left_out() {
    let draft = cancelled().with(json!({"before": null, "after": {"role": null}}));
    assert_eq!(draft.payload, Some(json!({"after": {"role": null}})));
}

#[test]
fn what_is_not_there_is_left_out() {
    let draft = Draft::new(Principal::System, Verb::SignedOut, Object::new("workspace", "w"));
    assert_eq!(
        leaf(&draft, None),
        concat!(
            r#"{"actor":{"kind":"system"},"#,
            r#""object":{"id":"w","kind":"workspace"},"seq":7,"#,
            r#""ts":"2026-07-06T09:00:00.000000Z","v":1,"verb":"sign-in.ended","#,
            r#""ws":"wsp_00000000000000000000000001"}"#,
        )
    );
}

#[test]
fn a_leaf_says_nothing_of_what_is_in_the_payload() {
    let secret = "Ada Example <ada@example.org>";
    let draft = cancelled().with(json!({"reason": secret}));
    assert_eq!(leaf(&draft, Some("c0ffee")), leaf(&cancelled(), Some("c0ffee")));
}

#[test]
fn an_instant_has_six_decimals_and_anything_finer_is_cut_off() {
    let finer = at(0) + chrono::Duration::nanoseconds(123_456_789);
    assert_eq!(instant(finer), "2026-07-06T09:00:00.123456Z");
}

#[test]
fn a_commitment_can_be_recomputed_with_stock_tools() {
    // printf 'payload/v1\n' ; 32 bytes of 0x01 ; printf '{}'  | sha256sum
    assert_eq!(
        commitment(&[1; 32], b"{}"),
        "04cf46db0cc2b72011f193fce6df2c5f97485e479695d094519bd5df2f1e8250"
    );
    assert_ne!(commitment(&[1; 32], b"{}"), commitment(&[2; 32], b"{}"), "the salt counts");
    assert_ne!(commitment(&[1; 32], b"{}"), commitment(&[1; 32], b"{ }"), "every byte counts");
}

#[test]
fn the_longest_ordinary_leaf_is_far_below_the_limit() {
    assert!(leaf(&cancelled(), Some(&"f".repeat(64))).len() * 50 < MAX_LEAF);
}

fn has_floats(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(items) => items.iter().any(has_floats),
        Value::Object(map) => map.values().any(has_floats),
        _ => false,
    }
}

#[test]
fn a_list_of_places_is_told_by_its_ends() {
    for (places, told) in [("7,12-15", "7 … 15"), ("3-9", "3 … 9"), ("7", "7")] {
        assert_eq!(ends_of_places(places), told);
    }
}

proptest! {
    #[test]
    fn a_leaf_is_one_line_of_canonical_json_whatever_stands_in_it(
        kind: String, id in "\\PC*|[\\x00-\\x1f\"\\\\\u{2028}\u{202e}]*", seq: i64, salt: String,
    ) {
        let draft = Draft::new(Principal::Host, Verb::EventReceived, Object::new(&kind, &id));
        let line = draft.leaf(WorkspaceId::new(uuid(1)), seq, at(0), Some(&salt), from_outside());
        prop_assert!(!line.bytes().any(|b| b < b' '), "a control character stands in {line}");
        let read: Value = serde_json::from_str(&line).unwrap();
        prop_assert_eq!(&read["object"]["id"], &Value::from(id));
        prop_assert_eq!(&read["object"]["kind"], &Value::from(kind));
        prop_assert_eq!(&read["seq"], &Value::from(seq));
        prop_assert!(!has_floats(&read));
        prop_assert_eq!(canonical::text(&read), line);
    }
}
