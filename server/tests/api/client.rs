//! A program: sends JSON with a token, and reads what comes back.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::{
    Router,
    body::{Body, to_bytes},
};
use futures::StreamExt as _;
use http::{HeaderMap, Method, Request, header};
use serde_json::Value;
use tower::ServiceExt as _;

#[derive(Clone)]
pub struct Client {
    routes: Router,
    pub token: Option<String>,
    /// Headers that every request has.
    pub headers: Vec<(&'static str, String)>,
}

/// What the server answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    /// A header as text; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The body of an answer that has this status.
    #[track_caller]
    pub fn ok(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        self.json()
    }

    /// The code of a problem with this status, which has everything a problem has.
    #[track_caller]
    pub fn problem(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let problem = self.json();
        let code = problem["code"].as_str().unwrap();
        assert_eq!(problem["type"], format!("urn:assize:problem:{code}"));
        assert_eq!(problem["status"], status);
        assert_eq!(problem["request_id"], self.header("x-request-id"));
        assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
        problem
    }
}

/// What has no end; of it only the beginning is read.
pub const EVENTS: &str = "text/event-stream";

static NEXT: AtomicU64 = AtomicU64::new(0);

/// A key nobody used.
pub fn fresh_key() -> String {
    format!("\"key-{}\"", NEXT.fetch_add(1, Ordering::Relaxed))
}

impl Client {
    pub fn new(routes: &Router, token: Option<String>) -> Self {
        Self { routes: routes.clone(), token, headers: Vec::new() }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], Body::empty()).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.write(Method::POST, path, body).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.write(Method::PUT, path, body).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        let key = fresh_key();
        self.send(Method::DELETE, path, &[("idempotency-key", &key)], Body::empty()).await
    }

    async fn write(&self, method: Method, path: &str, body: Value) -> Answer {
        let key = fresh_key();
        let headers = [("idempotency-key", key.as_str()), ("content-type", "application/json")];
        self.send(method, path, &headers, Body::from(body.to_string())).await
    }

    /// Sends a text of some type.
    pub async fn text(&self, path: &str, media_type: &str, body: &str) -> Answer {
        let key = fresh_key();
        let headers = [("idempotency-key", key.as_str()), ("content-type", media_type)];
        self.send(Method::POST, path, &headers, Body::from(body.to_owned())).await
    }

    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Body,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let own = self.headers.iter().map(|(name, value)| (*name, value.as_str()));
        for (name, value) in headers.iter().copied().chain(own) {
            request = request.header(name, value);
        }
        let response = self.routes.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let endless = parts.headers.get(header::CONTENT_TYPE).is_some_and(|t| t == EVENTS);
        let bytes = match endless {
            true => body.into_data_stream().next().await.unwrap().unwrap(),
            false => to_bytes(body, usize::MAX).await.unwrap(),
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status: parts.status.as_u16(), headers: parts.headers, text }
    }
}
