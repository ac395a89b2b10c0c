//! `Idempotency-Key`: a write that is sent again is not done again, and gets the same answer.
//!
//! Everything between taking the key and keeping the answer happens in a task of its own: a client that
//! goes away cannot leave a key without an answer. What a crash in between leads to is for
//! [`engine::services::KeyStanding`] to say.

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::Request,
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use domain::{
    canonical,
    member::Principal,
    permission::{Permission, require},
};
use engine::{
    once::{self, Claim},
    origin,
    services::{KeyStanding, KeyedRequest, ServiceError, Services},
    store::Answer,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts};
use tracing::Instrument as _;

use super::{access::Access, body::media_type, errors::written, problem::Problem, spool::Spooled};
use crate::web::request_id::RequestId;

pub const HEADER: HeaderName = HeaderName::from_static("idempotency-key");

/// Marks an answer that was given before.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// The longest key, in characters.
const LONGEST: usize = 255;

/// What is remembered in place of a body that holds a secret.
#[derive(Debug, Clone)]
pub struct Kept(pub String);

/// How the body of a write is taken.
#[derive(Debug, Clone, Copy)]
pub struct Taking {
    /// The most bytes.
    pub limit: usize,
    /// In a file; then only from those who may do it.
    pub spooled: Option<Permission>,
}

/// Carries out a write once for each key.
pub async fn guard(
    taking: Taking,
    required: bool,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let key = key(request.headers())?;
    let access = request.extensions().get::<Access>().cloned();
    let access = access.ok_or_else(|| Problem::internal("a write without access"))?;
    let (mut parts, body) = request.into_parts();
    let (body, digest) = match taking.spooled {
        Some(permission) => {
            require(access.caller.principal, permission).map_err(ServiceError::from)?;
            let spooled = Spooled::of(body, taking.limit).await?;
            let digest = digest(&parts, spooled.digest().as_bytes());
            parts.extensions.insert(spooled);
            (Bytes::new(), digest)
        }
        None => {
            let body = to_bytes(body, taking.limit).await;
            let body = body.map_err(|_| Problem::too_large(taking.limit))?;
            let digest = digest(&parts, &body);
            (body, digest)
        }
    };
    let request_id = parts.extensions.get::<RequestId>().map(|RequestId(id)| id.clone());
    let request = Request::from_parts(parts, Body::from(body));
    // The host's own command line sends nothing twice.
    let required = required && !matches!(access.caller.principal, Principal::Host);
    let Some(key) = key else {
        return if required { Err(missing()) } else { Ok(next.run(request).await) };
    };
    let (workspace, principal) = (access.caller.workspace, access.caller.principal);
    let keyed = KeyedRequest { workspace, principal, key, digest };
    let (services, origin) = (access.services, origin::current());
    let run = claimed(services, keyed, request, next, request_id.unwrap_or_default());
    let task = tokio::spawn(origin::within(origin, run).in_current_span());
    task.await.map_err(Problem::internal)?
}

/// Takes the key, and does what is to be done about a request that has it.
async fn claimed(
    services: Services,
    keyed: KeyedRequest,
    request: Request,
    next: Next,
    request_id: String,
) -> Result<Response, Problem> {
    match services.claim_key(keyed).await? {
        KeyStanding::Mine(claim) => carry_out(services, claim, request, next, request_id).await,
        KeyStanding::Answered(answer) => replayed(answer),
        KeyStanding::InFlight => Err(in_flight()),
        KeyStanding::OtherRequest => Err(other_request()),
        KeyStanding::AnswerLost => Err(answer_lost()),
    }
}

