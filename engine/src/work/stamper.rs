//! Has an independent authority stamp the last checkpoint of every log with its time, once an hour at
//! most.

use std::sync::Arc;

use chrono::TimeDelta;
use domain::{Timestamp, destination::AllowedDestination, id::WorkspaceId, member::Principal};
use url::Url;

use crate::{
    net::{Guard, HttpClient, Method, Request},
    services::{Caller, ServiceError, Services, StampAnswer},
};

/// A log is stamped at most this often.
const PAUSE: TimeDelta = TimeDelta::hours(1);

/// A time-stamp authority, chosen by whoever runs the host.
#[derive(Debug, Clone)]
pub struct Authority {
    url: Url,
    /// PEM or DER.
    certificates: Vec<u8>,
}

/// The address of an authority that cannot be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the address of a time-stamp authority begins with https:// or http:// and names a host")]
pub struct InvalidAuthority;

impl Authority {
    /// `certificates` are those its tokens are checked against, in PEM or DER.
    pub fn new(url: &str, certificates: Vec<u8>) -> Result<Self, InvalidAuthority> {
        let url: Url = url.parse().map_err(|_| InvalidAuthority)?;
        let usable = matches!(url.scheme(), "http" | "https") && url.has_host();
        if usable { Ok(Self { url, certificates }) } else { Err(InvalidAuthority) }
    }

    /// The host chose it, so it may be anywhere; nothing else may be reached.
    fn guard(&self) -> Guard {
        let allowed = AllowedDestination {
            scheme: self.url.scheme().to_owned(),
            host: self.url.host_str().unwrap_or_default().to_owned(),
            port: self.url.port_or_known_default().unwrap_or_default(),
            allow_private: true,
        };
        Guard::new(vec![allowed])
    }
}

/// The stamper of one process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Stamper {
    services: Services,
    http: HttpClient,
    authority: Arc<Authority>,
}

impl Stamper {
    pub fn new(services: Services, http: HttpClient, authority: Authority) -> Self {
        Self { services, http, authority: Arc::new(authority) }
    }

    /// Has every log stamped for which it is time. Answers with how many were.
    pub async fn tick(&self, now: Timestamp) -> Result<usize, ServiceError> {
        let due = self.services.store.read().await?.logs_to_stamp(now - PAUSE).await?;
        let (mut stamped, mut outcome) = (0, Ok(()));
        for workspace in due {
            match self.stamp(workspace).await {
                Ok(()) => stamped += 1,
                // Another process was faster.
                Err(ServiceError::Conflict { code: "stamped-already", .. }) => {}
                // One log must not keep the others from being stamped.
                Err(error) => outcome = outcome.and(Err(error)),
            }
        }
        outcome.map(|()| stamped)
    }

    async fn stamp(&self, workspace: WorkspaceId) -> Result<(), ServiceError> {
        let caller = Caller { workspace, principal: Principal::System };
        let asked = self.services.stamp_request(caller).await?;
        let token = self.ask(asked.query).await?;
        let answer = StampAnswer { size: asked.checkpoint.size, token, nonce: Some(asked.nonce) };
        let certificates = &self.authority.certificates;
        self.services.attach_stamp(caller, answer, certificates).await.map(drop)
    }

    async fn ask(&self, query: Vec<u8>) -> Result<Vec<u8>, ServiceError> {
        let request = Request {
            method: Method::POST,
            url: self.authority.url.as_str(),
            headers: &[],
            content_type: "application/timestamp-query",
            body: query,
            idempotency_key: None,
        };
        let failed = |message: String| ServiceError::conflict("authority-failed", message);
        let reply = self.http.send(&self.authority.guard(), request).await;
        let reply = reply.map_err(|error| failed(error.to_string()))?;
        match reply.status {
            200 if !reply.truncated => Ok(reply.body),
            200 => Err(failed("its answer is too long for a time stamp".to_owned())),
            status => Err(failed(format!("it answered with status {status}"))),
        }
    }
}
