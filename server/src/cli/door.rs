//! Where a command is carried out: on the database here, or by a server, through its API. What is found
//! is the same document either way.

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use domain::destination::AllowedDestination;
use engine::{
    clock::Clock,
    ids::Ids,
    net::{Guard, HttpClient, Limits, Method, Request},
    services::{Caller, Services},
};
use http::Uri;
use serde_json::{Value, json};

use super::{CliError, Global, error::code_of, open};
use crate::{api, config::Origin};

/// Either of the two.
pub enum Door {
    Here(Services, Caller),
    There(Server),
}

impl Door {
    /// What the flags say.
    pub async fn open(global: &Global) -> Result<Self, CliError> {
        let Some(origin) = &global.server else {
            let services = open::services(global).await?;
            let caller = open::caller(global, &services).await?;
            return Ok(Self::Here(services, caller));
        };
        Ok(Self::There(Server::new(global, origin).await?))
    }
}

/// A server, and the token to show there.
pub struct Server {
    http: HttpClient,
    guard: Guard,
    /// `https://assize.example/api/v1`
    root: String,
    token: String,
    workspace: String,
}

/// A page of 200 items can be long.
const LIMITS: Limits = Limits {
    connect: Duration::from_secs(5),
    total: Duration::from_secs(60),
    reply: 64 * 1024 * 1024,
};

impl Server {
    async fn new(global: &Global, origin: &Origin) -> Result<Self, CliError> {
        let token = global.token.clone().ok_or_else(|| {
            CliError::Usage("a server wants a token: --token or ASSIZE_TOKEN".to_owned())
        })?;
        let mut server = Self {
            http: HttpClient::new(LIMITS).context("the client for the server")?,
            guard: Guard::new(vec![destination(origin)?]),
            root: format!("{origin}{}", api::ROOT),
            token: token.reveal().to_owned(),
            workspace: String::new(),
        };
        server.workspace = match &global.workspace {
            Some(slug) => slug.clone(),
            None => server.only_workspace().await?,
        };
        Ok(server)
    }

    /// A token is of one workspace.
    async fn only_workspace(&self) -> Result<String, CliError> {
        let found = self.send(Method::GET, "/workspaces", None).await?;
        let slug = found["data"][0]["slug"].as_str();
        Ok(slug.ok_or_else(|| anyhow!("the server names no workspace"))?.to_owned())
    }

    /// What stands at a path in the workspace.
    pub async fn get(&self, path: &str) -> Result<Value, CliError> {
        self.send(Method::GET, &self.inside(path), None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, CliError> {
        self.send(Method::POST, &self.inside(path), Some(body)).await
    }

    fn inside(&self, path: &str) -> String {
        format!("/workspaces/{}{path}", domain::filter::encode(&self.workspace))
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, CliError> {
        let key = body.map(|_| Ids::random().uuid(Clock::system().now()).to_string());
        let request = Request {
            method,
            url: &format!("{}{path}", self.root),
            headers: &[("authorization".to_owned(), format!("Bearer {}", self.token))],
            content_type: "application/json",
            body: body.map(|body| body.to_string().into_bytes()).unwrap_or_default(),
            idempotency_key: key.as_deref(),
        };
        let answer = self.http.send(&self.guard, request).await;
        let answer = answer.map_err(|error| anyhow!("the server at {}: {error}", self.root))?;
        let told: Value = serde_json::from_slice(&answer.body).unwrap_or(json!(null));
        match answer.status {
            200..300 => Ok(told),
            status => Err(CliError::Told { code: code_of(status), words: words(status, &told) }),
        }
    }
}

/// What a problem says.
fn words(status: u16, problem: &Value) -> String {
    let detail = problem["detail"].as_str().unwrap_or("the server gave no reason");
    let code = problem["code"].as_str().map_or_else(|| status.to_string(), str::to_owned);
    format!("{detail} ({code})")
}

/// Whoever names a server means it, wherever its name leads.
fn destination(origin: &Origin) -> Result<AllowedDestination, CliError> {
    let uri: Uri = origin.as_str().parse().context("the address of the server")?;
    let (scheme, host) = (uri.scheme_str().unwrap_or("https"), uri.host().unwrap_or_default());
    let usual = if scheme == "https" { 443 } else { 80 };
    Ok(AllowedDestination {
        scheme: scheme.to_owned(),
        host: host.to_owned(),
        port: uri.port_u16().unwrap_or(usual),
        allow_private: true,
    })
}
