//! Files made to break the reader.

use super::{
    LARGEST_FILE, read,
    tests::{MINIMAL, OneActioner, WEEKLY},
};

fn codes(text: &str) -> Vec<(&'static str, String)> {
    let errors = read("a.yaml", text, &OneActioner).expect_err("this must not be accepted");
    errors.into_iter().map(|error| (error.code, error.message)).collect()
}

fn refused(text: &str, part: &str) {
    let codes = codes(text);
    assert!(codes.iter().any(|(_, message)| message.contains(part)), "{part}: {codes:?}");
}

#[test]
fn anchors_aliases_tags_and_repeated_keys_are_refused() {
    refused("a: &a [x]\nb: *a\n", "anchors");
    refused("a: &a x\n", "anchors");
    refused("a: &a {}\n", "anchors");
    refused("a: *b\n", "");
    refused("a: !!str x\n", "tags");
    refused("a: !custom [x]\n", "tags");
    refused("a: !!binary x\n", "tags");
    refused("key: a\nkey: b\n", "'key' is there twice");
    refused("trigger: { kind: x, kind: y }\n", "'kind' is there twice");
    refused("\"key\": a\nkey: b\n", "twice");
    refused("? [a, b]\n: c\n", "plain text");
    refused("<<: { a: b }\n", "no field '<<'");
}

#[test]
fn a_laughing_file_stops_at_its_first_anchor() {
    let mut bomb = "a0: &a0 [lol, lol]\n".to_owned();
    for level in 1..100 {
        bomb += &format!("a{level}: &a{level} [*a{0}, *a{0}, *a{0}]\n", level - 1);
    }
    assert_eq!(codes(&bomb).len(), 1);
}

#[test]
fn size_depth_and_number_of_values_are_limited() {
    refused(&format!("{MINIMAL}# {}\n", "x".repeat(LARGEST_FILE)), "larger than 256 KiB");
    refused(&format!("a: {}{}\n", "[".repeat(200), "]".repeat(200)), "deep");
    refused(&format!("a: {}{}\n", "{a: ".repeat(100), "}".repeat(100)), "deep");
    let nested: String = (0..100).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    refused(&nested, "deep");
    refused(&format!("a: [{}]\n", "1,".repeat(60_000)), "values");
    refused(&"[".repeat(100_000), "");
    refused(&"- ".repeat(50_000), "");
    refused(&"{".repeat(100_000), "");
    refused(&"? ".repeat(50_000), "");
    refused(&"a:\n".repeat(50_000), "");
}

#[test]
fn a_file_without_a_definition_says_so() {
    for text in ["", "\n\n", "# only a comment\n", "---\n", "---\n---\n", "null\n", "~"] {
        refused(text, "holds no definition");
    }
    for text in ["text", "[a]", "3", "- key: a\n", "'quoted'"] {
        refused(text, "group of fields");
    }
}

#[test]
fn errors_are_limited_in_number_and_length() {
    let many: String = (0..500).map(|index| format!("field-{index}: x\n")).collect();
    assert_eq!(codes(&many).len(), 50);
    let long = format!("{}: x\n", "k".repeat(900));
    assert!(codes(&long).iter().all(|(_, message)| message.len() < 500));
    let long =
        MINIMAL.replace("incident.closed", "a").replace("governed-event", &"g".repeat(9_000));
    assert!(codes(&long).iter().all(|(_, message)| message.len() < 500));
}

#[test]
fn no_damage_to_a_file_makes_the_reader_panic() {
    let bytes = WEEKLY.as_bytes();
    let odd = b"\0\t\n\"'{}[]:-?&*!|>%@`#,\xff\xc3";
    for at in (0..bytes.len()).step_by(3) {
        let cut = String::from_utf8_lossy(&bytes[..at]).into_owned();
        let _ = read("a.yaml", &cut, &OneActioner);
        for byte in odd {
            let mut damaged = bytes.to_vec();
            damaged[at] = *byte;
            let _ = read("a.yaml", &String::from_utf8_lossy(&damaged), &OneActioner);
            damaged.insert(at, b'\n');
            let _ = read("a.yaml", &String::from_utf8_lossy(&damaged), &OneActioner);
        }
    }
}

#[test]
fn odd_text_is_an_error_and_not_a_panic() {
    for text in [
        "\u{feff}key: a",
        "key: \u{0}",
        "\t",
        "%YAML 9.9\n---\na",
        "%TAG ! x\n---\n!a b",
        "--- |\n",
        "a: >\n",
        "a: |9\n  x",
        "a: |0\n",
        "\"\\x",
        "\"\\u12\"",
        "'",
        "`",
        "@a",
        "a: b: c",
        "- a\nb",
        "{a",
        "[a",
        "}",
        "]",
        ",",
        "?",
        "-",
        ":",
        ": :",
        "!",
        "&",
        "*",
        "...\n...",
        "a: \"\\ud800\"",
        "a:\r\rb",
        "a: b\r\n c: d",
        "--- a\n--- b",
        "key: !<tag:x> a",
        "a: [b, c: d, {e}]",
        "\u{85}\u{2028}",
        "🦀: 🦀",
    ] {
        assert!(read("a.yaml", text, &OneActioner).is_err(), "{text:?}");
    }
}
