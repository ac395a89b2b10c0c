//! A server, and the token to show there.

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use axum::body::{Body, Bytes, HttpBody as _, to_bytes};
use engine::net::{self, Guard, HttpClient, Limits, Reply};
use futures::{StreamExt as _, stream};
use http::{Method, Request, Uri, header};
use serde_json::Value;

use super::{Answer, document, inside};
use crate::{
    api::{self, keyed},
    cli::{CliError, Global},
    config::{Origin, Secret, destination},
};

pub struct There {
    http: HttpClient,
    guard: Guard,
    /// `https://assize.example/api/v1`
    root: String,
    token: Secret,
    workspace: String,
}

/// What is sent and what comes back may be long, and is never in memory as a whole.
const LIMITS: Limits = Limits {
    connect: Duration::from_secs(5),
    total: Duration::from_secs(3_600),
    reply: 64 * 1024 * 1024,
};

impl There {
    pub async fn open(global: &Global, origin: &Origin) -> Result<Self, CliError> {
        let mut there = Self::anywhere(global, origin)?;
        there.workspace = match &global.workspace {
            Some(slug) => slug.clone(),
            // A token is of one workspace.
            None => {
                let found = there.listed().await?;
                let slug = found["data"][0]["slug"].as_str();
                slug.ok_or_else(|| anyhow!("the server names no workspace"))?.to_owned()
            }
        };
        Ok(there)
    }

    pub async fn workspaces(global: &Global, origin: &Origin) -> Result<Value, CliError> {
        Self::anywhere(global, origin)?.listed().await
    }

    /// In no workspace yet.
    fn anywhere(global: &Global, origin: &Origin) -> Result<Self, CliError> {
        let token = global.token.clone().ok_or_else(|| {
            CliError::Usage("a server wants a token: --token or ASSIZE_TOKEN".to_owned())
        })?;
        let uri: Uri = origin.as_str().parse().context("the address of the server")?;
        Ok(Self {
            http: HttpClient::new(LIMITS).context("the client for the server")?,
            guard: Guard::new(vec![destination(&uri)]),
            root: format!("{origin}{}", api::ROOT),
            token,
            workspace: String::new(),
        })
    }

    async fn listed(&self) -> Result<Value, CliError> {
        let request = Request::builder().method(Method::GET).uri("/workspaces");
        let request = request.body(Body::empty()).map_err(anyhow::Error::from)?;
        document(self.ask(request).await?).await
    }

    pub fn inside(&self, path: &str) -> String {
        inside(&self.workspace, path)
    }

    pub async fn ask(&self, request: Request<Body>) -> Result<Answer, CliError> {
        let (parts, body) = request.into_parts();
        let text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let bearer = format!("Bearer {}", self.token.reveal());
        let asked = net::Request {
            method: parts.method.clone(),
            url: &format!("{}{}", self.root, parts.uri),
            headers: &[("authorization".to_owned(), bearer)],
            content_type: text(header::CONTENT_TYPE).unwrap_or("application/json"),
            body: Vec::new(),
            idempotency_key: text(keyed::HEADER),
        };
        let body = framed(body).await?;
        let reply = self.http.open(&self.guard, asked, body).await;
        let reply = reply.map_err(|error| anyhow!("the server at {}: {error}", self.root))?;
        Ok(Answer { status: reply.status, body: parts_of(reply).boxed() })
    }
}

/// What is short is sent with its length.
async fn framed(body: Body) -> Result<net::Body, CliError> {
    let Some(length) = body.size_hint().exact() else {
        return Ok(net::Body::wrap_stream(body.into_data_stream()));
    };
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let bytes = to_bytes(body, length).await.map_err(anyhow::Error::from)?;
    Ok(net::Body::from(bytes))
}

fn parts_of(reply: Reply) -> impl stream::Stream<Item = Result<Bytes, CliError>> {
    stream::try_unfold(reply, |mut reply| async {
        let part = reply.chunk().await.map_err(|error| CliError::Internal(error.into()))?;
        Ok(part.map(|part| (Bytes::from(part), reply)))
    })
}
