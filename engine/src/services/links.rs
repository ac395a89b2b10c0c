//! Sign-in links: single-use, handed over by whoever invites or helps out. There is no mail to send.

use std::net::IpAddr;

use chrono::TimeDelta;
use domain::{
    Timestamp,
    audit::{Draft, Verb},
    id::{AccountId, MemberId},
    member::{Member, Principal, Role},
    permission::Permission,
};
use serde_json::json;

use super::{
    Caller, ServiceError, Services, SignedIn,
    form::fold_email,
    members::{about, present},
    sign_in::{enter_everywhere, open_session},
    workspaces::acting,
};
use crate::{
    ids::Ids,
    password,
    secret::{Secret, digest},
    store::{Account, Tx},
};

/// How long an invitation is good.
pub(super) const INVITATION: TimeDelta = TimeDelta::days(7);
/// How long a link for somebody who is locked out is good.
const RECOVERY: TimeDelta = TimeDelta::minutes(30);

/// A link that signs an account in once.
#[derive(Debug, Clone)]
pub struct SignInLink {
    /// The secret part of the link, told this once.
    pub token: Secret,
    pub email: String,
    pub expires_at: Timestamp,
}

/// What the page behind a link has to ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkInfo {
    pub email: String,
    /// The account has no password yet: it must set one to come in.
    pub sets_password: bool,
}

impl Services {
    /// Issues a link for a member who cannot sign in; it is good for 30 minutes. Ends the account's
    /// sessions and takes earlier links back.
    ///
    /// A link opens every workspace of the account, so an owner can issue one only for an account
    /// all of whose workspaces they own.
    pub async fn issue_link(
        &self,
        caller: Caller,
        id: MemberId,
    ) -> Result<SignInLink, ServiceError> {
        self.require(caller, Permission::ManageMembers).await?;
        let (ids, now) = (self.ids.clone(), self.clock.now());
        self.write(move |tx| {
            Box::pin(async move {
                let account = present(tx, caller, id).await?.account;
                let actors = vouching(tx, caller, account).await?;
                recover(tx, &ids, now, account, &actors).await
            })
        })
        .await
    }

    /// The same by e-mail address, for the host.
    pub async fn link_for(&self, email: &str) -> Result<SignInLink, ServiceError> {
        let (ids, now, email) = (self.ids.clone(), self.clock.now(), fold_email(email));
        self.write(move |tx| {
            Box::pin(async move {
                let account = tx.account_by_email(&email).await?;
                let account = account.ok_or(ServiceError::NotFound("account"))?.id;
                let actors = host_everywhere(tx, account).await?;
                recover(tx, &ids, now, account, &actors).await
            })
        })
        .await
    }

    /// What a link is for, without using it up: mail scanners and previews look at addresses too.
    pub async fn link_info(&self, token: &str) -> Result<LinkInfo, ServiceError> {
        let account = self.linked_account(token).await?;
        let sets_password = account.password_hash.is_none();
        Ok(LinkInfo { email: account.email, sets_password })
    }

    /// Uses a link up and signs in. An account without a password must set one; an account with one
    /// may set another, which ends its other sessions, or come in as it is.
    pub async fn accept_link(
        &self,
        token: &str,
        new_password: Option<&str>,
        address: IpAddr,
    ) -> Result<SignedIn, ServiceError> {
        let account = self.linked_account(token).await?;
        let password = match new_password {
            Some(password) => Some(self.hash_password(password).await?),
            None if account.password_hash.is_some() => None,
            None => return Err(ServiceError::invalid("password", "choose a password")),
        };
        let (ids, now, link) = (self.ids.clone(), self.clock.now(), digest(token));
        self.write(move |tx| {
            Box::pin(async move {
                tx.lock_account(account.id).await?;
                let members = tx.memberships(account.id).await?;
                if members.is_empty() || !tx.use_link(&link, now).await? {
                    return Err(not_valid());
                }
                let mut acts = Vec::new();
                if let Some(password) = &password {
                    tx.set_password_hash(account.id, password).await?;
                    tx.delete_sessions(account.id).await?;
                    acts.push((Verb::MemberPasswordSet, Some(json!({"by": "link"}))));
                }
                let payload = json!({"by": "link", "address": address.to_string()});
                acts.push((Verb::SignInSucceeded, Some(payload)));
                let signed_in = open_session(tx, &ids, now, account.id).await?;
                enter_everywhere(tx, &ids, now, &members, &acts).await?;
                Ok(signed_in)
            })
        })
        .await
    }

