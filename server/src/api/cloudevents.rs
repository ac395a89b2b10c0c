//! CloudEvents 1.0 over HTTP: binary, structured and batched.
//!
//! | attribute | becomes |
//! |---|---|
//! | `source`, `id`, `type` | the same; source and id make the event the one it is |
//! | `time` | when it happened; when it was first told, where it is missing |
//! | `subject` | the record it is about, where it reads `kind/key` |
//! | `assizekind` | the kind of trigger event; `governed-event` where it is missing |
//! | `traceparent` | the trace, where the request names none itself |
//! | data | the payload; what is no JSON object stands in it as `data` or `data_base64` |

use axum::{
    Json,
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{
    Timestamp,
    origin::{Origin, TraceId},
    record::{RecordRef, check_key, check_kind},
};
use engine::{origin, services::NewEvent};
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};

use super::{
    asked::{Asked, Listed},
    body::{Raw, media_type, read},
    events::{Received, USUAL_KIND, take_in},
    problem::{At, Problem},
};

pub const STRUCTURED: &str = "application/cloudevents+json";
pub const BATCH: &str = "application/cloudevents-batch+json";

/// The most events of a batch.
const LARGEST_BATCH: usize = 500;

/// What the attributes of an event in binary mode begin with.
const HEADER: &str = "ce-";

/// Whether a request carries CloudEvents.
pub fn is_one(headers: &HeaderMap, media_type: &str) -> bool {
    media_type.starts_with("application/cloudevents") || headers.contains_key("ce-specversion")
}

/// Takes in the event or the events of a request.
pub async fn receive(asked: &Asked, headers: &HeaderMap, body: &Raw) -> Result<Response, Problem> {
    match body.media_type.as_str() {
        BATCH => batch(asked, body).await,
        STRUCTURED => single(asked, Event::structured(read(&body.bytes)?, "#")?).await,
        other if other.starts_with("application/cloudevents") => {
            Err(super::body::unsupported("CloudEvents in JSON"))
        }
        _ => single(asked, Event::binary(headers, &body.bytes)?).await,
    }
}

async fn single(asked: &Asked, event: Event) -> Result<Response, Problem> {
    let received = event.take_in(asked).await?;
    let status = if received.is_duplicate() { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(received)).into_response())
}

/// Nothing is taken in unless all of them can be read. What a service refuses is named by its place; all
/// others are taken in, and sending the batch again does nothing twice.
async fn batch(asked: &Asked, body: &Raw) -> Result<Response, Problem> {
    let events: Vec<Value> = read(&body.bytes)?;
    if events.len() > LARGEST_BATCH {
        let detail = format!("a batch has at most {LARGEST_BATCH} events");
        return Err(Problem::body("#", detail));
    }
    let read = |(n, event)| Event::structured(event, &format!("#/{n}"));
    let events = events.into_iter().enumerate().map(read).collect::<Result<Vec<_>, _>>()?;
    let (mut received, mut refused): (Vec<Received>, Option<Problem>) = (Vec::new(), None);
    for (n, event) in events.into_iter().enumerate() {
        match event.take_in(asked).await {
            Ok(one) => received.push(one),
            Err(problem) if problem.status.is_server_error() => return Err(problem),
            Err(problem) => {
                let at = problem.errors.first().and_then(|at| at.pointer.as_deref());
                let pointer = format!("#/{n}{}", at.unwrap_or("#").trim_start_matches('#'));
                let detail = problem.detail.clone();
                let at = At { pointer: Some(pointer), parameter: None, detail };
                refused.get_or_insert(Problem { errors: Vec::new(), ..problem }).errors.push(at);
            }
        }
    }
    match refused {
        Some(problem) => Err(problem),
        None => Ok(Json(Listed::<Received>::whole(received)).into_response()),
    }
}

/// An event as it was sent.
#[derive(Debug)]
struct Event {
    attributes: Map<String, Value>,
    payload: Value,
    /// Where it stands in the body.
    at: String,
}

impl Event {
    fn structured(event: Value, at: &str) -> Result<Self, Problem> {
        let Value::Object(mut attributes) = event else {
            return Err(Problem::body(at, "an event is a JSON object"));
        };
        let (data, encoded) = (attributes.remove("data"), attributes.remove("data_base64"));
        let payload = match (data, encoded) {
            (Some(_), Some(_)) => {
                return Err(Problem::body(at, "it has both data and data_base64"));
            }
            (Some(data), None) => in_object("data", data),
            (None, Some(encoded)) => in_object("data_base64", encoded),
            (None, None) => json!({}),
        };
        Ok(Self { attributes, payload, at: at.to_owned() })
    }

