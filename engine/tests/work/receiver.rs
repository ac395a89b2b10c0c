//! A receiver on loopback that honours keys, counts effects, and can be told to misbehave.

use std::{
    collections::{HashMap, VecDeque},
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
use tokio::{net::TcpListener, sync::Semaphore};

/// What the receiver does with the next request; when nothing is planned, it takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// Answers with this status and does nothing.
    Refuse(u16),
    /// Does it, and says what it cost.
    Charge(&'static str),
    /// Does it, but the answer never arrives.
    LoseReply,
    /// Does it once a permit is given with [`Receiver::release`].
    Hold,
}

#[derive(Debug, Default)]
struct Book {
    plans: VecDeque<Plan>,
    /// One line an effect: a second with the same key would be a double.
    effects: Vec<String>,
    answers: HashMap<String, String>,
    requests: usize,
    /// The `traceparent` of each request that had one.
    traces: Vec<String>,
}

#[derive(Debug, Clone)]
pub struct Receiver {
    book: Arc<Mutex<Book>>,
    gate: Arc<Semaphore>,
    arrived: Arc<Semaphore>,
    pub address: String,
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let receiver = Self {
            book: Arc::default(),
            gate: Arc::new(Semaphore::new(0)),
            arrived: Arc::new(Semaphore::new(0)),
            address,
        };
        let router = Router::new().route("/requests", post(take)).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        receiver
    }

    pub fn plan(&self, plans: impl IntoIterator<Item = Plan>) {
        self.book.lock().unwrap().plans.extend(plans);
    }

    /// The keys of all effects, in order.
    pub fn effects(&self) -> Vec<String> {
        self.book.lock().unwrap().effects.clone()
    }

    pub fn requests(&self) -> usize {
        self.book.lock().unwrap().requests
    }

    /// The `traceparent` of each request that had one, in order.
    pub fn traces(&self) -> Vec<String> {
        self.book.lock().unwrap().traces.clone()
    }

    /// Waits until one more request has arrived.
    pub async fn arrival(&self) {
        self.arrived.acquire().await.unwrap().forget();
    }

    /// Lets one held request go on.
    pub fn release(&self) {
        self.gate.add_permits(1);
    }
}

async fn take(State(receiver): State<Receiver>, headers: HeaderMap, _body: Bytes) -> Response {
    let plan = {
        let mut book = receiver.book.lock().unwrap();
        book.requests += 1;
        let trace = headers.get("traceparent").map(|trace| trace.to_str().unwrap().to_owned());
        book.traces.extend(trace);
        book.plans.pop_front()
    };
    receiver.arrived.add_permits(1);
    match plan {
        Some(Plan::Refuse(status)) => StatusCode::from_u16(status).unwrap().into_response(),
        Some(Plan::Hold) => {
            receiver.gate.acquire().await.unwrap().forget();
            effect(&receiver, &headers, None)
        }
        Some(Plan::LoseReply) => {
            let _ = effect(&receiver, &headers, None);
            // A panic in a handler closes the connection without an answer.
            std::panic::resume_unwind(Box::new("the reply is lost"));
        }
        Some(Plan::Charge(cost)) => effect(&receiver, &headers, Some(cost)),
        None => effect(&receiver, &headers, None),
    }
}

fn effect(receiver: &Receiver, headers: &HeaderMap, cost: Option<&str>) -> Response {
    let mut book = receiver.book.lock().unwrap();
    let key = headers.get("idempotency-key").map(|key| key.to_str().unwrap().to_owned());
    let key = key.unwrap_or_default();
    if let Some(answer) = book.answers.get(&key).filter(|_| !key.is_empty()) {
        return ([("idempotent-replayed", "true")], answer.clone()).into_response();
    }
    let cost = cost.map(|cost| format!(r#", "cost_usd": "{cost}""#)).unwrap_or_default();
    let answer = format!(r#"{{"receipt": "R-{}"{cost}}}"#, book.effects.len() + 1);
    book.effects.push(key.clone());
    book.answers.insert(key, answer.clone());
    answer.into_response()
}
