//! Records from CSV.

use std::io::Read;

use csv::{ByteRecord, ReaderBuilder, Terminator};
use serde_json::{Map, Number, Value};

use super::file::{Lines, check_name};

/// The most columns.
const MOST_COLUMNS: usize = 200;

/// Whole numbers of more digits may be identifiers, and other programs would round them.
const MOST_DIGITS: usize = 15;

/// Reads all lines into `lines`.
pub(super) fn read(source: impl Read, lines: &mut Lines<'_>) {
    let mut rows = Rows::new(source);
    let Some(header) = rows.next(lines) else {
        return lines.header_missing();
    };
    let Some(columns) = Columns::new(&header, lines) else { return };
    while let Some(row) = rows.next(lines) {
        if !columns.add(&row, lines) {
            return;
        }
    }
}

/// A row of cells, without the space around them.
struct Row {
    /// Where it begins; counts from 1.
    line: u64,
    cells: Vec<String>,
}

/// The rows of a file. Blank lines are passed over.
struct Rows<R> {
    reader: csv::Reader<R>,
}

impl<S: Read> Rows<std::io::Chain<S, &'static [u8]>> {
    fn new(source: S) -> Self {
        // With a line feed at the end of every row, and nothing else there, the place of a row can
        // be worked out; the library's own is wrong behind blank lines and carriage returns.
        let source = source.chain(b"\n".as_slice());
        let mut builder = ReaderBuilder::new();
        builder.has_headers(false).flexible(true).terminator(Terminator::Any(b'\n'));
        Self { reader: builder.from_reader(source) }
    }

    /// The next row that can be read; what cannot is noted.
    fn next(&mut self, lines: &mut Lines<'_>) -> Option<Row> {
        let mut record = ByteRecord::new();
        loop {
            match self.reader.read_byte_record(&mut record) {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => {
                    lines.error(self.reader.position().line(), "", io_message(&error));
                    return None;
                }
            }
            let feeds = record.as_slice().iter().filter(|byte| **byte == b'\n').count() as u64;
            let line = self.reader.position().line().saturating_sub(1 + feeds);
            if record.len() == 1 && record[0].trim_ascii().is_empty() {
                continue;
            }
            match cells(&record) {
                Some(cells) => return Some(Row { line, cells }),
                None => lines.error(line, "", "it is not UTF-8"),
            }
        }
    }
}

fn cells(record: &ByteRecord) -> Option<Vec<String>> {
    let cell = |bytes| std::str::from_utf8(bytes).ok().map(|text| text.trim().to_owned());
    record.iter().map(cell).collect()
}

/// Only reading itself can fail: rows of any length are allowed here.
fn io_message(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Io(error) => error.to_string(),
        _ => error.to_string(),
    }
}

/// What the header says about each column.
struct Columns<'h> {
    names: &'h [String],
    key: usize,
    kind: Option<usize>,
}

impl<'h> Columns<'h> {
    fn new(header: &'h Row, lines: &mut Lines<'_>) -> Option<Self> {
        let names = header.cells.as_slice();
        if names.len() > MOST_COLUMNS {
            lines.error(header.line, "", format!("a file has at most {MOST_COLUMNS} columns"));
            return None;
        }
        let mut sound = true;
        for (place, name) in names.iter().enumerate() {
            let fault = match check_name(name) {
                Ok(()) if names[..place].contains(name) => {
                    format!("there are two columns '{name}'")
                }
                Ok(()) => continue,
                Err(fault) => fault,
            };
            lines.error(header.line, &format!("column {}", place + 1), fault);
            sound = false;
        }
        let find = |wanted| names.iter().position(|name| name == wanted);
        let (key, kind) = (find("key"), find("kind"));
        if key.is_none() {
            lines.header_missing();
        }
        key.filter(|_| sound).map(|key| Self { names, key, kind })
    }

    /// Adds the record of a row. Answers whether there is room for more.
    fn add(&self, row: &Row, lines: &mut Lines<'_>) -> bool {
        let (has, wanted) = (row.cells.len(), self.names.len());
        if has != wanted {
            let message = format!("it has {has} cells, and the header has {wanted}");
            lines.error(row.line, "", message);
            return true;
        }
        let mut attributes = Map::new();
        for (place, (name, cell)) in self.names.iter().zip(&row.cells).enumerate() {
            if place != self.key && Some(place) != self.kind {
                attributes.extend(typed(cell).map(|value| (name.clone(), value)));
            }
        }
        let kind = self.kind.map(|place| row.cells[place].as_str()).filter(|kind| !kind.is_empty());
        lines.add(row.line, kind, &row.cells[self.key], attributes)
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
