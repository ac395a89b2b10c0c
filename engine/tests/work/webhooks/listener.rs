//! A receiver of webhooks on loopback: writes down what it is told, and answers as planned.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::Value;
use tokio::net::TcpListener;

/// What the next request is answered with; when nothing is planned, 204.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    Status(u16),
    /// With `Retry-After`.
    Busy(&'static str),
    /// The connection ends without an answer.
    Hang,
}

/// A request as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    pub id: String,
    pub key: String,
    pub timestamp: String,
    pub signature: String,
    pub body: String,
}

impl Heard {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

#[derive(Debug, Default)]
struct Book {
    plans: VecDeque<Plan>,
    heard: Vec<Heard>,
}

#[derive(Debug, Clone)]
pub struct Listener {
    book: Arc<Mutex<Book>>,
    pub address: String,
}

impl Listener {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let ours = Self { book: Arc::default(), address };
        let router = Router::new().route("/{*path}", post(take)).with_state(ours.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        ours
    }

    pub fn plan(&self, plans: impl IntoIterator<Item = Plan>) {
        self.book.lock().unwrap().plans.extend(plans);
    }

    /// Everything that arrived, in order.
    pub fn heard(&self) -> Vec<Heard> {
        self.book.lock().unwrap().heard.clone()
    }

    /// The one request that arrived.
    #[track_caller]
    pub fn only(&self) -> Heard {
        let heard = self.heard();
        assert_eq!(heard.len(), 1, "{heard:?}");
        heard[0].clone()
    }
}

async fn take(State(listener): State<Listener>, headers: HeaderMap, body: Bytes) -> Response {
    let text = |name: &str| {
        headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    };
    let heard = Heard {
        id: text("webhook-id"),
        key: text("idempotency-key"),
        timestamp: text("webhook-timestamp"),
        signature: text("webhook-signature"),
        body: String::from_utf8(body.to_vec()).unwrap(),
    };
    let plan = {
        let mut book = listener.book.lock().unwrap();
        book.heard.push(heard);
        book.plans.pop_front()
    };
    match plan {
        None => StatusCode::NO_CONTENT.into_response(),
        Some(Plan::Status(status)) => {
            (StatusCode::from_u16(status).unwrap(), "not like\0this").into_response()
        }
        Some(Plan::Busy(seconds)) => {
            (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", seconds)]).into_response()
        }
        // A panic in a handler closes the connection without an answer.
        Some(Plan::Hang) => std::panic::resume_unwind(Box::new("no answer")),
    }
}
