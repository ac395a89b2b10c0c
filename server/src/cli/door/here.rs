//! The operations of the API, asked in this very process, with the rights of the host.

use axum::{Router, body::Body};
use engine::{
    ids::Ids,
    services::{Caller, Services},
};
use futures::StreamExt as _;
use http::Request;
use serde_json::Value;
use tower::ServiceExt as _;

use super::{Answer, inside};
use crate::{
    api::{self, workspaces::list_of},
    cli::{CliError, Global, open},
    config::{Origin, WebConfig},
    web::state::AppState,
};

pub struct Here {
    routes: Router,
    services: Services,
    caller: Caller,
    workspace: String,
}

impl Here {
    pub async fn open(global: &Global, site: Option<Origin>) -> Result<Self, CliError> {
        let services = open::services(global).await?;
        let workspace = open::workspace(global, &services).await?;
        let caller = open::caller(global, &services).await?;
        let origin = site.unwrap_or_else(Origin::nowhere);
        let config = WebConfig { origin, trusted_proxies: 0, development: false };
        let state = AppState::new(services.clone(), Ids::random(), config);
        let slug = workspace.slug.clone();
        Ok(Self { routes: api::for_host(state, workspace), services, caller, workspace: slug })
    }

    pub async fn workspaces(global: &Global) -> Result<Value, CliError> {
        let found = open::services(global).await?.workspaces().await?;
        Ok(serde_json::to_value(list_of(found)).map_err(anyhow::Error::from)?)
    }

    pub fn services(&self) -> &Services {
        &self.services
    }

    pub fn caller(&self) -> Caller {
        self.caller
    }

    pub fn inside(&self, path: &str) -> String {
        inside(&self.workspace, path)
    }

    pub async fn ask(&self, mut request: Request<Body>) -> Result<Answer, CliError> {
        // Nothing here is sent twice.
        request.headers_mut().remove(api::keyed::HEADER);
        let Ok(answer) = self.routes.clone().oneshot(request).await;
        let (parts, body) = answer.into_parts();
        let body = body.into_data_stream().map(|part| part.map_err(|error| broken(&error)));
        Ok(Answer { status: parts.status.as_u16(), body: body.boxed() })
    }
}

fn broken(error: &axum::Error) -> CliError {
    CliError::Internal(anyhow::anyhow!("{error}"))
}
