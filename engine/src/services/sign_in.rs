//! Signing in and out, and the sessions in between.

use std::net::IpAddr;

use chrono::TimeDelta;
use domain::{
    Timestamp,
    audit::Verb,
    id::{AccountId, MemberId, WorkspaceId},
    member::{Member, Principal},
};
use serde_json::{Value, json};

use super::{ServiceError, Services, form::fold_email, members::about, workspaces::acting};
use crate::{
    ids::Ids,
    password::Verdict,
    secret::{Secret, digest},
    store::{Account, StoreError, StoredSession, Tx},
};

mod throttling;

use throttling::Attempt;

/// A session nobody used for so long is over.
const IDLE: TimeDelta = TimeDelta::minutes(30);
/// No session lasts longer, used or not.
const ABSOLUTE: TimeDelta = TimeDelta::hours(12);
/// A session's last use is noted no more often, so that reading pages hardly ever writes.
const TOUCH: TimeDelta = TimeDelta::minutes(1);

/// Somebody who has just come in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// What the browser shows from now on, told this once.
    pub secret: Secret,
    pub account: AccountId,
    /// When the session is over at the latest.
    pub expires_at: Timestamp,
}

/// A session that is good now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionInfo {
    pub account: AccountId,
    pub email: String,
    pub signed_in_at: Timestamp,
    /// When the session is over at the latest.
    pub expires_at: Timestamp,
}

impl Services {
    /// Signs in from `address`: the client's own, not that of a proxy.
    ///
    /// An unknown account is refused like a wrong password, and takes as long. Whoever fails often
    /// has to wait, for at most 15 minutes.
    pub async fn sign_in(
        &self,
        email: &str,
        password: &str,
        address: IpAddr,
    ) -> Result<SignedIn, ServiceError> {
        let email = fold_email(email);
        let attempt = Attempt::new(&email, address);
        self.charge(&attempt).await?;
        let account = self.store.read().await?.account_by_email(&email).await?;
        let hash = account.as_ref().and_then(|account| account.password_hash.as_ref());
        let verdict = match self.shared.passwords.verify(password, hash).await {
            Ok(verdict) => verdict,
            Err(error) => {
                self.refund(&attempt).await?;
                return Err(error);
            }
        };
        let admitted = match (account, verdict) {
            (Some(account), Verdict::Right) => self.admit(&attempt, account, None).await?,
            (Some(account), Verdict::Outdated) => {
                let fresh = self.shared.passwords.hash(password, self.ids.salt()).await?;
                self.admit(&attempt, account, Some(fresh)).await?
            }
            (account, _) => {
                self.turn_away(&attempt, account).await?;
                None
            }
        };
        admitted.ok_or(ServiceError::WrongCredentials)
    }

    /// Makes sure that whoever acts for a member knows the member's password. Wrong ones count as failed
    /// sign-ins.
    ///
    /// # Errors
    /// `Invalid` naming `password`; `Throttled`.
    pub(super) async fn confirm_password(
        &self,
        workspace: WorkspaceId,
        member: MemberId,
        password: &str,
        address: IpAddr,
    ) -> Result<(), ServiceError> {
        let mut session = self.store.read().await?;
        let member = session.member(workspace, member).await?;
        let member = member.ok_or(ServiceError::NotFound("member"))?;
        let account = session.account(member.account).await?;
        drop(session);
        let attempt = Attempt::new(&member.email, address);
        self.charge(&attempt).await?;
        let hash = account.as_ref().and_then(|account| account.password_hash.as_ref());
        match self.shared.passwords.verify(password, hash).await {
            Ok(Verdict::Right | Verdict::Outdated) => {
                let now = self.clock.now();
                self.write(move |tx| Box::pin(async move { Ok(attempt.succeeded(tx, now).await?) }))
                    .await
            }
            Ok(Verdict::Wrong) => {
                self.turn_away(&attempt, account).await?;
                Err(ServiceError::invalid("password", "this is not your password"))
            }
            Err(error) => {
                self.refund(&attempt).await?;
                Err(error)
            }
        }
    }

    /// Opens the session of somebody whose password was right. `None` if meanwhile it is not the
    /// password any more, or if the account is a member nowhere.
    async fn admit(
        &self,
        attempt: &Attempt,
        account: Account,
        fresh: Option<Secret>,
    ) -> Result<Option<SignedIn>, ServiceError> {
        let (ids, now, attempt) = (self.ids.clone(), self.clock.now(), attempt.clone());
        self.write(move |tx| {
            Box::pin(async move {
                let current = tx.lock_account(account.id).await?;
                let members = tx.memberships(account.id).await?;
                if members.is_empty() || !current.is_some_and(|now| same_password(&now, &account)) {
                    return Ok(None);
                }
                if let Some(fresh) = &fresh {
                    tx.set_password_hash(account.id, fresh).await?;
                }
                attempt.succeeded(tx, now).await?;
                let signed_in = open_session(tx, &ids, now, account.id).await?;
                let payload = json!({"by": "password", "address": attempt.address.to_string()});
                let acts = [(Verb::SignInSucceeded, Some(payload))];
                enter_everywhere(tx, &ids, now, &members, &acts).await?;
                Ok(Some(signed_in))
            })
        })
        .await
    }

