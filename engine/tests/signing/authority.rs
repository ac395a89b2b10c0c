//! A time-stamp authority made with `openssl`, asked over HTTP as an independent one is.

use std::{
    fs,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::Mutex};

const CONFIG: &str = "\
[tsa]
default_tsa = a
[a]
serial = serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
[ext]
extendedKeyUsage = critical,timeStamping
";

#[derive(Clone)]
pub struct Authority {
    home: Arc<TempDir>,
    /// Answers one after the other, as its files have fixed names.
    turn: Arc<Mutex<()>>,
    requests: Arc<AtomicUsize>,
    /// What it answers whatever it is asked.
    repeated: Arc<Mutex<Option<Vec<u8>>>>,
    pub url: String,
}

impl Authority {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/tsa", listener.local_addr().unwrap());
        let home = Arc::new(tempfile::tempdir().unwrap());
        let it = Self {
            home,
            turn: Arc::default(),
            requests: Arc::default(),
            repeated: Arc::default(),
            url,
        };
        fs::write(it.home.path().join("tsa.cnf"), CONFIG).unwrap();
        fs::write(it.home.path().join("serial"), "01\n").unwrap();
        it.openssl(
            "req -x509 -nodes -newkey rsa:2048 -keyout ca.key -out ca.pem -subj /CN=Root -days 30",
        );
        it.openssl("req -nodes -newkey rsa:2048 -keyout tsa.key -out tsa.csr -subj /CN=Stamps");
        it.openssl(
            "x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out tsa.pem -days 30 \
             -extfile tsa.cnf -extensions ext",
        );
        let router = Router::new().route("/tsa", post(answer)).with_state(it.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        it
    }

    pub fn certificates(&self) -> Vec<u8> {
        fs::read(self.home.path().join("ca.pem")).unwrap()
    }

    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    /// From now on it answers with this, whatever it is asked.
    pub async fn repeat(&self, reply: Vec<u8>) {
        *self.repeated.lock().await = Some(reply);
    }

    /// The answer to a request.
    pub fn stamp(&self, query: &[u8]) -> Vec<u8> {
        fs::write(self.home.path().join("query"), query).unwrap();
        self.openssl(
            "ts -reply -config tsa.cnf -section a -queryfile query -signer tsa.pem \
             -inkey tsa.key -out reply",
        );
        fs::read(self.home.path().join("reply")).unwrap()
    }

    fn openssl(&self, args: &str) {
        let output = Command::new("openssl")
            .args(args.split_whitespace())
            .current_dir(self.home.path())
            .output();
        let output = output.unwrap_or_else(|error| panic!("this test needs `openssl`: {error}"));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "openssl {args}: {said}");
    }
}

async fn answer(
    State(authority): State<Authority>,
    headers: HeaderMap,
    query: Bytes,
) -> Result<Vec<u8>, StatusCode> {
    if headers["content-type"] != "application/timestamp-query" {
        return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    let turn = authority.turn.lock().await;
    authority.requests.fetch_add(1, Ordering::SeqCst);
    let repeated = authority.repeated.lock().await.clone();
    let reply = repeated.unwrap_or_else(|| authority.stamp(&query));
    drop(turn);
    Ok(reply)
}
