//! Sends a request that the guard permits and reads at most so much of the reply.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use domain::canonical;
use reqwest::{
    Body, Client, Method,
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
    redirect, retry,
};

use super::{
    error::NetError,
    guard::{Guard, Permit, may_connect, not_allowed},
    resolver::{Lookup, SystemLookup, VettedResolver},
    tls,
};

/// How long a request may take and how much of a reply is read.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Name resolution, TCP and TLS.
    pub connect: Duration,
    /// Everything, the reply included. Longer than `connect`, so that a time-out before anything
    /// was sent can be told from one after.
    pub total: Duration,
    /// Bytes of a reply that are kept.
    pub reply: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), total: Duration::from_secs(20), reply: 1024 * 1024 }
    }
}

/// What is sent. The same request with the same key is the same bytes.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    pub method: Method,
    pub url: &'a str,
    /// Further headers; those that frame the message or name the host are refused.
    pub headers: &'a [(String, String)],
    pub content_type: &'a str,
    pub body: Vec<u8>,
    /// Travels as `Idempotency-Key` and `webhook-id`: printable ASCII.
    pub idempotency_key: Option<&'a str>,
}

/// What came back, whatever its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    /// Those of [`KEPT_HEADERS`] that were there, in lower case.
    pub headers: BTreeMap<String, String>,
    /// The receiver says it gave the answer of an earlier request with this key.
    pub replayed: bool,
    /// At most [`Limits::reply`] bytes.
    pub body: Vec<u8>,
    /// The reply was longer than what is kept.
    pub truncated: bool,
    /// Hexadecimal SHA-256 of `body`.
    pub digest: String,
}

/// A reply whose body is still on its way.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    host: String,
    reply: reqwest::Response,
}

impl Reply {
    /// The next part of the body; `None` at its end.
    ///
    /// # Errors
    /// It broke off.
    pub async fn chunk(&mut self) -> Result<Option<Vec<u8>>, NetError> {
        let chunk = self.reply.chunk().await;
        let chunk = chunk.map_err(|error| NetError::of_reply(&error, &self.host))?;
        Ok(chunk.map(Vec::from))
    }
}

/// Headers of a reply worth keeping as evidence.
const KEPT_HEADERS: [&str; 8] = [
    "content-type",
    "date",
    "etag",
    "idempotent-replayed",
    "location",
    "retry-after",
    "webhook-id",
    "x-request-id",
];
/// Headers that belong to the connection, not to whoever writes a definition.
const REFUSED_HEADERS: [&str; 12] = [
    "connection",
    "content-length",
    "cookie",
    "expect",
    "host",
    "idempotency-key",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "webhook-id",
];

/// The clients of the process: one that only reaches public addresses, one that may reach ours.
#[derive(Debug, Clone)]
pub struct HttpClient {
    public: Client,
    private: Client,
    limits: Limits,
}

impl HttpClient {
    /// # Errors
    /// TLS cannot be set up on this host.
    pub fn new(limits: Limits) -> Result<Self, NetError> {
        let lookup: Arc<dyn Lookup> = Arc::new(SystemLookup);
        Self::with_lookup(limits, &lookup)
    }

    pub(super) fn with_lookup(limits: Limits, lookup: &Arc<dyn Lookup>) -> Result<Self, NetError> {
        let tls = tls::config()?;
        let build = |allow_private| {
            let resolver = VettedResolver { lookup: Arc::clone(lookup), allow_private };
            client(limits, tls.clone(), resolver)
        };
        Ok(Self { public: build(false)?, private: build(true)?, limits })
    }

    /// Sends `request` where `guard` permits it. Every status is a response, redirects included.
    ///
    /// # Errors
    /// See [`NetError`] for what its kind tells.
    pub async fn send(
        &self,
        guard: &Guard,
        mut request: Request<'_>,
    ) -> Result<Response, NetError> {
        let body = std::mem::take(&mut request.body);
        let (reply, permit) = self.begin(guard, request, body.into()).await?;
        self.read(reply, &permit).await
    }

    /// The same for a body and a reply of any length: neither is ever in memory as a whole. The body of
    /// `request` itself is left out.
    ///
    /// # Errors
    /// See [`NetError`] for what its kind tells.
    pub async fn open(
        &self,
        guard: &Guard,
        request: Request<'_>,
        body: Body,
    ) -> Result<Reply, NetError> {
        let (reply, permit) = self.begin(guard, request, body).await?;
        Ok(Reply { status: reply.status().as_u16(), host: permit.host().to_owned(), reply })
    }