    /// The session with this secret, if it is still good. Notes that it was used.
    pub async fn session(&self, secret: &str) -> Result<Option<SessionInfo>, ServiceError> {
        let Some((seen_at, info)) = self.standing_session(secret).await? else { return Ok(None) };
        let (digest, now) = (digest(secret), self.clock.now());
        if now - seen_at >= TOUCH {
            self.write(move |tx| {
                Box::pin(async move { Ok(tx.touch_session(&digest, now).await?) })
            })
            .await?;
        }
        Ok(Some(info))
    }

    /// The same without noting a use: a page that is only left open does not keep a session alive.
    pub async fn unused_session(&self, secret: &str) -> Result<Option<SessionInfo>, ServiceError> {
        Ok(self.standing_session(secret).await?.map(|(_, info)| info))
    }

    /// A session that is still good, and when it was last used.
    async fn standing_session(
        &self,
        secret: &str,
    ) -> Result<Option<(Timestamp, SessionInfo)>, ServiceError> {
        let now = self.clock.now();
        let mut session = self.store.read().await?;
        let Some(stored) = session.session(&digest(secret)).await? else {
            return Ok(None);
        };
        if now >= stored.expires_at || now - stored.seen_at >= IDLE {
            return Ok(None);
        }
        let Some(account) = session.account(stored.account).await? else {
            return Ok(None);
        };
        let info = SessionInfo {
            account: account.id,
            email: account.email,
            signed_in_at: stored.created_at,
            expires_at: stored.expires_at,
        };
        Ok(Some((stored.seen_at, info)))
    }

    /// Ends a session. One that is unknown has ended already.
    pub async fn sign_out(&self, secret: &str) -> Result<(), ServiceError> {
        let (ids, now, digest) = (self.ids.clone(), self.clock.now(), digest(secret));
        self.write(move |tx| {
            Box::pin(async move {
                let Some(account) = tx.delete_session(&digest).await? else {
                    return Ok(());
                };
                let members = tx.memberships(account).await?;
                let acts = [(Verb::SignedOut, None)];
                Ok(enter_everywhere(tx, &ids, now, &members, &acts).await?)
            })
        })
        .await
    }

    /// Ends all sessions of an account and answers how many there were.
    pub async fn sign_out_everywhere(&self, account: AccountId) -> Result<u64, ServiceError> {
        let (ids, now) = (self.ids.clone(), self.clock.now());
        self.write(move |tx| {
            Box::pin(async move {
                let ended = tx.delete_sessions(account).await?;
                if ended > 0 {
                    let members = tx.memberships(account).await?;
                    let acts = [(Verb::SignedOut, Some(json!({"sessions": ended})))];
                    enter_everywhere(tx, &ids, now, &members, &acts).await?;
                }
                Ok(ended)
            })
        })
        .await
    }
}

fn same_password(one: &Account, other: &Account) -> bool {
    match (&one.password_hash, &other.password_hash) {
        (Some(one), Some(other)) => one.expose() == other.expose(),
        _ => false,
    }
}

/// Stores a new session and forgets those of the account that ended by themselves.
pub(super) async fn open_session(
    tx: &mut Tx,
    ids: &Ids,
    now: Timestamp,
    account: AccountId,
) -> Result<SignedIn, StoreError> {
    let secret = Secret::new(ids.secret());
    let expires_at = now + ABSOLUTE;
    let session = StoredSession { account, created_at: now, seen_at: now, expires_at };
    tx.delete_stale_sessions(account, now, now - IDLE).await?;
    tx.insert_session(&digest(secret.expose()), &session).await?;
    Ok(SignedIn { secret, account, expires_at })
}

/// Enters what an account did into the log of each of its workspaces. `members` come in the order of
/// workspaces, so two transactions never wait for each other's log.
pub(super) async fn enter_everywhere(
    tx: &mut Tx,
    ids: &Ids,
    now: Timestamp,
    members: &[Member],
    acts: &[(Verb, Option<Value>)],
) -> Result<(), StoreError> {
    for member in members {
        let draft = |(verb, payload): &(Verb, Option<Value>)| {
            let draft = about(actor(*verb, member), *verb, member.id);
            match payload {
                Some(payload) => draft.with(payload.clone()),
                None => draft,
            }
        };
        let drafts: Vec<_> = acts.iter().map(draft).collect();
        tx.append_audit(member.workspace, ids, now, &drafts).await?;
    }
    Ok(())
}

/// Who failed to sign in is not known to be the member.
fn actor(verb: Verb, member: &Member) -> Principal {
    if verb == Verb::SignInRefused { Principal::System } else { acting(member) }
}
