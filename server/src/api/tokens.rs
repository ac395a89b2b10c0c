//! Tokens of the caller; everybody's for those who manage them.

use axum::{
    Json,
    response::{IntoResponse as _, Response},
};
use domain::{Timestamp, permission::Permission, token::Scopes};
use engine::services::NewToken;
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    asked::{Asked, Listed},
    body::Body,
    describe::{Api, delete, get, post},
    keyed::Kept,
    problem::Problem,
    schema,
};

/// A token, without its secret
#[derive(Debug, Serialize, ToSchema)]
pub struct Token {
    id: schema::TokenId,
    /// Whose rights it acts with
    member: schema::MemberId,
    name: String,
    /// What it may do at most
    scopes: Vec<schema::Permission>,
    /// `active`, `expired` or `revoked`
    status: String,
    created_at: schema::Time,
    expires_at: schema::Time,
    /// To the minute
    last_used_at: Option<schema::Time>,
    revoked_at: Option<schema::Time>,
}

impl Token {
    fn new(token: domain::token::Token, now: Timestamp) -> Self {
        Self {
            status: token.standing(now).to_owned(),
            id: token.id.into(),
            member: token.member.into(),
            name: token.name,
            scopes: token.scopes.iter().map(schema::Permission).collect(),
            created_at: token.created_at.into(),
            expires_at: token.expires_at.into(),
            last_used_at: schema::maybe(token.last_used_at),
            revoked_at: schema::maybe(token.revoked_at),
        }
    }
}

/// A token that is to be made
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewToken)]
pub struct New {
    name: String,
    /// None beyond what whoever makes it may do
    scopes: Vec<schema::Permission>,
    /// At most 366 days ahead
    expires_at: schema::Time,
}

/// A token that was just made
#[derive(Debug, Serialize, ToSchema)]
pub struct CreatedToken {
    token: Token,
    /// Told this once; `null` where the answer is repeated
    secret: Option<String>,
}

impl CreatedToken {
    /// With its secret.
    pub fn told(made: engine::services::CreatedToken, now: Timestamp) -> Self {
        let secret = Some(made.secret.expose().to_owned());
        Self { token: Token::new(made.token, now), secret }
    }
}

const TAG: &str = "Tokens";

pub fn routes(api: Api) -> Api {
    api.add(
        TAG,
        get("/tokens", "listTokens", "Tokens, newest first")
            .about("One's own; everybody's with `manage-tokens`.")
            .needs(Permission::UseTokens)
            .lists::<Token>(),
        list,
    )
    .add(
        TAG,
        post("/tokens", "createToken", "Make a token for oneself")
            .needs(Permission::UseTokens)
            .takes::<New>()
            .gives::<CreatedToken>("201"),
        create,
    )
    .add(
        TAG,
        get("/tokens/{token}", "getToken", "A token")
            .needs(Permission::UseTokens)
            .gives::<Token>("200")
            .tagged(),
        one,
    )
    .add(
        TAG,
        delete("/tokens/{token}", "revokeToken", "Revoke a token, at once")
            .needs(Permission::UseTokens)
            .gives::<Token>("200"),
        revoke,
    )
}

async fn list(asked: Asked) -> Result<Json<Listed<Token>>, Problem> {
    let now = asked.services().clock().now();
    let found = asked.services().tokens(asked.caller()).await?;
    Ok(Json(Listed::whole(found.into_iter().map(|token| Token::new(token, now)))))
}

async fn one(asked: Asked) -> Result<Json<Token>, Problem> {
    let now = asked.services().clock().now();
    let found = asked.services().token(asked.caller(), asked.part("token")?).await?;
    Ok(Json(Token::new(found, now)))
}

async fn create(asked: Asked, Body(new): Body<New>) -> Result<Response, Problem> {
    let now = asked.services().clock().now();
    let scopes: Scopes = new.scopes.into_iter().map(|schema::Permission(scope)| scope).collect();
    let new = NewToken { member: None, name: new.name, scopes, expires_at: new.expires_at.0 };
    let made = asked.services().create_token(asked.caller(), new).await?;
    let place = format!("{}/tokens/{}", asked.address(), made.token.id);
    let mut created = CreatedToken::told(made, now);
    let secret = created.secret.take();
    // What is kept for a repetition must not hold the secret.
    let kept = serde_json::to_string(&created).map_err(Problem::internal)?;
    created.secret = secret;
    let mut response =
        (StatusCode::CREATED, [(header::LOCATION, place)], Json(created)).into_response();
    response.extensions_mut().insert(Kept(kept));
    Ok(response)
}

async fn revoke(asked: Asked) -> Result<Json<Token>, Problem> {
    let now = asked.services().clock().now();
    let revoked = asked.services().revoke_token(asked.caller(), asked.part("token")?).await?;
    Ok(Json(Token::new(revoked, now)))
}