    async fn begin(
        &self,
        guard: &Guard,
        request: Request<'_>,
        body: Body,
    ) -> Result<(reqwest::Response, Permit), NetError> {
        let permit = guard.check(request.url)?;
        let headers = headers(&request)?;
        let client = if permit.allow_private { &self.private } else { &self.public };
        let reply = client
            .request(request.method, permit.url.clone())
            .headers(headers)
            .body(body)
            .send()
            .await
            .map_err(|error| NetError::of_send(&error, permit.host()))?;
        check_peer(&reply, &permit)?;
        Ok((reply, permit))
    }

    async fn read(
        &self,
        mut reply: reqwest::Response,
        permit: &Permit,
    ) -> Result<Response, NetError> {
        let status = reply.status().as_u16();
        let headers = kept(reply.headers());
        let (mut body, mut truncated) = (Vec::new(), false);
        while let Some(chunk) =
            reply.chunk().await.map_err(|error| NetError::of_reply(&error, permit.host()))?
        {
            let room = self.limits.reply - body.len();
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if chunk.len() > room {
                truncated = true;
                break;
            }
        }
        let replayed = headers.get("idempotent-replayed").is_some_and(|value| value == "true");
        let digest = canonical::digest(&body);
        Ok(Response { status, headers, replayed, body, truncated, digest })
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the guarded client the others use")]
fn client(
    limits: Limits,
    tls: rustls::ClientConfig,
    resolver: VettedResolver,
) -> Result<Client, NetError> {
    Client::builder()
        .tls_backend_preconfigured(tls)
        .dns_resolver(Arc::new(resolver))
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .no_proxy()
        .no_gzip()
        .referer(false)
        .http1_only()
        // A kept connection would skip the resolver, and the allow-list of the next workspace.
        .pool_max_idle_per_host(0)
        .connect_timeout(limits.connect)
        .timeout(limits.total)
        .user_agent(concat!("assize/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| NetError::refused("net-no-client", format!("no client: {error}")))
}

/// The resolver vetted the address already; this proves that nothing went around it.
fn check_peer(reply: &reqwest::Response, permit: &Permit) -> Result<(), NetError> {
    match reply.remote_addr() {
        Some(peer) if may_connect(peer.ip(), permit.allow_private) => Ok(()),
        _ => Err(not_allowed()),
    }
}

fn headers(request: &Request<'_>) -> Result<HeaderMap, NetError> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, header_value("content-type", request.content_type)?);
    for (name, value) in request.headers {
        let name = name.to_ascii_lowercase();
        if REFUSED_HEADERS.contains(&name.as_str()) || name.starts_with("proxy-") {
            let message = format!("the header '{name}' cannot be set");
            return Err(NetError::refused("net-header-not-allowed", message));
        }
        let value = header_value(&name, value)?;
        headers.insert(header_name(&name)?, value);
    }
    if let Some(key) = request.idempotency_key {
        headers.insert("idempotency-key", header_value("idempotency-key", &quoted(key)?)?);
        headers.insert("webhook-id", header_value("webhook-id", key)?);
    }
    Ok(headers)
}

fn header_name(name: &str) -> Result<HeaderName, NetError> {
    HeaderName::try_from(name).map_err(|_| {
        NetError::refused("net-invalid-header", "a header's name has characters it cannot have")
    })
}

fn header_value(name: &str, value: &str) -> Result<HeaderValue, NetError> {
    HeaderValue::try_from(value).map_err(|_| {
        let message = format!("the value of the header '{name}' has characters it cannot have");
        NetError::refused("net-invalid-header", message)
    })
}

/// A string of RFC 9651, in quotes.
fn quoted(key: &str) -> Result<String, NetError> {
    if !key.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return Err(NetError::refused("net-invalid-header", "a key is printable ASCII"));
    }
    Ok(format!("\"{}\"", key.replace('\\', "\\\\").replace('"', "\\\"")))
}

fn kept(headers: &HeaderMap) -> BTreeMap<String, String> {
    KEPT_HEADERS
        .iter()
        .filter_map(|name| {
            let value = headers.get(*name)?.to_str().ok()?;
            Some(((*name).to_owned(), value.to_owned()))
        })
        .collect()
}
