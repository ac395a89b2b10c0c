//! JSON to CEL and back. Text is borrowed; numbers, times and structure are not.

use std::collections::HashMap;

use cel::{
    Value as CelValue,
    common::{
        types::{
            CelBool, CelDouble, CelInt, CelList, CelMap, CelMapKey, CelNull, CelString, CelUInt,
        },
        value::Val,
    },
    objects::Key,
};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Number, Value};

use super::{check::Use, error::ConditionError, estimate::Size};

/// The part of `value` that is read, with its size.
pub(super) fn to_cel<'v>(value: &'v Value, used: &Use) -> (Box<dyn Val + 'v>, Size) {
    let mut size = Size::default();
    let val = match (value, used) {
        (_, Use::Fields(fields)) if fields.is_empty() => Box::new(CelNull),
        (Value::Object(map), Use::Fields(fields)) => {
            object(fields.iter().filter_map(|field| map.get_key_value(field)), &mut size)
        }
        _ => any(value, &mut size),
    };
    (val, size)
}

fn any<'v>(value: &'v Value, size: &mut Size) -> Box<dyn Val + 'v> {
    size.nodes += 1;
    match value {
        Value::Null => Box::new(CelNull),
        Value::Bool(truth) => Box::new(CelBool::from(*truth)),
        Value::Number(number) => number_of(number),
        Value::String(text) => {
            size.bytes += text.len() as u64;
            Box::new(CelString::from(text.as_str()))
        }
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| any(item, size)).collect();
            Box::new(CelList::from(items))
        }
        Value::Object(map) => object(map.iter(), size),
    }
}

fn object<'v>(
    entries: impl Iterator<Item = (&'v String, &'v Value)>,
    size: &mut Size,
) -> Box<dyn Val + 'v> {
    let entries: HashMap<CelMapKey<'v>, Box<dyn Val + 'v>> = entries
        .map(|(key, value)| {
            size.nodes += 1;
            size.bytes += key.len() as u64;
            (CelMapKey::String(CelString::from(key.as_str())), any(value, size))
        })
        .collect();
    Box::new(CelMap::from(entries))
}

fn number_of<'v>(number: &Number) -> Box<dyn Val + 'v> {
    if let Some(integer) = number.as_i64() {
        Box::new(CelInt::from(integer))
    } else if let Some(integer) = number.as_u64() {
        Box::new(CelUInt::from(integer))
    } else {
        Box::new(CelDouble::from(number.as_f64().unwrap_or(f64::NAN)))
    }
}

/// Instants become RFC 3339 text in UTC, durations the text CEL's `string` gives (`3600s`).
pub(super) fn to_json(value: &CelValue) -> Result<Value, ConditionError> {
    Ok(match value {
        CelValue::Null => Value::Null,
        CelValue::Bool(truth) => Value::Bool(*truth),
        CelValue::Int(integer) => Value::from(*integer),
        CelValue::UInt(integer) => Value::from(*integer),
        CelValue::Float(float) => Number::from_f64(*float)
            .map(Value::Number)
            .ok_or_else(|| ConditionError::not_evaluated("a number is not finite"))?,
        CelValue::String(text) => Value::from(text.as_str()),
        CelValue::Timestamp(instant) => Value::from(instant_text(&instant.with_timezone(&Utc))),
        CelValue::Duration(duration) => Value::from(duration_text(duration)),
        CelValue::List(items) => Value::Array(items.iter().map(to_json).collect::<Result<_, _>>()?),
        CelValue::Map(map) => Value::Object(
            map.map
                .iter()
                .map(|(key, value)| Ok((key_text(key), to_json(value)?)))
                .collect::<Result<Map<_, _>, ConditionError>>()?,
        ),
        _ => {
            return Err(ConditionError::not_evaluated("its result cannot be written as JSON"));
        }
    })
}

fn instant_text(instant: &DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

fn duration_text(duration: &chrono::Duration) -> String {
    let (seconds, nanos) = (duration.num_seconds(), duration.subsec_nanos().unsigned_abs());
    let sign = if seconds < 0 || duration.subsec_nanos() < 0 { "-" } else { "" };
    let fraction = match nanos {
        0 => String::new(),
        _ => format!(".{nanos:09}").trim_end_matches('0').to_owned(),
    };
    format!("{sign}{}{fraction}s", seconds.unsigned_abs())
}

fn key_text(key: &Key) -> String {
    match key {
        Key::Int(integer) => integer.to_string(),
        Key::Uint(integer) => integer.to_string(),
        Key::Bool(truth) => truth.to_string(),
        Key::String(text) => text.as_str().to_owned(),
    }
}
