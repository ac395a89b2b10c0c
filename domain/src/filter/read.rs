//! How every filter reads the query string it is written in.

use std::{fmt::Display, str::FromStr};

use chrono::{Datelike as _, NaiveDate};

use crate::automation::is_valid_key;

/// A name or value a filter does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {message}")]
pub struct InvalidFilter {
    /// The name in the query string.
    pub name: String,
    pub message: String,
}

impl InvalidFilter {
    pub fn new(name: &str, message: &(impl ToString + ?Sized)) -> Self {
        Self { name: name.chars().take(40).collect(), message: message.to_string() }
    }

    /// A filter knows all of its names.
    pub fn unknown(name: &str) -> Self {
        Self::new(name, "there is no such filter")
    }
}

/// Lets `set` take the decoded pairs of a query string one by one. Empty values count as absent, as an
/// untouched form sends them; names in `others` belong to somebody else (a cursor, a view).
pub fn each<'a, F: Default>(
    pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    others: &[&str],
    set: impl Fn(&mut F, &str, &str) -> Result<(), InvalidFilter>,
) -> Result<F, InvalidFilter> {
    let mut filter = F::default();
    for (name, value) in pairs {
        if !others.contains(&name) && !value.is_empty() {
            set(&mut filter, name, value)?;
        }
    }
    Ok(filter)
}

/// A value that has a spelling.
pub fn value<T: FromStr<Err: Display>>(name: &str, value: &str) -> Result<T, InvalidFilter> {
    value.parse().map_err(|error| InvalidFilter::new(name, &error))
}

/// The key of a definition.
pub fn key(name: &str, value: &str) -> Result<String, InvalidFilter> {
    if is_valid_key(value) {
        return Ok(value.to_owned());
    }
    Err(InvalidFilter::new(name, "expected the key of a definition"))
}

/// A day, written the way it is printed and no other. Years at the ends leave no room for the day
/// beside them, and not every database can hold them.
pub fn day(name: &str, value: &str) -> Result<NaiveDate, InvalidFilter> {
    let day: Option<NaiveDate> = value.parse().ok();
    day.filter(|day| (1..9_999).contains(&day.year()) && day.to_string() == value)
        .ok_or_else(|| InvalidFilter::new(name, "expected a day such as 2026-09-30"))
}

/// The last day is not before the first.
pub fn check_days(from: Option<NaiveDate>, to: Option<NaiveDate>) -> Result<(), InvalidFilter> {
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        return Err(InvalidFilter::new("to", "the last day is before the first"));
    }
    Ok(())
}

/// Adds a value that may be repeated, once, and at most `most` of them.
pub fn add<T: PartialEq>(
    name: &str,
    values: &mut Vec<T>,
    value: T,
    most: usize,
) -> Result<(), InvalidFilter> {
    if values.contains(&value) {
        return Ok(());
    }
    if values.len() == most {
        return Err(InvalidFilter::new(name, &format!("at most {most} values can be chosen")));
    }
    values.push(value);
    Ok(())
}
