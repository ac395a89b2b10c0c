//! A receiver on loopback that honours keys and can be told what to answer.

use std::{
    collections::{HashSet, VecDeque},
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use tokio::net::TcpListener;

/// What it does with the next request; when nothing is planned, it takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// Answers with this status and does nothing.
    Refuse(u16),
    /// Does it, but the answer never arrives.
    LoseReply,
}

#[derive(Debug, Default)]
struct Book {
    plans: VecDeque<Plan>,
    keys: HashSet<String>,
}

#[derive(Debug, Clone, Default)]
pub struct Receiver {
    book: Arc<Mutex<Book>>,
    pub address: String,
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let receiver = Self { address, ..Self::default() };
        let router = Router::new().route("/requests", post(take)).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        receiver
    }

    pub fn plan(&self, plans: impl IntoIterator<Item = Plan>) {
        self.book.lock().unwrap().plans.extend(plans);
    }
}

async fn take(State(receiver): State<Receiver>, headers: HeaderMap) -> Response {
    let key = headers.get("idempotency-key").map(|key| key.to_str().unwrap().to_owned());
    let mut book = receiver.book.lock().unwrap();
    let plan = book.plans.pop_front();
    if let Some(Plan::Refuse(status)) = plan {
        return StatusCode::from_u16(status).unwrap().into_response();
    }
    let fresh = book.keys.insert(key.unwrap_or_default());
    drop(book);
    match (plan, fresh) {
        // A panic in a handler closes the connection without an answer.
        (Some(Plan::LoseReply), _) => std::panic::resume_unwind(Box::new("the reply is lost")),
        (_, true) => "{\"receipt\": \"R-1\"}".into_response(),
        (_, false) => ([("idempotent-replayed", "true")], "{\"receipt\": \"R-1\"}").into_response(),
    }
}
