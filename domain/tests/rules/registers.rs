//! Kinds, keys, slugs, and the names of registers.

use domain::{
    automation::is_valid_key,
    filter::encode,
    member::is_valid_slug,
    record::{check_key, check_kind, register_title},
};
use proptest::prelude::*;

#[test]
fn a_register_is_called_by_the_plural_of_its_kind() {
    for (kind, title) in [
        ("account", "Accounts"),
        ("rule-change", "Rule changes"),
        ("policy", "Policies"),
        ("day", "Days"),
        ("address", "Address"),
        ("y", "Ys"),
        ("", "s"),
        ("-", " s"),
        ("é", "és"),
    ] {
        assert_eq!(register_title(kind), title, "{kind}");
    }
}

proptest! {
    #[test]
    fn any_kind_makes_a_title(kind: String) {
        let title = register_title(&kind);
        prop_assert!(!title.is_empty() && !title.contains('-'));
    }

    #[test]
    fn a_key_that_is_taken_stays_one_segment_of_a_path(key in "\\PC{0,130}") {
        if check_key(&key).is_ok() {
            let segment = encode(&key);
            prop_assert!(!segment.is_empty() && !segment.contains('/'));
            prop_assert!(segment != "." && segment != "..");
            prop_assert!(!key.chars().any(char::is_control));
        }
    }

    #[test]
    fn a_kind_a_key_of_a_definition_and_a_slug_need_no_encoding(text in "\\PC{0,70}|[a-z0-9-]{0,70}") {
        if check_kind(&text).is_ok() || is_valid_key(&text) || is_valid_slug(&text) {
            prop_assert_eq!(encode(&text), text);
        }
    }
}

#[test]
fn names_have_their_lengths() {
    for (length, kind, key, slug) in [
        (0, false, false, false),
        (1, true, false, false),
        (2, true, true, true),
        (40, true, true, true),
        (41, true, true, false),
        (60, true, true, false),
        (61, false, false, false),
    ] {
        let name = "k".repeat(length);
        let found = (check_kind(&name).is_ok(), is_valid_key(&name), is_valid_slug(&name));
        assert_eq!(found, (kind, key, slug), "{length}");
    }
    assert!(check_key(&"é".repeat(120)).is_ok() && check_key(&"é".repeat(121)).is_err());
}

#[test]
fn a_name_has_no_hyphen_where_it_looks_like_a_mistake() {
    assert!(!is_valid_key("kyc-") && !is_valid_key("-kyc"));
    assert!(!is_valid_slug("north-") && !is_valid_slug("-north"));
    assert!(is_valid_slug("north-1") && is_valid_slug("1-north"));
}
