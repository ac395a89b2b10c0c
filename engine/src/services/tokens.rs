//! Tokens: made by a member for programs of theirs, shown once, and never worth more than the member.

use chrono::TimeDelta;
use domain::{
    Timestamp,
    audit::{Draft, Object, Verb},
    id::{MemberId, TokenId},
    member::{Member, Principal, Workspace},
    permission::{self, Permission, rights},
    token::{LONGEST_DAYS, PREFIX, Scopes, Token},
};
use serde_json::json;

use super::{
    Caller, ServiceError, Services,
    form::{self, Form},
    members::present,
};
use crate::{
    secret::{Secret, digest},
    store::Tx,
};

/// Tokens of one member that are good at the same time.
const MOST_TOKENS: usize = 100;

/// A token's last use is noted no more often, so that reading hardly ever writes.
const TOUCH: TimeDelta = TimeDelta::minutes(1);

/// A token that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// Whose it is: needed on the host's command line; a member makes tokens for themselves only.
    pub member: Option<MemberId>,
    pub name: String,
    pub scopes: Scopes,
    pub expires_at: Timestamp,
}

/// A token that was just made.
#[derive(Debug, Clone)]
pub struct CreatedToken {
    pub token: Token,
    /// What the program shows from now on, told this once.
    pub secret: Secret,
}

/// Who a token acts for, and where, as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    pub workspace: Workspace,
    pub member: Member,
    pub token: Token,
}

impl Bearer {
    /// What services are told about who asks.
    pub fn caller(&self) -> Caller {
        let Token { id, member, scopes, .. } = self.token;
        let principal = Principal::Token { id, member, role: self.member.role, scopes };
        Caller { workspace: self.workspace.id, principal }
    }
}

impl Services {
    /// Makes a token for the caller, or, on the host, for a member. It may do nothing that whoever
    /// makes it could not do now.
    ///
    /// # Errors
    /// `Invalid` naming `member`, `name`, `scopes` or `expires_at`; the conflict `too-many-tokens`.
    pub async fn create_token(
        &self,
        caller: Caller,
        new: NewToken,
    ) -> Result<CreatedToken, ServiceError> {
        self.require(caller, Permission::UseTokens).await?;
        let (ids, now) = (self.ids.clone(), self.clock.now());
        let (member, name) = check(caller, &new, now)?;
        let secret = Secret::new(format!("{PREFIX}{}", ids.secret()));
        let token = Token {
            id: TokenId::new(ids.uuid(now)),
            workspace: caller.workspace,
            member,
            name,
            scopes: new.scopes,
            created_at: now,
            expires_at: new.expires_at,
            last_used_at: None,
            revoked_at: None,
        };
        self.write(move |tx| {
            Box::pin(async move {
                check_member(tx, caller, &token, now).await?;
                tx.insert_token(&digest(secret.expose()), &token).await?;
                let draft = about(caller, Verb::TokenCreated, &token);
                tx.append_audit(caller.workspace, &ids, now, &[draft]).await?;
                Ok(CreatedToken { token, secret })
            })
        })
        .await
    }

    /// The caller's tokens, newest first; everybody's for those who manage them.
    pub async fn tokens(&self, caller: Caller) -> Result<Vec<Token>, ServiceError> {
        self.require(caller, Permission::UseTokens).await?;
        let mut session = self.store.read().await?;
        Ok(match whose(caller) {
            Some(member) => session.tokens_of(caller.workspace, member).await?,
            None => session.tokens(caller.workspace).await?,
        })
    }

    /// One of the tokens that [`Services::tokens`] lists.
    pub async fn token(&self, caller: Caller, id: TokenId) -> Result<Token, ServiceError> {
        self.require(caller, Permission::UseTokens).await?;
        let found = self.store.read().await?.token(caller.workspace, id).await?;
        found.filter(|token| is_seen(caller, token)).ok_or(ServiceError::NotFound("token"))
    }

    /// Revokes a token at once. One that was revoked before stays as it is.
    pub async fn revoke_token(&self, caller: Caller, id: TokenId) -> Result<Token, ServiceError> {
        self.require(caller, Permission::UseTokens).await?;
        let (ids, now) = (self.ids.clone(), self.clock.now());
        self.write(move |tx| {
            Box::pin(async move {
                let found = tx.token(caller.workspace, id).await?;
                let token = found.filter(|token| is_seen(caller, token));
                let token = token.ok_or(ServiceError::NotFound("token"))?;
                if !tx.revoke_token(caller.workspace, id, now).await? {
                    return Ok(token);
                }
                let draft = about(caller, Verb::TokenRevoked, &token);
                tx.append_audit(caller.workspace, &ids, now, &[draft]).await?;
                Ok(Token { revoked_at: Some(now), ..token })
            })
        })
        .await
    }

