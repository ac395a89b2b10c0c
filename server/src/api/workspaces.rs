//! Workspaces, and who the client is in one.

use axum::{Extension, Json, extract::State};
use domain::permission::rights;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    access::Asker,
    asked::{Asked, Listed},
    describe::{Api, get},
    problem::Problem,
    schema,
};
use crate::web::state::AppState;

/// A tenant
#[derive(Debug, Serialize, ToSchema)]
pub struct Workspace {
    id: schema::WorkspaceId,
    /// Its name in addresses
    slug: String,
    name: String,
    created_at: schema::Time,
}

impl From<domain::member::Workspace> for Workspace {
    fn from(workspace: domain::member::Workspace) -> Self {
        let domain::member::Workspace { id, slug, name, created_at } = workspace;
        Self { id: id.into(), slug, name, created_at: created_at.into() }
    }
}

/// Who asks, and what they may do now
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    /// `member` or `token`
    kind: String,
    member: schema::MemberId,
    name: String,
    role: schema::Role,
    /// The token that was used
    token: Option<schema::TokenId>,
    /// What the role and the token's scopes both allow
    permissions: Vec<schema::Permission>,
}

const TAG: &str = "Workspaces";

/// All of them, for the host.
pub fn list_of(found: Vec<domain::member::Workspace>) -> Listed<Workspace> {
    Listed::whole(found)
}

/// In no workspace.
pub fn all(api: Api) -> Api {
    let list = get("/workspaces", "listWorkspaces", "The workspaces of whoever asks");
    let list = list.about("Those the member is in; with a token, the one it is of.");
    api.add(TAG, list.lists::<Workspace>(), everywhere)
}

/// In a workspace.
pub fn one(api: Api) -> Api {
    api.add(
        TAG,
        get("/", "getWorkspace", "The workspace").gives::<Workspace>("200").tagged(),
        workspace,
    )
    .add(TAG, get("/me", "whoAmI", "Who asks, and what they may do").gives::<Me>("200"), me)
}

async fn everywhere(
    State(state): State<AppState>,
    Extension(asker): Extension<Asker>,
) -> Result<Json<Listed<Workspace>>, Problem> {
    let found = match asker {
        Asker::Token(bearer) => vec![bearer.workspace],
        Asker::Session(account) => state.services().workspaces_of(account.id).await?,
    };
    Ok(Json(list_of(found)))
}

async fn workspace(asked: Asked) -> Json<Workspace> {
    Json(asked.access.workspace.into())
}

async fn me(asked: Asked) -> Result<Json<Me>, Problem> {
    let (member, principal) = (asked.access.member.clone(), asked.caller().principal);
    let member = member.ok_or_else(|| Problem::not_found("member"))?;
    Ok(Json(Me {
        kind: principal.kind().to_owned(),
        member: member.id.into(),
        name: member.name,
        role: member.role.into(),
        token: schema::maybe(principal.token()),
        permissions: rights(principal).iter().map(schema::Permission).collect(),
    }))
}
