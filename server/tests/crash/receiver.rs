//! A receiver that honours keys, writes one line for each effect into its own file, and can kill the
//! process that calls it.

use std::{
    collections::HashSet,
    fs::OpenOptions,
    io::Write as _,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
    routing::post,
};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::watch};

use crate::process::signal;

/// When the receiver kills its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kill {
    /// The request has arrived, nothing is done.
    BeforeEffect,
    /// It is done, the reply is not sent.
    AfterEffect,
}

#[derive(Debug, Default)]
struct Book {
    keys: HashSet<String>,
    kill: Option<(Kill, u32)>,
    requests: usize,
}

#[derive(Debug, Clone)]
pub struct Receiver {
    book: Arc<Mutex<Book>>,
    file: PathBuf,
    /// While this is true nobody gets an answer.
    held: Arc<watch::Sender<bool>>,
    pub address: String,
    _directory: Arc<TempDir>,
}

impl Receiver {
    pub async fn start() -> Self {
        let directory = Arc::new(TempDir::new().unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let receiver = Self {
            book: Arc::default(),
            held: Arc::new(watch::Sender::new(false)),
            file: directory.path().join("effects"),
            address: format!("http://{}", listener.local_addr().unwrap()),
            _directory: directory,
        };
        let router = Router::new().route("/requests", post(take)).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        receiver
    }

    /// Kills this process at its next request.
    pub fn kill(&self, when: Kill, process: u32) {
        self.book.lock().unwrap().kill = Some((when, process));
    }

    /// Keeps everybody waiting, or lets them go on.
    pub fn hold(&self, held: bool) {
        self.held.send_replace(held);
    }

    /// How many requests have arrived.
    pub fn requests(&self) -> usize {
        self.book.lock().unwrap().requests
    }

    /// The keys in the file: one line an effect.
    pub fn effects(&self) -> Vec<String> {
        let text = std::fs::read_to_string(&self.file).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    fn strike(&self, now: Kill) {
        let mut book = self.book.lock().unwrap();
        if let Some((when, process)) = book.kill
            && when == now
        {
            book.kill = None;
            signal(process, "KILL");
        }
    }
}

async fn take(State(receiver): State<Receiver>, headers: HeaderMap) -> Response {
    receiver.book.lock().unwrap().requests += 1;
    receiver.strike(Kill::BeforeEffect);
    receiver.held.subscribe().wait_for(|held| !held).await.unwrap();
    let key = headers["idempotency-key"].to_str().unwrap().to_owned();
    let new = receiver.book.lock().unwrap().keys.insert(key.clone());
    if !new {
        return ([("idempotent-replayed", "true")], "{}").into_response();
    }
    let mut file = OpenOptions::new().create(true).append(true).open(&receiver.file).unwrap();
    // In one write: what others append at the same time must not come into the middle of a line.
    file.write_all(format!("{key}\n").as_bytes()).unwrap();
    receiver.strike(Kill::AfterEffect);
    "{}".into_response()
}