    /// Who acts with this secret, if it is that of a token that is good now. Notes that it was used.
    pub async fn bearer(&self, secret: &str) -> Result<Option<Bearer>, ServiceError> {
        if !secret.starts_with(PREFIX) {
            return Ok(None);
        }
        let now = self.clock.now();
        let mut session = self.store.read().await?;
        let found = session.token_by_secret(&digest(secret)).await?;
        let Some(token) = found.filter(|token| token.is_good(now)) else { return Ok(None) };
        let member = session.member(token.workspace, token.member).await?;
        let Some(member) = member.filter(|member| member.removed_at.is_none()) else {
            return Ok(None);
        };
        let Some(workspace) = session.workspace(token.workspace).await? else { return Ok(None) };
        drop(session);
        if token.last_used_at.is_none_or(|used| now - used >= TOUCH) {
            let (workspace, id) = (token.workspace, token.id);
            self.write(move |tx| {
                Box::pin(async move { Ok(tx.touch_token(workspace, id, now).await?) })
            })
            .await?;
        }
        Ok(Some(Bearer { workspace, member, token }))
    }
}

/// Whose tokens the caller sees; `None` for everybody's.
fn whose(caller: Caller) -> Option<MemberId> {
    let all = permission::require(caller.principal, Permission::ManageTokens).is_ok();
    caller.principal.member().filter(|_| !all)
}

fn is_seen(caller: Caller, token: &Token) -> bool {
    whose(caller).is_none_or(|member| member == token.member)
}

/// Whose the token will be, and its name.
fn check(
    caller: Caller,
    new: &NewToken,
    now: Timestamp,
) -> Result<(MemberId, String), ServiceError> {
    let mut form = Form::default();
    let member = match (caller.principal.member(), new.member) {
        (Some(me), Some(other)) if me != other => {
            Err("a token acts for the member who makes it".to_owned())
        }
        (Some(member), _) | (None, Some(member)) => Ok(Some(member)),
        (None, None) => Err("say for which member".to_owned()),
    };
    let member = form.take("member", member);
    let name = form.take("name", form::name(&new.name));
    form.take("scopes", check_scopes(new.scopes, rights(caller.principal)));
    form.take("expires_at", check_expiry(new.expires_at, now));
    form.finish()?;
    Ok((member.ok_or(ServiceError::NotFound("member"))?, name))
}

fn check_scopes(scopes: Scopes, rights: Scopes) -> Result<(), String> {
    if scopes.is_empty() {
        return Err("choose at least one".to_owned());
    }
    let beyond: Scopes = scopes.iter().filter(|&scope| !rights.contains(scope)).collect();
    if beyond.is_empty() { Ok(()) } else { Err(format!("beyond what the member may do: {beyond}")) }
}

fn check_expiry(expires_at: Timestamp, now: Timestamp) -> Result<(), String> {
    if expires_at <= now {
        return Err("it has to lie ahead".to_owned());
    }
    if expires_at - now > TimeDelta::days(LONGEST_DAYS) {
        return Err(format!("a token is good for at most {LONGEST_DAYS} days"));
    }
    Ok(())
}

/// The member is there, may do what the token may, and has room for it.
async fn check_member(
    tx: &mut Tx,
    caller: Caller,
    token: &Token,
    now: Timestamp,
) -> Result<(), ServiceError> {
    let member = present(tx, caller, token.member).await?;
    check_scopes(token.scopes, Scopes::of_role(member.role))
        .map_err(|message| ServiceError::invalid("scopes", message))?;
    let others = tx.tokens_of(caller.workspace, member.id).await?;
    if others.iter().filter(|other| other.is_good(now)).count() >= MOST_TOKENS {
        let message = format!("a member has at most {MOST_TOKENS} tokens; revoke one first");
        return Err(ServiceError::conflict("too-many-tokens", message));
    }
    Ok(())
}

fn about(caller: Caller, verb: Verb, token: &Token) -> Draft {
    let draft = Draft::new(caller.principal, verb, Object::new("token", token.id));
    match verb {
        Verb::TokenRevoked => draft.with(json!({"member": token.member, "name": token.name})),
        _ => draft.with(json!({"after": {
            "member": token.member,
            "name": token.name,
            "scopes": token.scopes,
            "expires_at": token.expires_at,
        }})),
    }
}
