//! Leaves have one form, and nothing else is one.

use ledger::{
    Leaf,
    leaf::{LeafError, MAX_LEAF, Policy},
    payload::{PayloadLine, commitment},
    text::hex,
};

use crate::support::leaf;

fn full() -> Leaf {
    let mut full = leaf(7, "item.started");
    full.attempt = Some("att_1".to_owned());
    full.request = Some("0198f2c0a1b27c3d8e4f5a6b7c8d9e0f".to_owned());
    full.trace = Some("4bf92f3577b34da6a3ce929d0e0e4736".to_owned());
    full.policy = Some(Policy { digest: "b".repeat(64), id: "aut_1".to_owned(), version: 3 });
    full.payload = Some("c".repeat(64));
    full
}

#[test]
fn a_leaf_is_one_line_of_compact_json_with_sorted_keys() {
    let line = full().to_line().unwrap();
    let keys: Vec<usize> = [
        "actor", "attempt", "object", "payload", "policy", "request", "run", "seq", "trace", "ts",
        "v\":1", "verb", "ws",
    ]
    .iter()
    .map(|key| line.find(&format!("\"{key}")).unwrap())
    .collect();
    assert!(keys.is_sorted(), "{line}");
    assert!(!line.contains([' ', '\n']));
    assert_eq!(Leaf::parse(line.as_bytes()).unwrap(), full());
    let mut by_token = full();
    by_token.actor.kind = "token".to_owned();
    by_token.actor.token = Some("tok_1".to_owned());
    assert_eq!(Leaf::parse(by_token.to_line().unwrap().as_bytes()).unwrap(), by_token);
    let small = leaf(0, "workspace.created");
    assert_eq!(Leaf::parse(small.to_line().unwrap().as_bytes()).unwrap(), small);
}

#[test]
fn the_same_content_in_any_other_spelling_is_refused() {
    let line = full().to_line().unwrap();
    for other in [
        format!(" {line}"),
        format!("{line}\n"),
        line.replace(r#""seq":7"#, r#""seq": 7"#),
        line.replace(r#""seq":7"#, r#""seq":7.0"#),
        line.replace(r#""seq":7"#, r#""seq":7,"seq":7"#),
        line.replace(r#""seq":7"#, r#""seq":9007199254740993"#),
        line.replace(r#""v":1"#, r#""v":2"#),
        line.replace(r#""v":1"#, r#""v":1,"x":1"#),
        line.replace("item.started", r"item\u002estarted"),
        line.replace("item.started", "Item started"),
        line.replace("000007Z", "000007+00:00"),
        line.replace(&"c".repeat(64), &"C".repeat(64)),
        line.replace(r#""attempt":"att_1""#, r#""attempt":null"#),
        line.replace(r#","v":1"#, ""),
        line.replace(r#","ws":"wsp_1""#, ""),
        line.replace("0198f2c0", "0198F2C0"),
    ] {
        assert_ne!(other, line);
        assert!(Leaf::parse(other.as_bytes()).is_err(), "{other}");
    }
}

#[test]
fn a_leaf_that_does_not_fit_a_tile_is_refused() {
    let mut long = full();
    long.object.id = "x".repeat(MAX_LEAF);
    assert_eq!(long.to_line(), Err(LeafError::TooLong));
}

#[test]
fn a_commitment_is_the_digest_of_label_salt_and_payload() {
    // printf 'payload/v1\n' + 32 zero bytes + '{}' | sha256sum
    let known = commitment(&[0; 32], b"{}");
    assert_eq!(hex(&known), KNOWN);
    let line = PayloadLine::new(3, &[0; 32], "{}");
    assert_eq!(line.opened(), Some(known));
    assert_eq!(PayloadLine { payload: "{ }".to_owned(), ..line.clone() }.opened(), None);
    assert_eq!(PayloadLine { salt: "1".repeat(64), ..line }.opened(), None);
}

const KNOWN: &str = "32a2dbb8f76098ade12a3cf9728d5d977211c9a44ee166744eb8e3dfdd803aca";
