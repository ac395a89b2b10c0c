//! One value of an exported row.

use std::borrow::Cow;

use chrono::TimeDelta;
use domain::{Timestamp, audit::instant};
use serde_json::Value;

/// A value, and whether it is a number of ours: everything else is text to a spreadsheet.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell<'a> {
    Empty,
    Text(Cow<'a, str>),
    Number(i64),
    /// In seconds, to the millisecond. Two clocks that disagree give 0.
    Length(TimeDelta),
    Flag(bool),
    Time(Timestamp),
    /// As JSON in one line.
    Json(Cow<'a, Value>),
}

impl<'a> Cell<'a> {
    pub(crate) fn text(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }

    /// An id, as it is written everywhere.
    pub(crate) fn id(id: impl ToString) -> Self {
        Self::Text(Cow::Owned(id.to_string()))
    }

    pub(crate) fn maybe<T>(value: Option<T>, cell: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Empty, cell)
    }

    /// The value as text; `None` for nothing at all.
    pub(crate) fn written(&self) -> Option<Cow<'_, str>> {
        Some(match self {
            Self::Empty => return None,
            Self::Text(text) => Cow::Borrowed(text),
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Length(length) => Cow::Owned(seconds(*length)),
            Self::Flag(flag) => Cow::Borrowed(if *flag { "true" } else { "false" }),
            Self::Time(at) => Cow::Owned(instant(*at)),
            Self::Json(value) => Cow::Owned(value.to_string()),
        })
    }

    /// Counts and lengths, which nobody outside can choose.
    pub(crate) fn is_number(&self) -> bool {
        matches!(self, Self::Number(_) | Self::Length(_))
    }
}

fn seconds(length: TimeDelta) -> String {
    let ms = length.num_milliseconds().max(0);
    format!("{}.{:03}", ms / 1_000, ms % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_in_seconds_and_never_below_nothing() {
        assert_eq!(seconds(TimeDelta::milliseconds(61_007)), "61.007");
        assert_eq!(seconds(TimeDelta::milliseconds(-5)), "0.000");
    }
}
