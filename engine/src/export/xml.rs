//! Text inside the XML of a spreadsheet.

use std::fmt::Write as _;

/// The most UTF-16 units a cell of Excel holds.
const LONGEST: usize = 32_767;

/// Says in a cell that its text was too long for one.
const CUT: &str = " … [cut here: a cell holds no more; the JSONL export has all of it]";

/// Appends text as the content of an element. What XML cannot hold is written as `_x0000_`, the way
/// spreadsheets themselves do.
pub(super) fn push(out: &mut String, text: &str) {
    let chars = text.char_indices();
    for (at, c) in chars {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '_' if is_escape(&text[at..]) => out.push_str("_x005F_"),
            '\t' | '\n' => out.push(c),
            // Not letters but never in a document either.
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c if c < ' ' => {
                // Writing to a String cannot fail.
                let _ = write!(out, "_x{:04X}_", u32::from(c));
            }
            c => out.push(c),
        }
    }
}

/// Whether the text begins with what would be read as an escaped character.
fn is_escape(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 7
        && bytes[1] == b'x'
        && bytes[6] == b'_'
        && bytes[2..6].iter().all(u8::is_ascii_hexdigit)
}

/// The text as far as a cell can hold it.
pub(super) fn fitting(text: &str) -> std::borrow::Cow<'_, str> {
    // Escapes make a character seven; nothing of ours is near the limit otherwise.
    if text.len() <= LONGEST {
        return text.into();
    }
    let room = LONGEST - CUT.encode_utf16().count();
    let mut units = 0;
    let end = text.char_indices().find(|(_, c)| {
        units += c.len_utf16();
        units > room
    });
    if text.encode_utf16().count() <= LONGEST {
        return text.into();
    }
    match end {
        Some((at, _)) => format!("{}{CUT}", &text[..at]).into(),
        None => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pushed(text: &str) -> String {
        let mut out = String::new();
        push(&mut out, text);
        out
    }

    #[test]
    fn markup_and_what_xml_cannot_hold_are_written_so_that_they_are_text() {
        assert_eq!(pushed("</t><x a=\"1\">&"), "&lt;/t&gt;&lt;x a=&quot;1&quot;&gt;&amp;");
        assert_eq!(pushed("a\u{0}b\rc\td"), "a_x0000_b_x000D_c\td");
        assert_eq!(pushed("_x0041_ _x_ \u{ffff}"), "_x005F_x0041_ _x_ \u{fffd}");
        assert_eq!(pushed("é_x00é_"), "é_x00é_");
    }

    #[test]
    fn text_too_long_for_a_cell_is_cut_and_says_so() {
        assert_eq!(fitting(&"x".repeat(LONGEST)).len(), LONGEST);
        let long = fitting(&"\u{1f600}".repeat(20_000)).into_owned();
        assert!(long.encode_utf16().count() <= LONGEST);
        assert!(long.ends_with("has all of it]"));
        assert_eq!(fitting(&"é".repeat(20_000)).chars().count(), 20_000);
    }
}
