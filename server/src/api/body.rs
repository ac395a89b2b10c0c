//! Bodies in JSON: what cannot be read is named by its pointer.

use axum::{
    body::{Bytes, to_bytes},
    extract::{FromRequest, Request},
};
use http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_path_to_error::{Path, Segment};

use super::problem::Problem;
use crate::web::{body::LIMIT, state::AppState};

/// A body, read as JSON. Unknown fields are for `T` to refuse.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<AppState> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &AppState) -> Result<Self, Problem> {
        if media_type(request.headers()) != "application/json" {
            return Err(unsupported("application/json"));
        }
        read(&to_bytes(request.into_body(), LIMIT).await.map_err(|_| Problem::too_large(LIMIT))?)
            .map(Self)
    }
}

/// A body as it was sent, with its type: for what is not JSON.
#[derive(Debug)]
pub struct Raw {
    /// In lower case, without parameters; empty where none was named.
    pub media_type: String,
    pub bytes: Bytes,
}

impl FromRequest<AppState> for Raw {
    type Rejection = Problem;

    /// Whatever is too large was refused before, with the limit of the operation.
    async fn from_request(request: Request, _: &AppState) -> Result<Self, Problem> {
        let media_type = media_type(request.headers());
        let bytes = to_bytes(request.into_body(), usize::MAX).await;
        Ok(Self { media_type, bytes: bytes.map_err(|_| Problem::body("#", "it broke off"))? })
    }
}

impl Raw {
    pub fn text(&self) -> Result<&str, Problem> {
        std::str::from_utf8(&self.bytes).map_err(|error| Problem::body("#", error))
    }
}

/// The media type of a body, in lower case and without parameters.
pub fn media_type(headers: &HeaderMap) -> String {
    let named = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let plain = named.and_then(|kind| kind.split(';').next()).unwrap_or_default();
    plain.trim().to_ascii_lowercase()
}

pub fn unsupported(expected: &str) -> Problem {
    let detail = format!("Send the body as {expected}.");
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", detail)
}

/// Reads JSON, or says which place of it cannot be used.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| Problem::body(&pointer(error.path()), error.inner()))?;
    reader.end().map_err(|error| Problem::body("#", error))?;
    Ok(value)
}

/// The place of an error, by RFC 6901, in a fragment.
fn pointer(path: &Path) -> String {
    let mut pointer = "#".to_owned();
    for segment in path {
        let part = match segment {
            Segment::Seq { index } => index.to_string(),
            Segment::Map { key } => key.replace('~', "~0").replace('/', "~1"),
            Segment::Enum { variant } => variant.clone(),
            Segment::Unknown => continue,
        };
        pointer.push('/');
        pointer.push_str(&domain::filter::encode(&part).replace("%7E", "~"));
    }
    pointer
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sent {
        #[expect(dead_code, reason = "it is only read")]
        items: Vec<i64>,
    }

    #[test]
    fn what_cannot_be_read_is_named_by_its_pointer() {
        let at = |text: &str| {
            read::<Sent>(text.as_bytes()).unwrap_err().errors.remove(0).pointer.unwrap()
        };
        assert_eq!(at(r#"{"items": [1, "x"]}"#), "#/items/1");
        assert_eq!(at(r#"{"items": [], "more": 1}"#), "#/more");
        assert_eq!(at("{"), "#");
        assert_eq!(at(r#"{"items": []} x"#), "#");
    }
}