    /// The account of a link that can still be used.
    async fn linked_account(&self, token: &str) -> Result<Account, ServiceError> {
        let mut session = self.store.read().await?;
        let account = session.link_account(&digest(token), self.clock.now()).await?;
        let account = account.ok_or_else(not_valid)?;
        session.account(account).await?.ok_or_else(not_valid)
    }

    /// The hash of a new password, or what is wrong with it.
    pub(super) async fn hash_password(&self, password: &str) -> Result<Secret, ServiceError> {
        password::check(password).map_err(|message| ServiceError::invalid("password", message))?;
        self.shared.passwords.hash(password, self.ids.salt()).await
    }
}

/// A link that is unknown, used up, taken back or too old: which of these is nobody's business.
fn not_valid() -> ServiceError {
    ServiceError::conflict(
        "link-not-valid",
        "this link was used already or has expired; ask for a new one",
    )
}

/// Puts a new link in place of all that were not used.
pub(super) async fn issue(
    tx: &mut Tx,
    ids: &Ids,
    now: Timestamp,
    account: &Account,
    lifetime: TimeDelta,
) -> Result<SignInLink, ServiceError> {
    let token = Secret::new(ids.secret());
    let expires_at = now + lifetime;
    tx.revoke_links(account.id).await?;
    tx.insert_link(&digest(token.expose()), account.id, now, expires_at).await?;
    Ok(SignInLink { token, email: account.email.clone(), expires_at })
}

/// The entry about a link.
pub(super) fn issued(actor: Principal, member: &Member, link: &SignInLink) -> Draft {
    about(actor, Verb::SignInLinkIssued, member.id)
        .with(json!({"email": link.email, "expires_at": link.expires_at}))
}

/// Ends all sessions and issues a link; each workspace of the account learns who did it.
async fn recover(
    tx: &mut Tx,
    ids: &Ids,
    now: Timestamp,
    account: AccountId,
    actors: &[(Member, Principal)],
) -> Result<SignInLink, ServiceError> {
    let account = tx.lock_account(account).await?.ok_or(ServiceError::NotFound("account"))?;
    tx.delete_sessions(account.id).await?;
    let link = issue(tx, ids, now, &account, RECOVERY).await?;
    for (member, actor) in actors {
        let draft = issued(*actor, member, &link);
        tx.append_audit(member.workspace, ids, now, &[draft]).await?;
    }
    Ok(link)
}

/// The places of an account, with the host as whoever acts there.
async fn host_everywhere(
    tx: &mut Tx,
    account: AccountId,
) -> Result<Vec<(Member, Principal)>, ServiceError> {
    tx.lock_account(account).await?;
    let places = tx.memberships(account).await?;
    if places.is_empty() {
        return Err(ServiceError::NotFound("account"));
    }
    Ok(places.into_iter().map(|place| (place, Principal::Host)).collect())
}

/// The places of an account, with whom the caller is in each: an owner, or the host.
async fn vouching(
    tx: &mut Tx,
    caller: Caller,
    account: AccountId,
) -> Result<Vec<(Member, Principal)>, ServiceError> {
    let Some(owner) = caller.principal.member() else {
        return host_everywhere(tx, account).await;
    };
    let owner = present(tx, caller, owner).await?.account;
    tx.lock_account(account).await?;
    let mut actors = Vec::new();
    for place in tx.memberships(account).await? {
        let here = tx.member_of(place.workspace, owner).await?;
        let owns = |member: &Member| member.role == Role::Owner && member.removed_at.is_none();
        let Some(here) = here.filter(owns) else {
            let message = "only the host can issue a link for this account";
            return Err(ServiceError::conflict("host-only", message));
        };
        actors.push((place, acting(&here)));
    }
    Ok(actors)
}
