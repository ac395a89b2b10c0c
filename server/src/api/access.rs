//! Who asks, and where: a token, or the session of our own pages.

use axum::{
    extract::{RawPathParams, Request, State, rejection::RawPathParamsRejection},
    middleware::Next,
    response::Response,
};
use domain::{
    id::{AccountId, TokenId},
    member::{Member, Workspace},
};
use engine::services::{Bearer, Caller, Services};
use http::{HeaderMap, header};

use super::{problem::Problem, rate};
use crate::web::{session, state::AppState};

/// Whoever asks, in no workspace yet.
#[derive(Debug, Clone)]
pub enum Asker {
    Token(Box<Bearer>),
    Session(AccountId),
}

/// Whoever asks, in the workspace of the address, with the rights they have now.
#[derive(Debug, Clone)]
pub struct Access {
    pub services: Services,
    pub workspace: Workspace,
    pub member: Member,
    pub caller: Caller,
}

/// Lets only those pass who are known; what they ask of is in no workspace.
pub async fn require_asker(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let asker = asker(&state, request.headers()).await?;
    let who = match &asker {
        Asker::Token(bearer) => bearer.token.id.uuid(),
        Asker::Session(account) => account.uuid(),
    };
    request.extensions_mut().insert(asker);
    rate::limited(&state, who, request, next).await
}

/// Lets only members of the workspace in the address pass, and tokens of it. To others there is no
/// such workspace.
pub async fn require_access(
    State(state): State<AppState>,
    params: Result<RawPathParams, RawPathParamsRejection>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let asker = asker(&state, request.headers()).await?;
    let params = params.map_err(|error| Problem::parameter("workspace", error))?;
    let slug = params.iter().find(|(name, _)| *name == "workspace").map(|(_, slug)| slug);
    let access = access(&state, &asker, slug.unwrap_or_default()).await?;
    let principal = access.caller.principal;
    let who = principal.token().map_or(access.member.id.uuid(), TokenId::uuid);
    request.extensions_mut().insert(access);
    rate::limited(&state, who, request, next).await
}

/// Whoever sends an `Authorization` header is who it says or nobody; the cookie then counts for nothing.
async fn asker(state: &AppState, headers: &HeaderMap) -> Result<Asker, Problem> {
    let services = state.services();
    if headers.contains_key(header::AUTHORIZATION) {
        let secret = bearer_secret(headers).ok_or_else(Problem::unauthenticated)?;
        let bearer = services.bearer(secret).await?.ok_or_else(Problem::unauthenticated)?;
        return Ok(Asker::Token(Box::new(bearer)));
    }
    let secret = session::secret(state, headers).ok_or_else(Problem::unauthenticated)?;
    let session = services.session(&secret).await?.ok_or_else(Problem::unauthenticated)?;
    Ok(Asker::Session(session.account))
}

fn bearer_secret(headers: &HeaderMap) -> Option<&str> {
    let mut sent = headers.get_all(header::AUTHORIZATION).iter();
    let only = sent.next().filter(|_| sent.next().is_none())?;
    let (scheme, secret) = only.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(secret.trim())
}

async fn access(state: &AppState, asker: &Asker, slug: &str) -> Result<Access, Problem> {
    let services = state.services().clone();
    match asker {
        Asker::Token(bearer) if bearer.workspace.slug == slug => {
            let (workspace, member) = (bearer.workspace.clone(), bearer.member.clone());
            Ok(Access { services, workspace, member, caller: bearer.caller() })
        }
        Asker::Token(_) => Err(Problem::not_found("workspace")),
        Asker::Session(account) => {
            let (workspace, member, caller) = services.principal_in(*account, slug).await?;
            Ok(Access { services, workspace, member, caller })
        }
    }
}

/// A request with a token is not done in a browser's name, so where it comes from is of no account:
/// a browser sends cookies by itself, and tokens never.
pub async fn set_origin_aside(mut request: Request, next: Next) -> Response {
    if request.headers().contains_key(header::AUTHORIZATION) {
        request.headers_mut().remove(header::ORIGIN);
        request.headers_mut().remove("sec-fetch-site");
    }
    next.run(request).await
}
