//! Who asks, and where: a token, or the session of our own pages.

use axum::{
    extract::{RawPathParams, Request, State, rejection::RawPathParamsRejection},
    middleware::Next,
    response::Response,
};
use domain::{
    Timestamp,
    id::{AccountId, TokenId},
    member::{Member, Principal, Workspace},
};
use engine::services::{Bearer, Caller, Services, SessionInfo};
use http::{HeaderMap, header};

use super::{problem::Problem, rate};
use crate::web::{session, state::AppState};

/// Whoever asks, in no workspace yet.
#[derive(Debug, Clone)]
pub enum Asker {
    Token(Box<Bearer>),
    Session(SignedInAccount),
}

/// An account, and when the session that asks was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedInAccount {
    pub id: AccountId,
    pub at: Timestamp,
}

impl From<SessionInfo> for SignedInAccount {
    fn from(session: SessionInfo) -> Self {
        Self { id: session.account, at: session.signed_in_at }
    }
}

/// Whoever asks, in the workspace of the address, with the rights they have now.
#[derive(Debug, Clone)]
pub struct Access {
    pub services: Services,
    pub workspace: Workspace,
    /// `None` for the host itself, on its command line.
    pub member: Option<Member>,
    pub caller: Caller,
    /// When the person who asks signed in; `None` for a program.
    pub signed_in_at: Option<Timestamp>,
}

impl Access {
    /// The host's, with an owner's rights.
    pub fn of_host(services: Services, workspace: Workspace) -> Self {
        let caller = Caller { workspace: workspace.id, principal: Principal::Host };
        Self { services, workspace, member: None, caller, signed_in_at: None }
    }
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
        Asker::Session(account) => account.id.uuid(),
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
    let member = access.member.as_ref().map(|member| member.id.uuid());
    let who = principal.token().map(TokenId::uuid).or(member).unwrap_or_default();
    request.extensions_mut().insert(access);
    rate::limited(&state, who, request, next).await
}

/// Lets only tokens pass: the workspace is theirs, since the address names none.
pub async fn require_token(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let asker = asker(&state, request.headers()).await?;
    let Asker::Token(bearer) = &asker else { return Err(Problem::unauthenticated()) };
    let access = access(&state, &asker, &bearer.workspace.slug).await?;
    let who = bearer.token.id.uuid();
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
    Ok(Asker::Session(session.into()))
}

fn bearer_secret(headers: &HeaderMap) -> Option<&str> {
    let mut sent = headers.get_all(header::AUTHORIZATION).iter();
    let only = sent.next().filter(|_| sent.next().is_none())?;
    let (scheme, secret) = only.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(secret.trim())
}

/// What whoever asks showed, for answers that last: the question who they are can be asked again.
#[derive(Debug, Clone)]
pub struct Pass {
    headers: HeaderMap,
    slug: String,
    /// The member, and the token if it was one.
    ids: Vec<String>,
}

impl Pass {
    pub fn of(access: &Access, sent: &HeaderMap) -> Self {
        let mut headers = HeaderMap::new();
        for name in [header::AUTHORIZATION, header::COOKIE] {
            for value in sent.get_all(&name) {
                headers.append(&name, value.clone());
            }
        }
        let token = access.caller.principal.token().map(|token| token.to_string());
        let member = access.member.as_ref().map(|member| member.id.to_string());
        let ids = token.into_iter().chain(member).collect();
        Self { headers, slug: access.workspace.slug.clone(), ids }
    }

    /// Whether one of these ids is that of the member or the token.
    pub fn is_among(&self, ids: &[String]) -> bool {
        ids.iter().any(|id| self.ids.contains(id))
    }

    /// Whoever it is, with the rights they have now. A session is not used by it.
    pub async fn again(&self, state: &AppState) -> Result<Access, Problem> {
        let asker = match session::secret(state, &self.headers) {
            Some(secret) if !self.headers.contains_key(header::AUTHORIZATION) => {
                let session = state.services().unused_session(&secret).await?;
                Asker::Session(session.ok_or_else(Problem::unauthenticated)?.into())
            }
            _ => asker(state, &self.headers).await?,
        };
        access(state, &asker, &self.slug).await
    }
}

async fn access(state: &AppState, asker: &Asker, slug: &str) -> Result<Access, Problem> {
    let services = state.services().clone();
    match asker {
        Asker::Token(bearer) if bearer.workspace.slug == slug => {
            let (workspace, member) = (bearer.workspace.clone(), Some(bearer.member.clone()));
            let caller = bearer.caller();
            Ok(Access { services, workspace, member, caller, signed_in_at: None })
        }
        Asker::Token(_) => Err(Problem::not_found("workspace")),
        Asker::Session(account) => {
            let (workspace, member, caller) = services.principal_in(account.id, slug).await?;
            let (member, signed_in_at) = (Some(member), Some(account.at));
            Ok(Access { services, workspace, member, caller, signed_in_at })
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
