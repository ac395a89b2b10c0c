//! Members of the workspace.

mod windows;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse as _, Response},
};
use domain::{id::MemberId, permission::Permission};
use engine::services::{NewMember, SignInLink};
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    asked::{Asked, Listed},
    body::Body,
    describe::{Api, delete, get, post, put},
    keyed::Kept,
    problem::Problem,
    schema,
};
use crate::{config::Origin, web::state::AppState};

/// A member, present or removed
#[derive(Debug, Serialize, ToSchema)]
pub struct Member {
    id: schema::MemberId,
    email: String,
    name: String,
    role: schema::Role,
    created_at: schema::Time,
    removed_at: Option<schema::Time>,
}

impl From<domain::member::Member> for Member {
    fn from(member: domain::member::Member) -> Self {
        Self {
            id: member.id.into(),
            email: member.email,
            name: member.name,
            role: member.role.into(),
            created_at: member.created_at.into(),
            removed_at: schema::maybe(member.removed_at),
        }
    }
}

/// Somebody who is to be a member
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewMember)]
pub struct New {
    email: String,
    name: String,
    role: schema::Role,
}

/// A new member, and how they come in
#[derive(Debug, Serialize, ToSchema)]
pub struct AddedMember {
    member: Member,
    /// `null` for somebody who has a way in already
    link: Option<Link>,
}

/// A link that signs in once
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SignInLink)]
pub struct Link {
    email: String,
    /// Told this once; `null` where the answer is repeated
    link: Option<String>,
    expires_at: schema::Time,
}

impl Link {
    /// What may be kept of it.
    fn untold(link: &SignInLink) -> Self {
        Self { email: link.email.clone(), link: None, expires_at: link.expires_at.into() }
    }

    /// With the secret, under the address that people open.
    pub fn told(link: &SignInLink, origin: &Origin) -> Self {
        let address = format!("{origin}/accept-link?token={}", link.token.expose());
        Self { link: Some(address), ..Self::untold(link) }
    }
}

/// The role a member is to have
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleChange {
    role: schema::Role,
}

const TAG: &str = "Members";

pub fn routes(api: Api) -> Api {
    api.add(
        TAG,
        get("/members", "listMembers", "All members by name, removed ones too")
            .needs(Permission::ViewMembers)
            .lists::<Member>(),
        list,
    )
    .add(
        TAG,
        post("/members", "addMember", "Add a member")
            .about("A removed member comes back under the old id.")
            .needs(Permission::ManageMembers)
            .takes::<New>()
            .gives::<AddedMember>("201"),
        add,
    )
    .add(
        TAG,
        get("/members/{member}", "getMember", "A member")
            .needs(Permission::ViewMembers)
            .gives::<Member>("200")
            .tagged(),
        one,
    )
    .add(
        TAG,
        put("/members/{member}/role", "changeRole", "Give a member another role")
            .needs(Permission::ManageMembers)
            .takes::<RoleChange>()
            .gives::<Member>("200"),
        role,
    )
    .add(
        TAG,
        delete("/members/{member}", "removeMember", "Remove a member")
            .needs(Permission::ManageMembers)
            .gives::<Member>("200"),
        remove,
    )
    .add(
        TAG,
        post("/members/{member}/link", "issueLink", "Issue a sign-in link to a member")
            .about(
                "For somebody who is locked out; good once, for 30 minutes. Ends all sessions of the \
                 account. Refused with `host-only` for an account that is also somewhere else.",
            )
            .needs(Permission::ManageMembers)
            .gives::<Link>("200"),
        issue,
    )
    .and(windows::routes)
}

async fn list(asked: Asked) -> Result<Json<Listed<Member>>, Problem> {
    Ok(Json(Listed::whole(asked.services().members(asked.caller()).await?)))
}

async fn found(asked: &Asked, id: MemberId) -> Result<Member, Problem> {
    let members = asked.services().members(asked.caller()).await?;
    let found = members.into_iter().find(|member| member.id == id);
    found.map(Member::from).ok_or_else(|| Problem::not_found("member"))
}

async fn one(asked: Asked) -> Result<Json<Member>, Problem> {
    let id = asked.part("member")?;
    Ok(Json(found(&asked, id).await?))
}

async fn add(
    State(state): State<AppState>,
    asked: Asked,
    Body(new): Body<New>,
) -> Result<Response, Problem> {
    let new = NewMember { email: new.email, name: new.name, role: new.role.0 };
    let added = asked.services().add_member(asked.caller(), new).await?;
    let place = format!("{}/members/{}", asked.address(), added.member.id);
    let link = added.link.as_ref();
    let mut told = AddedMember { member: added.member.into(), link: link.map(Link::untold) };
    let kept = serde_json::to_string(&told).map_err(Problem::internal)?;
    told.link = link.map(|link| Link::told(link, &state.config().origin));
    let told = telling(&told, kept);
    Ok((StatusCode::CREATED, [(header::LOCATION, place)], told).into_response())
}

async fn issue(State(state): State<AppState>, asked: Asked) -> Result<Response, Problem> {
    let link = asked.services().issue_link(asked.caller(), asked.part("member")?).await?;
    let kept = serde_json::to_string(&Link::untold(&link)).map_err(Problem::internal)?;
    Ok(telling(&Link::told(&link, &state.config().origin), kept))
}

/// Tells a secret. What is kept for a repetition does not hold it.
fn telling(told: &impl Serialize, kept: String) -> Response {
    let mut response = Json(told).into_response();
    response.extensions_mut().insert(Kept(kept));
    response
}

async fn role(asked: Asked, Body(change): Body<RoleChange>) -> Result<Json<Member>, Problem> {
    let id = asked.part("member")?;
    let member = asked.services().change_role(asked.caller(), id, change.role.0).await?;
    Ok(Json(member.into()))
}

async fn remove(asked: Asked) -> Result<Json<Member>, Problem> {
    let id = asked.part("member")?;
    asked.services().remove_member(asked.caller(), id).await?;
    Ok(Json(found(&asked, id).await?))
}
