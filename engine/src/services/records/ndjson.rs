//! Records from newline-delimited JSON.

use std::io::{BufRead, BufReader, Read};

use serde_json::{Map, Value};

use super::file::{LARGEST_RECORD, Lines};

/// Room for a record's key, kind and white space beside its attributes, in bytes.
const MARGIN: usize = 4 * 1024;

/// Reads all lines into `lines`. Blank lines are passed over.
pub(super) fn read(source: impl Read, lines: &mut Lines<'_>) {
    let mut reader = BufReader::new(source);
    let mut bytes = Vec::new();
    for line in 1.. {
        bytes.clear();
        match read_line(&mut reader, &mut bytes) {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) => return lines.error(line, "", error),
        }
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").filter(|_| line == 1).unwrap_or(&bytes);
        if !text.trim_ascii().is_empty() && !add(line, text.trim_ascii(), lines) {
            return;
        }
    }
}

/// Reads up to and with the next line feed, but never keeps more than a record may have.
fn read_line(reader: &mut impl BufRead, bytes: &mut Vec<u8>) -> std::io::Result<usize> {
    let most = (LARGEST_RECORD + MARGIN) as u64;
    let read = reader.take(most).read_until(b'\n', bytes)?;
    if read as u64 == most && !bytes.ends_with(b"\n") {
        reader.skip_until(b'\n')?;
        // What is left is not JSON, and its length says why.
    }
    Ok(read)
}

fn add(line: u64, text: &[u8], lines: &mut Lines<'_>) -> bool {
    match parse(text) {
        Ok((kind, key, attributes)) => lines.add(line, kind.as_deref(), &key, attributes),
        Err((field, message)) => {
            lines.error(line, field, message);
            true
        }
    }
}

type Parsed = (Option<String>, String, Map<String, Value>);

fn parse(text: &[u8]) -> Result<Parsed, (&'static str, String)> {
    if text.len() > LARGEST_RECORD {
        return Err(("", format!("a record has at most {LARGEST_RECORD} bytes")));
    }
    let value: Value = serde_json::from_slice(text).map_err(|error| {
        let said = error.to_string();
        // The place within the line; its own number of the line is always 1.
        let what = said.split(" at line ").next().unwrap_or_default();
        ("", format!("it is not JSON: {what} at column {}", error.column()))
    })?;
    let Value::Object(mut attributes) = value else {
        return Err(("", "it is not a JSON object".to_owned()));
    };
    let kind = match attributes.remove("kind") {
        None => None,
        Some(Value::String(kind)) => Some(kind),
        Some(_) => return Err(("kind", "it is not a text".to_owned())),
    };
    match attributes.remove("key") {
        Some(Value::String(key)) => Ok((kind, key, attributes)),
        Some(_) => Err(("key", "it is not a text".to_owned())),
        None => Err(("key", "it is missing".to_owned())),
    }
}
