//! A file of records: its limits, its digest, and the lines that cannot be used.

use std::{collections::HashMap, io};

use domain::{
    canonical,
    record::{RecordRef, check_key, check_kind},
};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::{csv, ndjson};
use crate::services::FieldError;

/// The largest file, in bytes.
pub const LARGEST_FILE: u64 = 1024 * 1024 * 1024;

/// The most records in one file.
pub const MOST_RECORDS: usize = 1_000_000;

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

/// What was found of a file beside its records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Read {
    /// Hexadecimal SHA-256 of its bytes.
    pub digest: String,
    /// Lines that cannot be used.
    pub refused: u64,
    /// The first of them, and how many there are beyond those.
    pub errors: Vec<FieldError>,
}

/// Reads a whole file, and hands out its records one by one for as long as somebody takes them. Beside
/// the record that is read only a digest of each key is kept.
pub(super) fn read(
    name: &str,
    format: RecordFormat,
    kind: Option<&str>,
    reader: impl io::Read,
    take: &mut dyn FnMut(Row) -> bool,
) -> Read {
    let mut source = Source { reader, hash: Sha256::new(), read: 0 };
    let mut lines = Lines::new(name, kind, take);
    match format {
        RecordFormat::Csv => csv::read(&mut source, &mut lines),
        RecordFormat::Ndjson => ndjson::read(&mut source, &mut lines),
    }
    let (refused, errors) = lines.finish();
    Read { digest: canonical::hex(&source.hash.finalize()), refused, errors }
}

/// Hashes what passes through, and ends it when it is too much.
struct Source<R> {
    reader: R,
    hash: Sha256,
    read: u64,
}

impl<R: io::Read> io::Read for Source<R> {
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

/// A key in few bytes. Two keys with the same are one to us; nobody comes upon such by accident.
type Seen = [u8; 12];

/// Hands on the records of a file, and collects what is wrong with its lines.
pub(super) struct Lines<'f> {
    file: &'f str,
    /// The register of lines that name none.
    kind: Option<&'f str>,
    take: &'f mut dyn FnMut(Row) -> bool,
    /// Where each record stands, to find repetitions.
    seen: HashMap<Seen, u32>,
    errors: Vec<FieldError>,
    more: usize,
    refused: u64,
    /// The last line that was refused: it can be for several reasons.
    last: u64,
}

impl<'f> Lines<'f> {
    fn new(file: &'f str, kind: Option<&'f str>, take: &'f mut dyn FnMut(Row) -> bool) -> Self {
        let (seen, errors) = Default::default();
        Self { file, kind, take, seen, errors, more: 0, refused: 0, last: 0 }
    }

    /// Notes that something is wrong on a line.
    pub fn error(&mut self, line: u64, field: &str, message: impl ToString) {
        self.refused += u64::from(self.last != line);
        self.last = line;
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
        if self.seen.len() == MOST_RECORDS {
            let message = format!("a file has at most {MOST_RECORDS} records");
            self.error(line, "", message);
            return false;
        }
        let Some(kind) = kind.or(self.kind) else {
            self.error(line, "kind", "it says no register, and none was named for the file");
            return true;
        };
        let (kind, key) = (kind.to_owned(), key.to_owned());
        self.keep(line, RecordRef { kind, key }, Value::Object(attributes))
    }

    fn keep(&mut self, line: u64, reference: RecordRef, attributes: Value) -> bool {
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
        let place = u32::try_from(line).unwrap_or(u32::MAX);
        if let Some(first) = self.seen.insert(seen(&reference), place) {
            self.error(line, "key", format!("{reference} stands on line {first} already"));
        }
        match self.errors.len() + self.more == before {
            true => (self.take)(Row { reference, attributes }),
            false => true,
        }
    }

    fn finish(mut self) -> (u64, Vec<FieldError>) {
        if self.more > 0 {
            let message = format!("{} more lines cannot be used", self.more);
            self.errors.push(FieldError::new(self.file, message));
        }
        (self.refused, self.errors)
    }
}

fn seen(RecordRef { kind, key }: &RecordRef) -> Seen {
    // No kind has a line feed.
    let digest = Sha256::digest(format!("{kind}\n{key}"));
    std::array::from_fn(|at| digest[at])
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
