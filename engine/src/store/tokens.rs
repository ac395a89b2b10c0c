//! Tokens of members, known by the digest of their secret.

use domain::{
    Timestamp,
    id::{MemberId, TokenId, WorkspaceId},
    token::{Scopes, Token},
};
use uuid::Uuid;

use super::{Session, StoreError, Tx, change, sql};

/// Every query that gives tokens begins like this.
macro_rules! select_token {
    ($rest:literal) => {
        concat!(
            "SELECT id, workspace_id, member_id, name, scopes, created_at, expires_at, ",
            "last_used_at, revoked_at FROM token WHERE ",
            $rest
        )
    };
}

#[derive(sqlx::FromRow)]
struct TokenRow {
    id: Uuid,
    workspace_id: Uuid,
    member_id: Uuid,
    name: String,
    scopes: String,
    created_at: Timestamp,
    expires_at: Timestamp,
    last_used_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
}

impl TryFrom<TokenRow> for Token {
    type Error = StoreError;

    fn try_from(row: TokenRow) -> Result<Self, StoreError> {
        let wrong = |error| StoreError::inconsistent("token", "scopes", error);
        Ok(Self {
            id: TokenId::new(row.id),
            workspace: WorkspaceId::new(row.workspace_id),
            member: MemberId::new(row.member_id),
            name: row.name,
            scopes: serde_json::from_str(&row.scopes).map_err(wrong)?,
            created_at: row.created_at,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
            revoked_at: row.revoked_at,
        })
    }
}

fn words(scopes: Scopes) -> Result<String, StoreError> {
    let wrong = |error| StoreError::inconsistent("token", "scopes", error);
    serde_json::to_string(&scopes).map_err(wrong)
}

impl Session {
    /// The token with this secret, whatever workspace it is of and whether or not it is still good.
    pub async fn token_by_secret(&mut self, digest: &str) -> Result<Option<Token>, StoreError> {
        let row: Option<TokenRow> =
            sql!(self, |c| sqlx::query_as(select_token!("secret_hash = $1"))
                .bind(digest)
                .fetch_optional(c))?;
        row.map(Token::try_from).transpose()
    }

    pub async fn token(
        &mut self,
        workspace: WorkspaceId,
        id: TokenId,
    ) -> Result<Option<Token>, StoreError> {
        let row: Option<TokenRow> =
            sql!(self, |c| sqlx::query_as(select_token!("workspace_id = $1 AND id = $2"))
                .bind(workspace.uuid())
                .bind(id.uuid())
                .fetch_optional(c))?;
        row.map(Token::try_from).transpose()
    }

    /// The tokens of a workspace, newest first.
    pub async fn tokens(&mut self, workspace: WorkspaceId) -> Result<Vec<Token>, StoreError> {
        let rows: Vec<TokenRow> =
            sql!(self, |c| sqlx::query_as(select_token!("workspace_id = $1 ORDER BY id DESC"))
                .bind(workspace.uuid())
                .fetch_all(c))?;
        rows.into_iter().map(Token::try_from).collect()
    }

    /// The tokens of a member, newest first.
    pub async fn tokens_of(
        &mut self,
        workspace: WorkspaceId,
        member: MemberId,
    ) -> Result<Vec<Token>, StoreError> {
        let rows: Vec<TokenRow> = sql!(self, |c| sqlx::query_as(select_token!(
            "workspace_id = $1 AND member_id = $2 ORDER BY id DESC"
        ))
        .bind(workspace.uuid())
        .bind(member.uuid())
        .fetch_all(c))?;
        rows.into_iter().map(Token::try_from).collect()
    }
}

impl Tx {
    pub async fn insert_token(&mut self, digest: &str, token: &Token) -> Result<(), StoreError> {
        let scopes = words(token.scopes)?;
        change!(
            self,
            sqlx::query(
                "INSERT INTO token (id, workspace_id, member_id, name, secret_hash, scopes, \
                 created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
            )
            .bind(token.id.uuid())
            .bind(token.workspace.uuid())
            .bind(token.member.uuid())
            .bind(token.name.as_str())
            .bind(digest)
            .bind(scopes.as_str())
            .bind(token.created_at)
            .bind(token.expires_at)
        )
        .map(drop)
    }

    /// Notes that a token was used.
    pub async fn touch_token(
        &mut self,
        workspace: WorkspaceId,
        id: TokenId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        change!(
            self,
            sqlx::query(
                "UPDATE token SET last_used_at = $3 WHERE workspace_id = $1 AND id = $2 \
                 AND (last_used_at IS NULL OR last_used_at < $3)"
            )
            .bind(workspace.uuid())
            .bind(id.uuid())
            .bind(now)
        )
        .map(drop)
    }

    /// Revokes a token and answers whether it was not revoked before.
    pub async fn revoke_token(
        &mut self,
        workspace: WorkspaceId,
        id: TokenId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = change!(
            self,
            sqlx::query(
                "UPDATE token SET revoked_at = $3 \
                 WHERE workspace_id = $1 AND id = $2 AND revoked_at IS NULL"
            )
            .bind(workspace.uuid())
            .bind(id.uuid())
            .bind(now)
        )?;
        Ok(changed == 1)
    }
}
