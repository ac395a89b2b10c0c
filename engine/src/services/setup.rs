//! The first owner. There is no account to begin with: a single-use token, told on the host when the
//! server starts, lets one person make theirs; then this way is closed for ever.

use std::net::IpAddr;

use chrono::TimeDelta;
use domain::{
    Timestamp,
    audit::Verb,
    id::{AccountId, MemberId},
    member::{Member, Role, Workspace},
};
use serde_json::json;

use super::{
    ServiceError, Services, SignedIn,
    form::{self, Form},
    members::{about, added, admit},
    sign_in::open_session,
    workspaces::{acting, created, new_workspace},
};
use crate::{
    ids::Ids,
    password,
    secret::{Secret, digest, same},
    store::{Setup, Tx},
};

/// How long a token is good; the next start gives another.
const LIFETIME: TimeDelta = TimeDelta::minutes(30);

/// What to print on the host for the first owner.
#[derive(Debug, Clone)]
pub struct SetupToken {
    /// Told this once.
    pub token: Secret,
    pub expires_at: Timestamp,
}

/// The first owner's form.
#[derive(Debug, Clone)]
pub struct Claim {
    pub token: String,
    pub name: String,
    pub email: String,
    pub password: String,
    pub workspace_name: String,
    pub workspace_slug: String,
}

/// The first owner, signed in.
#[derive(Debug, Clone)]
pub struct Claimed {
    pub workspace: Workspace,
    pub member: Member,
    pub signed_in: SignedIn,
}

/// A claim whose fields are in order.
struct Checked {
    name: String,
    email: String,
    workspace_name: String,
    workspace_slug: String,
}

impl Services {
    /// Makes the token for the first owner, in place of any before; `None` once there is an owner.
    pub async fn prepare_setup(&self) -> Result<Option<SetupToken>, ServiceError> {
        let (token, now) = (Secret::new(self.ids.secret()), self.clock.now());
        self.write(move |tx| {
            Box::pin(async move {
                let expires_at = now + LIFETIME;
                let open = !tx.has_owner().await?
                    && tx.offer_setup(&digest(token.expose()), now, expires_at).await?;
                Ok(open.then_some(SetupToken { token, expires_at }))
            })
        })
        .await
    }

    /// Whether a first owner is still awaited with a token that is good.
    pub async fn setup_is_open(&self) -> Result<bool, ServiceError> {
        let mut session = self.store.read().await?;
        let (setup, now) = (session.setup().await?, self.clock.now());
        Ok(setup.is_some_and(|setup| is_open(&setup, now)) && !session.has_owner().await?)
    }

    /// Makes the first owner, and the workspace if the host has not made it. Of several who hold the
    /// token, one succeeds.
    pub async fn claim_setup(
        &self,
        claim: Claim,
        address: IpAddr,
    ) -> Result<Claimed, ServiceError> {
        let token = digest(&claim.token);
        let setup = self.store.read().await?.setup().await?;
        opens(setup.as_ref(), &token, self.clock.now())?;
        let mut form = Form::default();
        let checked = Checked {
            name: form.take("name", form::name(&claim.name)),
            email: form.take("email", form::email(&claim.email)),
            workspace_name: form.take("workspace_name", form::name(&claim.workspace_name)),
            workspace_slug: form.take("workspace_slug", form::slug(&claim.workspace_slug)),
        };
        form.take("password", password::check(&claim.password));
        form.finish()?;
        let password = self.hash_password(&claim.password).await?;
        let (ids, now) = (self.ids.clone(), self.clock.now());
        self.write(move |tx| {
            Box::pin(async move {
                opens(tx.lock_setup().await?.as_ref(), &token, now)?;
                if tx.has_owner().await? {
                    return Err(closed());
                }
                tx.close_setup(now).await?;
                settle(tx, &ids, now, checked, &password, address).await
            })
        })
        .await
    }
}

/// Makes workspace, account and owner.
async fn settle(
    tx: &mut Tx,
    ids: &Ids,
    now: Timestamp,
    claim: Checked,
    password: &Secret,
    address: IpAddr,
) -> Result<Claimed, ServiceError> {
    let fresh = AccountId::new(ids.uuid(now));
    let account = tx.ensure_account(fresh, &claim.email, now).await?;
    tx.set_password_hash(account.id, password).await?;
    tx.delete_sessions(account.id).await?;
    let existing = tx.workspace_by_slug(&claim.workspace_slug).await?;
    let is_new = existing.is_none();
    let workspace = match existing {
        Some(workspace) => workspace,
        None => new_workspace(tx, ids, now, claim.workspace_slug, claim.workspace_name).await?,
    };
    let fresh = MemberId::new(ids.uuid(now));
    let member = admit(tx, workspace.id, &account, fresh, claim.name, Role::Owner, now).await?;
    let signed_in = open_session(tx, ids, now, account.id).await?;
    let actor = acting(&member);
    let payload = json!({"by": "setup", "address": address.to_string()});
    let mut drafts = Vec::new();
    drafts.extend(is_new.then(|| created(actor, &workspace)));
    drafts.extend([
        added(actor, &member),
        about(actor, Verb::MemberPasswordSet, member.id).with(json!({"by": "setup"})),
        about(actor, Verb::SignInSucceeded, member.id).with(payload),
    ]);
    tx.append_audit(workspace.id, ids, now, &drafts).await?;
    Ok(Claimed { workspace, member, signed_in })
}

fn is_open(setup: &Setup, now: Timestamp) -> bool {
    setup.claimed_at.is_none() && now < setup.expires_at
}

/// Refuses unless this token opens the way.
fn opens(setup: Option<&Setup>, token: &str, now: Timestamp) -> Result<(), ServiceError> {
    let fits = |setup: &Setup| is_open(setup, now) && same(&setup.token_hash, token);
    if setup.is_some_and(fits) { Ok(()) } else { Err(closed()) }
}

fn closed() -> ServiceError {
    let message = "this link was used already or has expired; a restart of the server prints another \
                   as long as there is no owner";
    ServiceError::conflict("link-not-valid", message)
}
