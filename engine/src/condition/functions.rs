//! The functions an expression may call: those of CEL that are safe, and three of our own.

use std::sync::{Arc, LazyLock};

use cel::{
    DeclarationError, Env, ExecutionError, add_overload,
    common::types::{CelDuration, CelInt, CelString, CelTimestamp},
    extensions,
};
use chrono::{DateTime, Duration, FixedOffset, NaiveDate, NaiveTime, Utc};

/// Every name that may be called.
pub(super) const FUNCTIONS: &[&str] = &[
    "bool",
    "contains",
    "date",
    "day",
    "days",
    "double",
    "duration",
    "dyn",
    "endsWith",
    "getDate",
    "getDayOfMonth",
    "getDayOfWeek",
    "getDayOfYear",
    "getFullYear",
    "getHours",
    "getMilliseconds",
    "getMinutes",
    "getMonth",
    "getSeconds",
    "int",
    "join",
    "lowerAscii",
    "matches",
    "replace",
    "size",
    "split",
    "startsWith",
    "string",
    "substring",
    "timestamp",
    "trim",
    "type",
    "uint",
    "upperAscii",
];

/// How the parser names its operators.
pub(super) const OPERATORS: &[&str] = &[
    "!_",
    "-_",
    "@in",
    "@not_strictly_false",
    "_!=_",
    "_%_",
    "_&&_",
    "_*_",
    "_+_",
    "_-_",
    "_/_",
    "_<=_",
    "_<_",
    "_==_",
    "_>=_",
    "_>_",
    "_?_:_",
    "_[_]",
    "_||_",
];

/// Names of types, for `type(x) == string`.
pub(super) const TYPES: &[&str] =
    &["bool", "bytes", "double", "int", "list", "map", "null_type", "string", "uint"];

/// The longest duration `days` gives, in days: a thousand years would leave CEL's range.
const MOST_DAYS: i64 = 100_000;

/// The environment of every evaluation.
pub(super) static ENV: LazyLock<Arc<Env>> = LazyLock::new(|| {
    let mut env = Env::stdlib();
    if let Err(conflict) = declare(&mut env) {
        unreachable!("the functions of conditions have names of their own: {conflict}");
    }
    Arc::new(env)
});

fn declare(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_extension(extensions::strings)?;
    add_overload!(env, fn date: (CelString) -> Result<CelTimestamp>)?;
    add_overload!(env, fn day: (CelTimestamp) -> CelString)?;
    add_overload!(env, fn days: (CelInt) -> Result<CelDuration>)
}

/// Midnight in UTC of a date, or of the day an RFC 3339 instant falls on.
fn date(text: &CelString<'_>) -> Result<CelTimestamp, ExecutionError> {
    let text = text.inner();
    let date = match NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        Ok(date) => date,
        Err(_) => DateTime::parse_from_rfc3339(text)
            .map_err(|_| ExecutionError::function_error("date", "not a date"))?
            .with_timezone(&Utc)
            .date_naive(),
    };
    let midnight = date.and_time(NaiveTime::MIN).and_utc();
    Ok(CelTimestamp::from(DateTime::<FixedOffset>::from(midnight)))
}

/// The date of an instant in UTC, as text.
fn day(instant: &CelTimestamp) -> CelString<'static> {
    CelString::from(instant.inner().with_timezone(&Utc).format("%Y-%m-%d").to_string())
}

/// So many times 24 hours.
fn days(count: &CelInt) -> Result<CelDuration, ExecutionError> {
    let count = *count.inner();
    if count.abs() > MOST_DAYS {
        return Err(ExecutionError::function_error("days", "out of range"));
    }
    Ok(CelDuration::from(Duration::days(count)))
}
