//! The receiver of the example's requests: somebody else's system, on this machine. It honours
//! `Idempotency-Key`, and enters whatever it really did into a file that only grows.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, BufRead as _, BufReader, Write as _},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Context as _;
use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    response::{IntoResponse as _, Response},
    routing::post,
};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
    task::JoinHandle,
};

/// Where the definitions of the example deliver to.
pub const RECEIVER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8481);

const PATH: &str = "/evidence-requests";

/// A running receiver. Dropping it ends it.
#[derive(Debug)]
pub struct Receiver {
    address: SocketAddr,
    desk: Arc<Mutex<Desk>>,
    gate: Gate,
    serving: JoinHandle<()>,
}

/// Where answers wait while the receiver hangs.
#[derive(Debug, Clone)]
struct Gate {
    shut: watch::Sender<bool>,
    /// A permit for each answer that waits.
    waiting: Arc<Semaphore>,
}

impl Gate {
    fn open() -> Self {
        Self { shut: watch::Sender::new(false), waiting: Arc::new(Semaphore::new(0)) }
    }

    /// Waits until it is open.
    async fn pass(&self) {
        if *self.shut.borrow() {
            self.waiting.add_permits(1);
            // Whoever opens it keeps a sender, so that it cannot be closed for good.
            let _ = self.shut.subscribe().wait_for(|shut| !shut).await;
        }
    }
}

/// What the receiver did once: a line of its file.
#[derive(Debug, Serialize, Deserialize)]
struct Effect {
    key: String,
    receipt: String,
    request: Value,
}

/// What the receiver knows.
#[derive(Debug)]
struct Desk {
    effects: HashMap<String, Effect>,
    file: File,
    /// How many more requests it takes before its outage; `None` while there is none in sight.
    takes: Option<u32>,
    /// What it answers every request with, if it refuses them.
    refuses: Option<StatusCode>,
}

/// What becomes of a request.
enum Taken {
    Done(String),
    /// It had been done; here is the answer of then.
    Replayed(String),
    /// The key was used for something else.
    OtherRequest,
    Unavailable,
    Refused(StatusCode),
}