async fn carry_out(
    services: Services,
    claim: Claim,
    request: Request,
    next: Next,
    request_id: String,
) -> Result<Response, Problem> {
    let response = once::within(claim.clone(), next.run(request)).await;
    if response.status().is_server_error() {
        services.release_key(claim).await?;
        return Ok(response);
    }
    let (parts, body) = written(response, &request_id).into_parts();
    let bytes = to_bytes(body, usize::MAX).await.map_err(Problem::internal)?;
    let kept = parts.extensions.get::<Kept>().map(|Kept(kept)| kept.clone());
    let text = |name| parts.headers.get(name)?.to_str().ok().map(str::to_owned);
    let answer = Answer {
        status: parts.status.as_u16(),
        content_type: text(header::CONTENT_TYPE),
        location: text(header::LOCATION),
        body: kept.unwrap_or_else(|| String::from_utf8_lossy(&bytes).into_owned()),
    };
    services.keep_answer(claim, answer).await?;
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

/// A structured-field string by the IETF's draft; a bare word is taken as one.
fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut sent = headers.get_all(HEADER).iter();
    let Some(first) = sent.next() else { return Ok(None) };
    let wrong = |detail: &str| Problem::parameter(HEADER.as_str(), detail);
    if sent.next().is_some() {
        return Err(wrong("it was sent twice"));
    }
    let text = first.to_str().map_err(|_| wrong("expected visible ASCII"))?.trim();
    let bare = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    let plain = bare.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\');
    match (1..=LONGEST).contains(&bare.len()) && plain {
        true => Ok(Some(bare.to_owned())),
        false => Err(wrong("expected 1 to 255 visible characters, such as a UUID in quotes")),
    }
}

/// Everything that makes a request the one it is.
fn digest(parts: &Parts, body: &[u8]) -> String {
    let Parts { method, uri, headers, .. } = parts;
    let asked = uri.path_and_query().map_or_else(|| uri.path(), |asked| asked.as_str());
    let mut all = format!("{method}\n{asked}\n{}\n", media_type(headers)).into_bytes();
    // The attributes of an event in binary mode are headers.
    let mut attributes: Vec<_> =
        headers.iter().filter(|(name, _)| name.as_str().starts_with("ce-")).collect();
    attributes.sort_by_key(|(name, _)| name.as_str());
    for (name, value) in attributes {
        all.extend_from_slice(name.as_str().as_bytes());
        all.push(b':');
        all.extend_from_slice(value.as_bytes());
        all.push(b'\n');
    }
    all.extend_from_slice(body);
    canonical::digest(&all)
}

fn replayed(answer: Answer) -> Result<Response, Problem> {
    let status = StatusCode::from_u16(answer.status).map_err(Problem::internal)?;
    let mut response = (status, answer.body).into_response();
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_TYPE);
    for (name, value) in
        [(header::CONTENT_TYPE, answer.content_type), (header::LOCATION, answer.location)]
    {
        if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
            headers.insert(name, value);
        }
    }
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}

fn missing() -> Problem {
    let detail = "A write needs a key of your own in `Idempotency-Key`, such as a new UUID in quotes, so \
                  that sending it again does nothing twice.";
    let named = Problem::parameter(HEADER.as_str(), detail);
    Problem { code: "idempotency-key-missing".into(), detail: detail.to_owned(), ..named }
}

fn in_flight() -> Problem {
    let detail = "The request with this key is under way; send it again in a moment.";
    let problem = Problem::new(StatusCode::CONFLICT, "idempotency-key-in-flight", detail);
    Problem { retry_after: Some(1), ..problem }
}

fn other_request() -> Problem {
    let detail =
        "This key was used for another request within the last 24 hours. Nothing was done.";
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency-key-reused", detail)
}

fn answer_lost() -> Problem {
    let detail = "The request with this key was carried out, and its answer was lost when the server \
                  stopped. Look at what it was to change before you send it under another key.";
    Problem::new(StatusCode::CONFLICT, "idempotency-answer-lost", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(sent: &str) -> Result<Option<String>, Problem> {
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, HeaderValue::from_str(sent).unwrap());
        key(&headers)
    }

    #[test]
    fn a_key_is_a_string_in_quotes_or_a_bare_word() {
        assert_eq!(key(&HeaderMap::new()), Ok(None));
        assert_eq!(read("\"k-1\""), Ok(Some("k-1".to_owned())));
        assert_eq!(read("k-1"), Ok(Some("k-1".to_owned())));
        for wrong in ["", "\"\"", "a b", "\"a", &"x".repeat(256)] {
            assert_eq!(read(wrong).unwrap_err().status, StatusCode::BAD_REQUEST, "{wrong}");
        }
    }
}
