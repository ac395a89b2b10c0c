//! What a local actioner sees of the registers, and what it wants written.

use std::collections::HashMap;

use domain::record::{Record, RecordRef};
use serde_json::Value;

use super::Answer;

/// A record as it is to be: created if there is none, changed otherwise.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordWrite {
    pub reference: RecordRef,
    /// All attributes, not only those that change.
    pub attributes: Value,
}

impl RecordWrite {
    pub fn new(kind: &str, key: impl Into<String>, attributes: Value) -> Self {
        Self { reference: RecordRef { kind: kind.to_owned(), key: key.into() }, attributes }
    }
}

/// The records an actioner asked to look at, as they stand within the transaction.
#[derive(Debug, Clone, Default)]
pub struct Registers(HashMap<RecordRef, Record>);

impl Registers {
    pub fn get(&self, reference: &RecordRef) -> Option<&Record> {
        self.0.get(reference)
    }

    /// The record of this kind and key.
    pub fn find(&self, kind: &str, key: &str) -> Option<&Record> {
        self.get(&RecordRef { kind: kind.to_owned(), key: key.to_owned() })
    }

    /// Answers that there is nothing to do if the record exists, and with `new` otherwise.
    pub(super) fn create(&self, kind: &str, key: &str, new: impl FnOnce() -> Value) -> Answer {
        match self.find(kind, key) {
            Some(existing) => {
                let attributes = existing.attributes.clone();
                Answer::NothingToDo { record: Some(RecordWrite::new(kind, key, attributes)) }
            }
            None => Answer::Done { record: Some(RecordWrite::new(kind, key, new())) },
        }
    }

    /// Adds a record, or replaces what was known of it.
    pub fn put(&mut self, record: Record) {
        self.0.insert(record.reference(), record);
    }
}
