//! Errors with their place, collected.

use std::{cell::RefCell, fmt};

use crate::services::FieldError;

/// More errors than this help nobody.
const MOST: usize = 50;

/// Where something stands in a file; both count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mark {
    pub line: usize,
    pub column: usize,
}

/// One thing that is wrong with a definition file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct DefinitionError {
    pub file: String,
    /// Counts from 1.
    pub line: usize,
    /// Counts from 1, in characters.
    pub column: usize,
    /// The field as a path, such as `action.with.due`; empty for the whole file.
    pub field: String,
    /// Stable: lower-case words joined by hyphens.
    pub code: &'static str,
    /// One sentence.
    pub message: String,
}

impl fmt::Display for DefinitionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{} ", self.file, self.line, self.column)?;
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        f.write_str(&self.message)
    }
}

impl From<DefinitionError> for FieldError {
    fn from(error: DefinitionError) -> Self {
        let DefinitionError { file, line, column, field, message, .. } = error;
        let place = format!("{file}:{line}:{column} {field}");
        Self::new(place.trim_end(), message)
    }
}

/// Collects what is wrong while reading goes on.
pub(super) struct Report<'f> {
    file: &'f str,
    errors: RefCell<Vec<DefinitionError>>,
}

impl<'f> Report<'f> {
    pub(super) fn new(file: &'f str) -> Self {
        Self { file, errors: RefCell::default() }
    }

    pub(super) fn add(
        &self,
        at: Mark,
        field: &str,
        code: &'static str,
        message: impl Into<String>,
    ) {
        let mut errors = self.errors.borrow_mut();
        if errors.len() < MOST {
            errors.push(DefinitionError {
                file: self.file.to_owned(),
                line: at.line,
                column: at.column,
                field: field.to_owned(),
                code,
                message: message.into(),
            });
        }
    }

    /// How many errors there are so far.
    pub(super) fn count(&self) -> usize {
        self.errors.borrow().len()
    }

    /// `value` if nothing was wrong, else all errors in the order of the file.
    pub(super) fn finish<T>(self, value: T) -> Result<T, Vec<DefinitionError>> {
        let mut errors = self.errors.into_inner();
        if errors.is_empty() {
            return Ok(value);
        }
        errors.sort_by_key(|error| (error.line, error.column));
        Err(errors)
    }
}
