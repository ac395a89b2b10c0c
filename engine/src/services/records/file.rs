//! A file of records: its limits, its digest, and the lines that cannot be used.

use std::{
    collections::HashMap,
    io::{self, Read},
};

use domain::{
    canonical,
    record::{RecordRef, check_key, check_kind},
};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::{csv, ndjson};
use crate::services::FieldError;

/// The largest file, in bytes.
pub const LARGEST_FILE: u64 = 64 * 1024 * 1024;

/// The most records in one file.
pub const MOST_RECORDS: usize = 200_000;

/// The largest record: its attributes as compact JSON, in bytes.
pub const LARGEST_RECORD: usize = 64 * 1024;

/// The longest name of an attribute, in characters.
const LONGEST_NAME: usize = 100;

/// More line errors than this help nobody.
const MOST_ERRORS: usize = 50;

/// How a file of records is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordFormat {
    /// A header line with a column `key`; other columns become attributes.
    ///
    /// `true` and `false` become booleans. Whole numbers of up to 15 digits and decimals without an
    /// exponent become numbers, unless they begin with a superfluous zero or a plus sign (`007` is
    /// a text). An empty cell leaves its attribute out. Everything else stays the text it is.
    Csv,
    /// A JSON object a line with a field `key`; other fields become attributes as they are.
    Ndjson,
}

impl RecordFormat {
    /// By the ending of a file's name.
    pub fn of_file(name: &str) -> Option<Self> {
        let (_, ending) = name.rsplit_once('.')?;
        match ending.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            _ => None,
        }
    }
}

/// One record of a file.
#[derive(Debug)]
pub(super) struct Row {
    pub reference: RecordRef,
    /// A JSON object.
    pub attributes: Value,
}

/// Everything a file says.
#[derive(Debug)]
pub(super) struct Contents {
    pub rows: Vec<Row>,
    /// Hexadecimal SHA-256 of its bytes.
    pub digest: String,
}

/// Reads a whole file, or says which of its lines cannot be used.
pub(super) fn read(
    name: &str,
    format: RecordFormat,
    kind: Option<&str>,
    reader: impl Read,
) -> Result<Contents, Vec<FieldError>> {
    let mut source = Source { reader, hash: Sha256::new(), read: 0 };
    let mut lines = Lines::new(name, kind);
    match format {
        RecordFormat::Csv => csv::read(&mut source, &mut lines),
        RecordFormat::Ndjson => ndjson::read(&mut source, &mut lines),
    }
    let rows = lines.finish()?;
    Ok(Contents { rows, digest: canonical::hex(&source.hash.finalize()) })
}

/// Hashes what passes through, and ends it when it is too much.
struct Source<R> {
    reader: R,
    hash: Sha256,
    read: u64,
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.hash.update(&buffer[..count]);
        self.read += count as u64;
        if self.read > LARGEST_FILE {
            let message = format!("the file is larger than {LARGEST_FILE} bytes");
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
        }
        Ok(count)
    }
}

/// Collects the records of a file and what is wrong with its lines.
pub(super) struct Lines<'f> {
    file: &'f str,
    /// The register of lines that name none.
    kind: Option<&'f str>,
    rows: Vec<Row>,
    /// Where each record stands, to find repetitions.
    seen: HashMap<RecordRef, u64>,
    errors: Vec<FieldError>,
    more: usize,
}

impl<'f> Lines<'f> {
    fn new(file: &'f str, kind: Option<&'f str>) -> Self {
        let (rows, seen, errors) = Default::default();
        Self { file, kind, rows, seen, errors, more: 0 }
    }

    /// Notes that something is wrong on a line.
    pub fn error(&mut self, line: u64, field: &str, message: impl ToString) {
        if self.errors.len() == MOST_ERRORS {
            self.more += 1;
            return;
        }
        let place = match field {
            "" => format!("{}:{line}", self.file),
            _ => format!("{}:{line} {field}", self.file),
        };
        self.errors.push(FieldError::new(place, message));
    }

    /// Notes that the file does not say which column is the key.
    pub fn header_missing(&mut self) {
        self.error(1, "key", "the header has no column 'key'");
    }

    /// Adds the record of a line. Answers whether there is room for more.
    pub fn add(
        &mut self,
        line: u64,
        kind: Option<&str>,
        key: &str,
        attributes: Map<String, Value>,
    ) -> bool {
        if self.rows.len() == MOST_RECORDS {
            let message = format!("a file has at most {MOST_RECORDS} records");
            self.error(line, "", message);
            return false;
        }
        let Some(kind) = kind.or(self.kind) else {
            self.error(line, "kind", "it says no register, and none was named for the file");
            return true;
        };
        let (kind, key) = (kind.to_owned(), key.to_owned());
        self.keep(line, RecordRef { kind, key }, Value::Object(attributes));
        true
    }

    fn keep(&mut self, line: u64, reference: RecordRef, attributes: Value) {
        let before = self.errors.len() + self.more;
        if let Err(error) = check_kind(&reference.kind) {
            self.error(line, "kind", error);
        }
        if let Err(error) = check_key(&reference.key) {
            self.error(line, "key", error);
        }
        for name in attributes.as_object().into_iter().flat_map(Map::keys) {
            if let Err(error) = check_name(name) {
                self.error(line, "", error);
            }
        }
        if canonical::text(&attributes).len() > LARGEST_RECORD {
            let message = format!("a record has at most {LARGEST_RECORD} bytes");
            self.error(line, "", message);
        }
        if let Some(first) = self.seen.insert(reference.clone(), line) {
            self.error(line, "key", format!("{reference} stands on line {first} already"));
        }
        if self.errors.len() + self.more == before {
            self.rows.push(Row { reference, attributes });
        }
    }

    fn finish(mut self) -> Result<Vec<Row>, Vec<FieldError>> {
        if self.errors.is_empty() {
            return Ok(self.rows);
        }
        if self.more > 0 {
            let message = format!("{} more lines cannot be used", self.more);
            self.errors.push(FieldError::new(self.file, message));
        }
        Err(self.errors)
    }
}

/// Checks the name of an attribute.
pub(super) fn check_name(name: &str) -> Result<(), String> {
    let valid = (1..=LONGEST_NAME).contains(&name.chars().count())
        && !name.chars().any(char::is_control)
        && name.trim() == name;
    if valid {
        return Ok(());
    }
    let shown: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
    Err(format!(
        "'{shown}' cannot be the name of an attribute: 1 to {LONGEST_NAME} characters, no control \
         characters, no space around it"
    ))
}
