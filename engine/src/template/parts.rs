//! Splits a string into text and the expressions between `{{` and `}}`.

use crate::condition::Expression;

/// A piece of a string.
#[derive(Debug, Clone)]
pub(super) enum Part {
    Text(String),
    Expression(Expression),
}

/// Why a string is not a template.
pub(super) struct Fault {
    pub code: &'static str,
    pub message: String,
}

/// Text and expressions in order; neighbouring texts are one.
pub(super) fn read(text: &str) -> Result<Vec<Part>, Fault> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find("{{") {
        if open > 0 {
            parts.push(Part::Text(rest[..open].to_owned()));
        }
        let inside = &rest[open + 2..];
        let Some(close) = closing(inside) else {
            let message = "a template opens with {{ and does not close with }}".to_owned();
            return Err(Fault { code: "template-not-closed", message });
        };
        let expression = Expression::compile(inside[..close].trim())
            .map_err(|error| Fault { code: error.code.as_str(), message: error.message })?;
        parts.push(Part::Expression(expression));
        rest = &inside[close + 2..];
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.to_owned()));
    }
    Ok(parts)
}

/// Where the `}}` of an expression stands: outside its quotes and its own braces.
fn closing(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut quote, mut braces, mut at) = (None, 0_usize, 0);
    while let Some(&byte) = bytes.get(at) {
        match (quote, byte) {
            (Some(_), b'\\') => at += 1,
            (Some(open), _) if byte == open => quote = None,
            (Some(_), _) => {}
            (None, b'\'' | b'"') => quote = Some(byte),
            (None, b'{') => braces += 1,
            (None, b'}') if braces > 0 => braces -= 1,
            (None, b'}') if bytes.get(at + 1) == Some(&b'}') => return Some(at),
            (None, _) => {}
        }
        at += 1;
    }
    None
}