impl Receiver {
    /// Starts with an empty file, at `address` or, if that is in use, at another port of it.
    pub async fn begin(address: SocketAddr, file: &Path) -> anyhow::Result<Self> {
        let listener = match TcpListener::bind(address).await {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                TcpListener::bind((address.ip(), 0)).await
            }
            bound => bound,
        };
        let file_of_effects =
            File::create(file).with_context(|| format!("cannot write {}", file.display()))?;
        Self::start(listener.context("the receiver")?, HashMap::new(), file_of_effects)
    }

    /// Starts where it was, with everything it knew.
    pub async fn resume(address: SocketAddr, file: &Path) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(address).await.with_context(|| {
            format!("the receiver of the demo cannot listen on {address}, where requests go")
        })?;
        let reading = || format!("cannot read {}", file.display());
        let file = File::options()
            .read(true)
            .append(true)
            .create(true)
            .open(file)
            .with_context(reading)?;
        let effects = read(&file).with_context(reading)?;
        Self::start(listener, effects, file)
    }

    fn start(
        listener: TcpListener,
        effects: HashMap<String, Effect>,
        file: File,
    ) -> anyhow::Result<Self> {
        let address = listener.local_addr()?;
        let desk = Arc::new(Mutex::new(Desk { effects, file, takes: None, refuses: None }));
        let gate = Gate::open();
        let state = (Arc::clone(&desk), gate.clone());
        let routes = Router::new().route(PATH, post(take)).with_state(state);
        let serving = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, routes).await {
                tracing::error!(%error, "the receiver of the demo ended");
            }
        });
        Ok(Self { address, desk, gate, serving })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> String {
        origin(self.address)
    }

    /// How many things it did so far.
    pub fn effects(&self) -> usize {
        lock(&self.desk).effects.len()
    }

    /// Takes `count` more requests, then none until [`Receiver::recover`].
    pub fn stop_after(&self, count: u32) {
        lock(&self.desk).takes = Some(count);
    }

    /// Refuses every request with this status until [`Receiver::recover`].
    pub fn refuse(&self, status: u16) {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
        lock(&self.desk).refuses = Some(status);
    }

    pub fn recover(&self) {
        let mut desk = lock(&self.desk);
        (desk.takes, desk.refuses) = (None, None);
    }

    /// Still does what it is asked, but whoever asks for something new gets no answer until
    /// [`Receiver::let_go`].
    pub fn hold(&self) {
        self.gate.shut.send_replace(true);
    }

    pub fn let_go(&self) {
        self.gate.shut.send_replace(false);
        self.gate.waiting.forget_permits(usize::MAX >> 4);
    }

    /// Waits until somebody waits for an answer.
    pub async fn arrival(&self) {
        if let Ok(permit) = self.gate.waiting.acquire().await {
            permit.forget();
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

pub(super) fn origin(address: SocketAddr) -> String {
    format!("http://{address}")
}

fn lock(desk: &Mutex<Desk>) -> std::sync::MutexGuard<'_, Desk> {
    desk.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read(file: &File) -> anyhow::Result<HashMap<String, Effect>> {
    let effect = |line: io::Result<String>| -> anyhow::Result<_> {
        let effect: Effect = serde_json::from_str(&line?)?;
        Ok((effect.key.clone(), effect))
    };
    BufReader::new(file).lines().map(effect).collect()
}

/// Takes a request: once for each key, however often it comes.
async fn take(
    State((desk, gate)): State<(Arc<Mutex<Desk>>, Gate)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, (StatusCode, String)> {
    let refuse = |why: &str| (StatusCode::BAD_REQUEST, why.to_owned());
    let key = key(&headers).ok_or_else(|| refuse("a request needs an Idempotency-Key"))?;
    let request = serde_json::from_slice(&body).map_err(|_| refuse("a request is JSON"))?;
    let taken = lock(&desk).take(key, request);
    let taken = taken.map_err(|error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
    if matches!(taken, Taken::Done(_)) {
        gate.pass().await;
    }
    let answer = |receipt| Json(json!({"receipt": receipt}));
    Ok(match taken {
        Taken::Done(receipt) => (StatusCode::CREATED, answer(receipt)).into_response(),
        Taken::Replayed(receipt) => {
            (StatusCode::CREATED, [("idempotent-replayed", "true")], answer(receipt))
                .into_response()
        }
        Taken::OtherRequest => {
            let why = "the key was used for another request";
            (StatusCode::UNPROCESSABLE_ENTITY, why).into_response()
        }
        Taken::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "closed").into_response(),
        Taken::Refused(status) => (status, "refused").into_response(),
    })
}

/// The key, which travels as a string of RFC 9651: in quotes.
fn key(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get("idempotency-key")?.to_str().ok()?;
    text.strip_prefix('"')?.strip_suffix('"').filter(|key| !key.is_empty())
}

impl Desk {
    fn take(&mut self, key: &str, request: Value) -> io::Result<Taken> {
        if let Some(status) = self.refuses {
            return Ok(Taken::Refused(status));
        }
        if let Some(left) = &mut self.takes {
            match left.checked_sub(1) {
                Some(rest) => *left = rest,
                None => return Ok(Taken::Unavailable),
            }
        }
        if let Some(known) = self.effects.get(key) {
            return Ok(if known.request == request {
                Taken::Replayed(known.receipt.clone())
            } else {
                Taken::OtherRequest
            });
        }
        let receipt = format!("RCP-{:06}", self.effects.len() + 1);
        let effect = Effect { key: key.to_owned(), receipt: receipt.clone(), request };
        let mut line = serde_json::to_vec(&effect)?;
        line.push(b'\n');
        self.file.write_all(&line)?;
        self.effects.insert(effect.key.clone(), effect);
        Ok(Taken::Done(receipt))
    }
}

#[cfg(test)]
mod tests {
    use tempfile::NamedTempFile;

    use super::*;

    fn desk(file: &NamedTempFile) -> Desk {
        let effects = read(file.as_file()).unwrap();
        let file = File::options().append(true).open(file.path()).unwrap();
        Desk { effects, file, takes: None, refuses: None }
    }

    fn lines(file: &NamedTempFile) -> usize {
        std::fs::read_to_string(file.path()).unwrap().lines().count()
    }

    #[test]
    fn a_key_is_acted_upon_once_also_after_a_restart() {
        let file = NamedTempFile::new().unwrap();
        let request = json!({"request": "KYC-1"});
        let taken = desk(&file).take("k1", request.clone()).unwrap();
        assert!(matches!(taken, Taken::Done(receipt) if receipt == "RCP-000001"));
        let again = File::open(file.path()).unwrap();
        let effects = read(&again).unwrap();
        let mut restarted = Desk { effects, file: again, takes: None, refuses: None };
        let taken = restarted.take("k1", request).unwrap();
        assert!(matches!(taken, Taken::Replayed(receipt) if receipt == "RCP-000001"));
        let taken = restarted.take("k1", json!({"request": "KYC-2"})).unwrap();
        assert!(matches!(taken, Taken::OtherRequest));
        assert_eq!(lines(&file), 1);
    }

    #[test]
    fn in_an_outage_nothing_is_taken_and_nothing_noted() {
        let file = NamedTempFile::new().unwrap();
        let mut desk = desk(&file);
        desk.takes = Some(1);
        assert!(matches!(desk.take("k1", json!({})).unwrap(), Taken::Done(_)));
        assert!(matches!(desk.take("k2", json!({})).unwrap(), Taken::Unavailable));
        desk.takes = None;
        assert!(matches!(desk.take("k2", json!({})).unwrap(), Taken::Done(_)));
        assert_eq!(lines(&file), 2);
    }

    #[test]
    fn a_key_travels_in_quotes() {
        let headers = |text: &'static str| {
            HeaderMap::from_iter([(
                http::HeaderName::from_static("idempotency-key"),
                http::HeaderValue::from_static(text),
            )])
        };
        assert_eq!(key(&headers("\"k1\"")), Some("k1"));
        for wrong in ["k1", "\"\"", "\"", ""] {
            assert_eq!(key(&headers(wrong)), None, "{wrong}");
        }
    }
}
