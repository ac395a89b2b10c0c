//! What can be wrong with an expression, in one sentence that never quotes the data it saw.

use std::fmt;

use cel::{ExecutionError, ParseErrors};

/// Stable code of a [`ConditionError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConditionCode {
    DoesNotParse,
    UnknownVariable,
    UnknownFunction,
    TooLarge,
    DoesNotEvaluate,
    NotBoolean,
}

impl ConditionCode {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DoesNotParse => "condition-does-not-parse",
            Self::UnknownVariable => "condition-unknown-variable",
            Self::UnknownFunction => "condition-unknown-function",
            Self::TooLarge => "condition-too-large",
            Self::DoesNotEvaluate => "condition-does-not-evaluate",
            Self::NotBoolean => "condition-not-boolean",
        }
    }
}

/// A place in the text of an expression; both count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub line: usize,
    pub column: usize,
}

/// Why an expression was refused or could not be evaluated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConditionError {
    pub code: ConditionCode,
    /// One sentence.
    pub message: String,
    /// Where in the expression, if the parser said.
    pub place: Option<Place>,
}

impl ConditionError {
    pub(super) fn new(code: ConditionCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), place: None }
    }

    pub(super) fn too_large(message: impl Into<String>) -> Self {
        Self::new(ConditionCode::TooLarge, message)
    }

    /// The first thing the parser complained about.
    pub(super) fn parse(errors: &ParseErrors) -> Self {
        let first = errors.errors.first();
        let said = first.map_or("it is not an expression", |error| error.msg.as_str());
        let said = said.trim_start_matches("Syntax error: ").trim_end_matches('.');
        let place = first.and_then(|error| {
            let (line, column) = error.pos;
            Some(Place { line: at_least_one(line)?, column: at_least_one(column)? })
        });
        let message = format!("the expression does not parse: {}", Short(said));
        Self { place, ..Self::new(ConditionCode::DoesNotParse, message) }
    }

    /// Words an evaluation failure without the values involved: they may be personal data.
    pub(super) fn execution(error: &ExecutionError) -> Self {
        let why = match error {
            ExecutionError::NoSuchKey(key) => {
                format!("there is no field '{}'; test it with has(…) first", Short(key))
            }
            ExecutionError::UnexpectedType { got, want } => {
                format!("a {} stands where a {} is needed", Short(got), Short(want))
            }
            ExecutionError::NoSuchOverload(overload) => format!(
                "'{}' does not work on ({})",
                operator(overload.function()),
                Short(&overload.argument_types().join(", "))
            ),
            ExecutionError::UndeclaredReference(name) => {
                format!("'{}' is not known", Short(name))
            }
            ExecutionError::InvalidArgumentCount { expected, actual } => {
                format!("a function takes {expected} arguments and was given {actual}")
            }
            ExecutionError::FunctionError { function, .. } => {
                format!("'{}' refused its arguments", Short(function))
            }
            ExecutionError::ValuesNotComparable(..) => "two values cannot be compared".to_owned(),
            ExecutionError::UnsupportedBinaryOperator(name, ..) => {
                format!("'{name}' does not work on these two kinds of value")
            }
            ExecutionError::UnsupportedIndex(..) | ExecutionError::UnsupportedKeyType(_) => {
                "a value cannot be used as an index".to_owned()
            }
            ExecutionError::DivisionByZero(_) | ExecutionError::RemainderByZero(_) => {
                "it divides by zero".to_owned()
            }
            ExecutionError::Overflow(..) => "a number or an instant leaves its range".to_owned(),
            ExecutionError::IndexOutOfBounds(_) => "a list is shorter than its index".to_owned(),
            ExecutionError::DuplicateKey(_) => "a map repeats a key".to_owned(),
            _ => "an operation is not defined for these values".to_owned(),
        };
        Self::not_evaluated(&why)
    }

    pub(super) fn not_evaluated(why: &str) -> Self {
        Self::new(
            ConditionCode::DoesNotEvaluate,
            format!("the expression does not evaluate: {why}"),
        )
    }
}

/// `_==_` as people write it.
fn operator(name: &str) -> &str {
    name.trim_start_matches('@').trim_matches('_')
}

fn at_least_one(number: isize) -> Option<usize> {
    usize::try_from(number).ok().filter(|number| *number > 0)
}

/// Cuts a foreign text to 120 characters of one line.
pub(super) struct Short<'a>(pub &'a str);

impl fmt::Display for Short<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.0.lines().next().unwrap_or_default();
        match line.char_indices().nth(120) {
            Some((end, _)) => write!(f, "{}…", &line[..end]),
            None => f.write_str(line),
        }
    }
}