    fn binary(headers: &HeaderMap, body: &[u8]) -> Result<Self, Problem> {
        let mut attributes = Map::new();
        for (name, value) in headers {
            let Some(attribute) = name.as_str().strip_prefix(HEADER) else { continue };
            let text = percent_decoded(value.as_bytes());
            let text =
                text.ok_or_else(|| Problem::parameter(name.as_str(), "it cannot be read"))?;
            attributes.insert(attribute.to_owned(), text.into());
        }
        let kind = media_type(headers);
        let is_json = kind.is_empty() || kind.ends_with("/json") || kind.ends_with("+json");
        let payload = match std::str::from_utf8(body) {
            _ if body.is_empty() => json!({}),
            _ if is_json => in_object("data", read(body)?),
            Ok(text) => json!({"data": text}),
            Err(_) => json!({"data_base64": STANDARD.encode(body)}),
        };
        Ok(Self { attributes, payload, at: String::new() })
    }

    fn wrong(&self, attribute: &str, detail: impl ToString) -> Problem {
        match self.at.as_str() {
            "" => Problem::parameter(&format!("{HEADER}{attribute}"), detail),
            at => Problem::body(&format!("{at}/{attribute}"), detail),
        }
    }

    /// An attribute as text; an empty one counts as absent.
    fn text(&self, attribute: &str) -> Result<Option<&str>, Problem> {
        match self.attributes.get(attribute) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
            Some(_) => Err(self.wrong(attribute, "expected a text")),
        }
    }

    fn needed(&self, attribute: &str) -> Result<String, Problem> {
        let text = self.text(attribute)?.map(str::to_owned);
        text.ok_or_else(|| self.wrong(attribute, "every CloudEvent has it"))
    }

    async fn take_in(self, asked: &Asked) -> Result<Received, Problem> {
        if self.needed("specversion")? != "1.0" {
            return Err(self.wrong("specversion", "expected 1.0"));
        }
        let time: Option<Timestamp> = match self.text("time")? {
            Some(time) => Some(time.parse().map_err(|error| self.wrong("time", error))?),
            None => None,
        };
        let kind = match self.text("assizekind")? {
            Some(kind) => kind.parse().map_err(|error| self.wrong("assizekind", error))?,
            None => USUAL_KIND,
        };
        let event = NewEvent {
            kind,
            source: self.needed("source")?,
            external_id: self.needed("id")?,
            event_type: self.needed("type")?,
            subject: self.text("subject")?.and_then(record),
            occurred_at: asked.services().clock().now(),
            payload: self.payload.clone(),
        };
        let named = self.text("traceparent")?.and_then(TraceId::from_traceparent);
        let current = origin::current();
        let origin = Origin { trace: current.trace.or(named), ..current };
        origin::within(origin, take_in(asked, event, time)).await
    }
}

/// `account/ACC-0042`
fn record(subject: &str) -> Option<RecordRef> {
    let (kind, key) = subject.split_once('/')?;
    let known = check_kind(kind).is_ok() && check_key(key).is_ok();
    known.then(|| RecordRef { kind: kind.to_owned(), key: key.to_owned() })
}

/// Payloads are objects.
fn in_object(name: &str, data: Value) -> Value {
    if data.is_object() { data } else { json!({name: data}) }
}

/// Headers carry what is not ASCII percent-encoded; some senders leave it as it is.
fn percent_decoded(text: &[u8]) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, after)) = rest.split_first() {
        let encoded = after.get(..2).filter(|_| first == b'%');
        let digits = encoded.and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_percent_decoded() {
        let read = |text: &str| percent_decoded(text.as_bytes());
        assert_eq!(read("Euro%20%E2%82%AC%20%F0%9F%98%80").unwrap(), "Euro € 😀");
        assert_eq!(read("Euro €, 100%, %zz").unwrap(), "Euro €, 100%, %zz");
        assert_eq!(read("%ff"), None);
    }

    #[test]
    fn a_subject_that_reads_kind_and_key_is_a_record() {
        assert_eq!(record("account/ACC-1").unwrap().key, "ACC-1");
        for other in ["account", "Some Thing/1", "account/", "a/b/c"] {
            assert_eq!(record(other), None, "{other}");
        }
    }
}
