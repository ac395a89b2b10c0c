//! Where a command is carried out: by the operations of the API on the database here, or by a server.
//! Either way it is the same request, and what is found is the same document.

mod here;
mod there;

use axum::body::{Body, Bytes};
use engine::{
    clock::Clock,
    ids::Ids,
    services::{Caller, Services},
};
use futures::{StreamExt as _, TryStreamExt as _, stream::BoxStream};
use http::{Method, Request, header};
use serde_json::Value;
use tokio::fs::File;

use self::{here::Here, there::There};
use super::{CliError, Global, error::Told, progress::Progress};
use crate::{api::keyed, config::Origin, web::bundle::chunks};

/// Either of the two.
pub enum Door {
    Here(Here),
    There(There),
}

/// An answer whose body is still to be read.
pub struct Answer {
    pub status: u16,
    pub body: BoxStream<'static, Result<Bytes, CliError>>,
}

impl Door {
    /// What the flags say.
    pub async fn open(global: &Global) -> Result<Self, CliError> {
        Self::open_for(global, None).await
    }

    /// The same where links are made: they begin with `site`; a server knows its own.
    pub async fn open_for(global: &Global, site: Option<Origin>) -> Result<Self, CliError> {
        match &global.server {
            None => Ok(Self::Here(Here::open(global, site).await?)),
            Some(origin) => Ok(Self::There(There::open(global, origin).await?)),
        }
    }

    /// The workspaces that may be named: all of them here, at a server those of the token.
    pub async fn workspaces(global: &Global) -> Result<Value, CliError> {
        match &global.server {
            None => Here::workspaces(global).await,
            Some(origin) => There::workspaces(global, origin).await,
        }
    }

    /// The services here, for what a server is not asked in the same way.
    pub fn here(&self) -> Option<(&Services, Caller)> {
        match self {
            Self::Here(here) => Some((here.services(), here.caller())),
            Self::There(_) => None,
        }
    }

    /// What stands at a path in the workspace.
    pub async fn get(&self, path: &str) -> Result<Value, CliError> {
        document(self.ask(Method::GET, path, "", Body::empty()).await?).await
    }

    /// A text that is not JSON.
    pub async fn read(&self, path: &str) -> Result<String, CliError> {
        let body = whole(self.download(path).await?).await?;
        Ok(String::from_utf8(body).map_err(anyhow::Error::from)?)
    }

    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, CliError> {
        self.send(Method::POST, path, body).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Result<Value, CliError> {
        self.send(Method::PUT, path, body).await
    }

    /// A write without a body.
    pub async fn act(&self, method: Method, path: &str) -> Result<Value, CliError> {
        document(self.ask(method, path, "", Body::empty()).await?).await
    }

    /// Sends a text that is not JSON.
    pub async fn tell(
        &self,
        path: &str,
        media_type: &str,
        text: String,
    ) -> Result<Value, CliError> {
        document(self.ask(Method::POST, path, media_type, Body::from(text)).await?).await
    }

    /// A file of any length.
    pub async fn upload(
        &self,
        path: &str,
        media_type: &str,
        file: File,
    ) -> Result<Value, CliError> {
        let length = file.metadata().await?.len();
        let mut progress = Progress::new("sending", Some(length));
        let parts = chunks(file).inspect_ok(move |part| progress.add(part.len()));
        let body = Body::from_stream(parts);
        document(self.ask(Method::POST, path, media_type, body).await?).await
    }

    /// A file of any length, as it comes.
    pub async fn download(&self, path: &str) -> Result<Answer, CliError> {
        fine(self.ask(Method::GET, path, "", Body::empty()).await?).await
    }

    async fn send(&self, method: Method, path: &str, body: &Value) -> Result<Value, CliError> {
        let body = Body::from(body.to_string());
        document(self.ask(method, path, "application/json", body).await?).await
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        media_type: &str,
        body: Body,
    ) -> Result<Answer, CliError> {
        let mut request = Request::builder().method(method.clone());
        if !media_type.is_empty() {
            request = request.header(header::CONTENT_TYPE, media_type);
        }
        if method != Method::GET {
            let key = Ids::random().uuid(Clock::system().now());
            request = request.header(keyed::HEADER, key.to_string());
        }
        let path = match self {
            Self::Here(here) => here.inside(path),
            Self::There(there) => there.inside(path),
        };
        let request = request.uri(path).body(body).map_err(anyhow::Error::from)?;
        match self {
            Self::Here(here) => here.ask(request).await,
            Self::There(there) => there.ask(request).await,
        }
    }
}

/// A path below a workspace.
fn inside(workspace: &str, path: &str) -> String {
    format!("/workspaces/{}{path}", domain::filter::encode(workspace))
}

/// An answer that is what was asked for; anything else is the problem it tells.
async fn fine(answer: Answer) -> Result<Answer, CliError> {
    if (200..300).contains(&answer.status) {
        return Ok(answer);
    }
    let status = answer.status;
    let problem = serde_json::from_slice(&whole(answer).await?).unwrap_or(Value::Null);
    Err(CliError::Told(Told::new(status, problem)))
}

async fn document(answer: Answer) -> Result<Value, CliError> {
    let body = whole(fine(answer).await?).await?;
    Ok(serde_json::from_slice(&body).map_err(anyhow::Error::from)?)
}

async fn whole(mut answer: Answer) -> Result<Vec<u8>, CliError> {
    let mut body = Vec::new();
    while let Some(part) = answer.body.next().await {
        body.extend_from_slice(&part?);
    }
    Ok(body)
}
