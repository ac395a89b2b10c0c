//! A receiver on loopback that counts who reaches it, and names that lead where a test wants.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use domain::destination::AllowedDestination;
use futures::future::BoxFuture;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::{Guard, HttpClient, Limits, Method, Request, resolver::Lookup};

/// What the receiver does with each connection, once it has the head of a request.
#[derive(Debug, Clone)]
pub(super) enum Behaviour {
    /// Sends these bytes and closes.
    Reply(Vec<u8>),
    /// Closes without a word.
    Hang,
    /// Keeps the connection and says nothing.
    Silence,
}

/// A 200 with a body.
pub(super) fn ok(headers: &str, body: &[u8]) -> Behaviour {
    let length = body.len();
    let mut reply =
        format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n{headers}\r\n").into_bytes();
    reply.extend_from_slice(body);
    Behaviour::Reply(reply)
}

pub(super) struct Receiver {
    pub address: SocketAddr,
    connections: Arc<AtomicUsize>,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Receiver {
    pub(super) async fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (connections, heads) = (Arc::default(), Arc::default());
        let receiver =
            Self { address, connections: Arc::clone(&connections), heads: Arc::clone(&heads) };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, behaviour.clone(), Arc::clone(&heads)));
            }
        });
        receiver
    }

    /// Connections so far.
    pub(super) fn reached(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Heads of the requests so far, in lower case.
    pub(super) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Lets the receiver's literal address through.
    pub(super) fn guard(&self) -> Guard {
        Guard::new(vec![entry("http", "127.0.0.1", self.address.port(), true)])
    }
}

async fn serve(mut stream: TcpStream, behaviour: Behaviour, heads: Arc<Mutex<Vec<String>>>) {
    let mut seen = Vec::new();
    let mut chunk = [0; 4096];
    while !seen.windows(4).any(|window| window == b"\r\n\r\n") {
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return,
            Ok(read) => seen.extend_from_slice(&chunk[..read]),
        }
    }
    heads.lock().unwrap().push(String::from_utf8_lossy(&seen).to_lowercase());
    match behaviour {
        Behaviour::Hang => {}
        Behaviour::Silence => std::future::pending().await,
        Behaviour::Reply(bytes) => {
            // The client may have read all it wants and left.
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
    }
}

pub(super) fn entry(
    scheme: &str,
    host: &str,
    port: u16,
    allow_private: bool,
) -> AllowedDestination {
    AllowedDestination { scheme: scheme.into(), host: host.into(), port, allow_private }
}

/// Answers with the next list each time, the last one for ever; an empty list never answers.
pub(super) struct Names(Mutex<Vec<Vec<IpAddr>>>);

impl Names {
    pub(super) fn leading_to(answers: &[&[&str]]) -> Arc<Self> {
        let parse = |list: &&[&str]| list.iter().map(|text| text.parse().unwrap()).collect();
        let mut answers: Vec<Vec<IpAddr>> = answers.iter().map(parse).collect();
        answers.reverse();
        Arc::new(Self(Mutex::new(answers)))
    }
}

impl Lookup for Names {
    fn lookup(&self, _name: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        let mut answers = self.0.lock().unwrap();
        let next = if answers.len() > 1 { answers.pop() } else { answers.last().cloned() };
        Box::pin(async move {
            match next.unwrap_or_default() {
                list if list.is_empty() => std::future::pending().await,
                list => Ok(list),
            }
        })
    }
}

/// Short enough for tests, long enough for a busy machine.
pub(super) fn limits() -> Limits {
    let (connect, total) = (Duration::from_millis(700), Duration::from_millis(1_500));
    Limits { connect, total, ..Limits::default() }
}

pub(super) fn client(lookup: Arc<Names>) -> HttpClient {
    let lookup: Arc<dyn Lookup> = lookup;
    HttpClient::with_lookup(limits(), &lookup).unwrap()
}

pub(super) fn post(url: &str) -> Request<'_> {
    Request {
        method: Method::POST,
        url,
        headers: &[],
        content_type: "application/json",
        body: b"{}".to_vec(),
        idempotency_key: None,
    }
}
