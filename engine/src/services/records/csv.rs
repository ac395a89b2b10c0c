//! Records from CSV.

use std::io::Read;

use csv::{ErrorKind, Reader, ReaderBuilder, StringRecord};
use serde_json::{Map, Number, Value};

use super::file::{Lines, check_name};

/// The most columns.
const MOST_COLUMNS: usize = 200;

/// Whole numbers of more digits may be identifiers, and other programs would round them.
const MOST_DIGITS: usize = 15;

/// Reads all lines into `lines`.
pub(super) fn read(source: impl Read, lines: &mut Lines<'_>) {
    let mut reader = ReaderBuilder::new().from_reader(source);
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => return refuse(lines, &error, 1),
    };
    let Some(columns) = Columns::new(&header, lines) else { return };
    read_rows(&mut reader, &columns, lines);
}

fn read_rows(reader: &mut Reader<impl Read>, columns: &Columns<'_>, lines: &mut Lines<'_>) {
    let mut record = StringRecord::new();
    loop {
        let line = reader.position().line();
        match reader.read_record(&mut record) {
            Ok(false) => return,
            Ok(true) => {
                let line = record.position().map_or(line, csv::Position::line);
                if !columns.add(line, &record, lines) {
                    return;
                }
            }
            Err(error) => {
                refuse(lines, &error, line);
                if error.is_io_error() {
                    return;
                }
            }
        }
    }
}

fn refuse(lines: &mut Lines<'_>, error: &csv::Error, line: u64) {
    let line = error.position().map_or(line, csv::Position::line);
    let message = match error.kind() {
        ErrorKind::Io(error) => error.to_string(),
        ErrorKind::Utf8 { .. } => "it is not UTF-8".to_owned(),
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("it has {len} cells, and the header has {expected_len}")
        }
        _ => "it is not CSV".to_owned(),
    };
    lines.error(line, "", message);
}

/// What the header says about each column.
struct Columns<'h> {
    names: Vec<&'h str>,
    key: usize,
    kind: Option<usize>,
}

impl<'h> Columns<'h> {
    fn new(header: &'h StringRecord, lines: &mut Lines<'_>) -> Option<Self> {
        let names: Vec<_> = header.iter().map(str::trim).collect();
        if names.len() > MOST_COLUMNS {
            lines.error(1, "", format!("a file has at most {MOST_COLUMNS} columns"));
            return None;
        }
        let mut sound = true;
        for (place, name) in names.iter().enumerate() {
            let fault = match check_name(name) {
                Ok(()) if names[..place].contains(name) => format!("there are two columns '{name}'"),
                Ok(()) => continue,
                Err(fault) => fault,
            };
            lines.error(1, &format!("column {}", place + 1), fault);
            sound = false;
        }
        let find = |wanted| names.iter().position(|name| *name == wanted);
        let (key, kind) = (find("key"), find("kind"));
        if key.is_none() {
            lines.error(1, "key", "the header has no column 'key'");
        }
        key.filter(|_| sound).map(|key| Self { names, key, kind })
    }

    fn add(&self, line: u64, record: &StringRecord, lines: &mut Lines<'_>) -> bool {
        let cell = |place: usize| record.get(place).unwrap_or_default().trim();
        let attributes: Map<_, _> = self
            .names
            .iter()
            .enumerate()
            .filter(|(place, _)| *place != self.key && Some(*place) != self.kind)
            .filter_map(|(place, name)| Some(((*name).to_owned(), typed(cell(place))?)))
            .collect();
        let kind = self.kind.map(cell).filter(|kind| !kind.is_empty());
        lines.add(line, kind, cell(self.key), attributes)
    }
}

/// The value of a cell, as [`super::RecordFormat::Csv`] says; `None` for an empty one.
fn typed(cell: &str) -> Option<Value> {
    match cell {
        "" => None,
        "true" => Some(true.into()),
        "false" => Some(false.into()),
        _ => Some(number(cell).map_or_else(|| cell.into(), Value::Number)),
    }
}

fn number(cell: &str) -> Option<Number> {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    let (whole, fraction) =
        digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let is_plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let superfluous_zero = whole.len() > 1 && whole.starts_with('0');
    if !is_plain(whole) || superfluous_zero || whole.len() > MOST_DIGITS {
        return None;
    }
    match fraction {
        None => cell.parse::<i64>().ok().map(Number::from),
        Some(fraction) if is_plain(fraction) && whole.len() + fraction.len() <= MOST_DIGITS => {
            cell.parse().ok().and_then(Number::from_f64)
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn cells_that_are_surely_numbers_or_booleans_are_typed_and_the_rest_stays_text() {
        for (cell, value) in [
            ("true", json!(true)),
            ("false", json!(false)),
            ("0", json!(0)),
            ("-7", json!(-7)),
            ("123456789012345", json!(123_456_789_012_345_i64)),
            ("12.5", json!(12.5)),
            ("-0.25", json!(-0.25)),
            ("True", json!("True")),
            ("007", json!("007")),
            ("+1", json!("+1")),
            ("1e5", json!("1e5")),
            ("1.", json!("1.")),
            (".5", json!(".5")),
            ("1.2.3", json!("1.2.3")),
            ("1,000", json!("1,000")),
            ("1234567890123456", json!("1234567890123456")),
            ("0.1234567890123456", json!("0.1234567890123456")),
            ("2026-07-01", json!("2026-07-01")),
            ("null", json!("null")),
            ("-", json!("-")),
            ("NaN", json!("NaN")),
        ] {
            assert_eq!(typed(cell), Some(value), "{cell}");
        }
        assert_eq!(typed(""), None);
    }
}
