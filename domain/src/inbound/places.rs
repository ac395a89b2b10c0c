//! Places in the body of a request to an endpoint where more about its event stands: the record it is
//! about, and when it happened.

use std::{fmt, str::FromStr};

use chrono::DateTime;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Timestamp,
    record::{RecordRef, check_kind},
};

/// Larger numbers are milliseconds since 1970, smaller ones seconds.
const MILLISECONDS_FROM: f64 = 1e11;

/// A place in a JSON body (RFC 6901) that is not the body itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pointer(String);

/// Not a place in a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected /PLACE/IN/THE/BODY")]
pub struct NotAPointer;

/// Where the record that an event is about stands: its kind, and the place of its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SubjectFrom {
    pub kind: String,
    pub key: Pointer,
}

/// Not a place of a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected KIND:/PLACE/OF/ITS/KEY, such as account:/data/account")]
pub struct NotASubjectPlace;

impl Pointer {
    /// A text or a number at this place, as text.
    pub fn text(&self, body: &Value) -> Option<String> {
        match body.pointer(&self.0)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// An instant at this place: RFC 3339, or a number since 1970.
    pub fn instant(&self, body: &Value) -> Option<Timestamp> {
        match body.pointer(&self.0)? {
            Value::String(text) => Some(DateTime::parse_from_rfc3339(text).ok()?.to_utc()),
            Value::Number(number) => {
                let number = number.as_f64().filter(|number| *number >= 0.0)?;
                let scale = if number < MILLISECONDS_FROM { 1e6 } else { 1e3 };
                DateTime::from_timestamp_micros((number * scale).round() as i64)
            }
            _ => None,
        }
    }
}

impl SubjectFrom {
    /// The record that a body names; none where it names no key.
    pub fn record(&self, body: &Value) -> Option<RecordRef> {
        let key = self.key.text(body).filter(|key| !key.is_empty())?;
        Some(RecordRef { kind: self.kind.clone(), key })
    }
}

impl FromStr for Pointer {
    type Err = NotAPointer;

    fn from_str(text: &str) -> Result<Self, NotAPointer> {
        let fits = text.starts_with('/') && text.len() <= 200 && !text.contains(char::is_control);
        if fits { Ok(Self(text.to_owned())) } else { Err(NotAPointer) }
    }
}

impl FromStr for SubjectFrom {
    type Err = NotASubjectPlace;

    fn from_str(text: &str) -> Result<Self, NotASubjectPlace> {
        let (kind, key) = text.trim().split_once(':').ok_or(NotASubjectPlace)?;
        check_kind(kind).map_err(|_| NotASubjectPlace)?;
        let key = key.parse().map_err(|_| NotASubjectPlace)?;
        Ok(Self { kind: kind.to_owned(), key })
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for SubjectFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.key)
    }
}

macro_rules! as_text {
    ($($place:ident $wrong:ident;)+) => {$(
        impl TryFrom<String> for $place {
            type Error = $wrong;

            fn try_from(text: String) -> Result<Self, $wrong> {
                text.parse()
            }
        }

        impl From<$place> for String {
            fn from(place: $place) -> Self {
                place.to_string()
            }
        }
    )+};
}

as_text! {
    Pointer NotAPointer;
    SubjectFrom NotASubjectPlace;
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_subject_is_a_kind_and_the_place_of_its_key() {
        let place: SubjectFrom = "account:/data/accounts/0/id".parse().unwrap();
        assert_eq!(place.to_string(), "account:/data/accounts/0/id");
        for (id, key) in [(json!("A-1"), Some("A-1")), (json!(7), Some("7")), (json!(""), None)] {
            let body = json!({"data": {"accounts": [{"id": id}]}});
            assert_eq!(place.record(&body).map(|record| record.key).as_deref(), key);
        }
        assert_eq!(place.record(&json!({"data": "A-1"})), None);
        for wrong in ["", "account", "account:id", ":/id", "an account:/id", "account:/\u{7}x"] {
            assert_eq!(wrong.parse::<SubjectFrom>(), Err(NotASubjectPlace), "{wrong}");
        }
    }

    #[test]
    fn an_instant_is_a_text_seconds_or_milliseconds() {
        let place: Pointer = "/at".parse().unwrap();
        let at = |at: Value| place.instant(&json!({"at": at})).map(|at| at.to_rfc3339());
        let noon = Some("2026-07-01T12:00:00+00:00".to_owned());
        assert_eq!(at(json!("2026-07-01T14:00:00+02:00")), noon);
        assert_eq!(at(json!(1_782_907_200)), noon);
        assert_eq!(at(json!(1_782_907_200_000_i64)), noon);
        for wrong in [json!("noon"), json!(null), json!(-1), json!(1e300), json!([1])] {
            assert_eq!(at(wrong.clone()), None, "{wrong}");
        }
    }
}
