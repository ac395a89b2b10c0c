//! Entity tags of single resources, so that a client that has one already is not sent it again.

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    middleware::Next,
    response::Response,
};
use domain::canonical;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::problem::Problem;

/// Tags an answer by its bytes. Weak, because compression changes them on the way.
pub async fn tag(request: Request, next: Next) -> Result<Response, Problem> {
    let known = request.headers().clone();
    let response = next.run(request).await;
    if response.status() != StatusCode::OK {
        return Ok(response);
    }
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.map_err(Problem::internal)?;
    let tag = format!("W/\"{}\"", &canonical::digest(&bytes)[..32]);
    if let Ok(value) = HeaderValue::try_from(&tag) {
        parts.headers.insert(header::ETAG, value);
    }
    // Kept by the client, and asked for again every time.
    parts.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    if names(&known, &tag) {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(header::CONTENT_TYPE);
        parts.headers.remove(header::CONTENT_LENGTH);
        return Ok(Response::from_parts(parts, Body::empty()));
    }
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

/// Whether the client has what this tag is of.
fn names(headers: &HeaderMap, tag: &str) -> bool {
    let plain = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let sent = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|tags| tags.to_str().ok());
    sent.flat_map(|tags| tags.split(','))
        .any(|sent| plain(sent) == "*" || plain(sent) == plain(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_among_several_however_weak() {
        let mut headers = HeaderMap::new();
        assert!(!names(&headers, "W/\"a\""));
        headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static("\"b\", \"a\""));
        assert!(names(&headers, "W/\"a\""));
        assert!(!names(&headers, "W/\"c\""));
        headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static("*"));
        assert!(names(&headers, "W/\"c\""));
    }
}
