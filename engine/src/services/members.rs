//! Members: who is in a workspace, and as what.

use std::collections::HashMap;

use domain::{
    Timestamp,
    audit::{Draft, Object, Verb},
    id::{AccountId, MemberId, WorkspaceId},
    member::{Member, Principal, Role},
    permission::Permission,
};
use serde_json::json;

use super::{
    Caller, ServiceError, Services,
    form::{self, Form},
    links::{self, INVITATION, SignInLink},
    windows,
};
use crate::store::{Account, Tx};

/// Somebody who is to be a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMember {
    pub email: String,
    pub name: String,
    pub role: Role,
}

/// A new member, and how they come in.
#[derive(Debug, Clone)]
pub struct AddedMember {
    pub member: Member,
    /// To be handed to the member: good once, for seven days. `None` for somebody who has a way in
    /// already: a password, or an invitation to another workspace.
    pub link: Option<SignInLink>,
}

impl Services {
    /// Adds a member. A removed member comes back under the old id.
    pub async fn add_member(
        &self,
        caller: Caller,
        new: NewMember,
    ) -> Result<AddedMember, ServiceError> {
        self.require(caller, Permission::ManageMembers).await?;
        let mut form = Form::default();
        let email = form.take("email", form::email(&new.email));
        let name = form.take("name", form::name(&new.name));
        form.finish()?;
        let (ids, now) = (self.ids.clone(), self.clock.now());
        let id = AccountId::new(ids.uuid(now));
        self.write(move |tx| {
            Box::pin(async move {
                let account = tx.ensure_account(id, &email, now).await?;
                let fresh = MemberId::new(ids.uuid(now));
                let member =
                    admit(tx, caller.workspace, &account, fresh, name, new.role, now).await?;
                let mut drafts = vec![added(caller.principal, &member)];
                let link = if needs_invitation(tx, caller, &account, &member).await? {
                    Some(links::issue(tx, &ids, now, &account, INVITATION).await?)
                } else {
                    None
                };
                if let Some(link) = &link {
                    drafts.push(links::issued(caller.principal, &member, link));
                }
                tx.append_audit(caller.workspace, &ids, now, &drafts).await?;
                Ok(AddedMember { member, link })
            })
        })
        .await
    }

    /// Gives a member another role. It holds from their next request on.
    pub async fn change_role(
        &self,
        caller: Caller,
        id: MemberId,
        role: Role,
    ) -> Result<Member, ServiceError> {
        self.require(caller, Permission::ManageMembers).await?;
        let (ids, now) = (self.ids.clone(), self.clock.now());
        self.write(move |tx| {
            Box::pin(async move {
                let owners = tx.lock_owners(caller.workspace).await?;
                let member = present(tx, caller, id).await?;
                if member.role == role {
                    return Ok(member);
                }
                keep_an_owner(&owners, id)?;
                tx.set_member_role(caller.workspace, id, role).await?;
                let payload = json!({"before": {"role": member.role}, "after": {"role": role}});
                let draft = about(caller.principal, Verb::MemberRoleChanged, id).with(payload);
                tx.append_audit(caller.workspace, &ids, now, &[draft]).await?;
                Ok(Member { role, ..member })
            })
        })
        .await
    }

    /// Removes a member; what they did keeps their name, and their windows are revoked. An account that is a member nowhere any
    /// more is signed out everywhere.
    pub async fn remove_member(&self, caller: Caller, id: MemberId) -> Result<(), ServiceError> {
        self.require(caller, Permission::ManageMembers).await?;
        let (ids, now) = (self.ids.clone(), self.clock.now());
        self.write(move |tx| {
            Box::pin(async move {
                let account = present(tx, caller, id).await?.account;
                // Two workspaces that remove the same account at once must see each other.
                tx.lock_account(account).await?;
                let owners = tx.lock_owners(caller.workspace).await?;
                let member = present(tx, caller, id).await?;
                keep_an_owner(&owners, id)?;
                tx.remove_member(caller.workspace, id, now).await?;
                if tx.memberships(account).await?.is_empty() {
                    tx.delete_sessions(account).await?;
                    tx.revoke_links(account).await?;
                }
                let mut drafts = windows::revoke_all(tx, caller, id, now).await?;
                drafts.push(
                    about(caller.principal, Verb::MemberRemoved, id)
                        .with(json!({"before": portrait(&member)})),
                );
                Ok(tx.append_audit(caller.workspace, &ids, now, &drafts).await?)
            })
        })
        .await
    }

    /// All members of the workspace by name, those who were removed too.
    pub async fn members(&self, caller: Caller) -> Result<Vec<Member>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewMembers).await?;
        Ok(session.members(caller.workspace).await?)
    }

    /// What the members are called, removed or not: for pages that say who did something.
    pub async fn member_names(
        &self,
        caller: Caller,
    ) -> Result<HashMap<MemberId, String>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        let members = session.members(caller.workspace).await?;
        Ok(members.into_iter().map(|member| (member.id, member.name)).collect())
    }
}

/// Makes an account a member, which it must not be yet. The account is locked.
pub(super) async fn admit(
    tx: &mut Tx,
    workspace: WorkspaceId,
    account: &Account,
    fresh: MemberId,
    name: String,
    role: Role,
    now: Timestamp,
) -> Result<Member, ServiceError> {
    let before = tx.member_of(workspace, account.id).await?;
    if before.as_ref().is_some_and(|member| member.removed_at.is_none()) {
        let message = "somebody with this e-mail address is a member already";
        return Err(ServiceError::conflict("already-member", message));
    }
    let member = Member {
        id: before.as_ref().map_or(fresh, |member| member.id),
        workspace,
        account: account.id,
        email: account.email.clone(),
        name,
        role,
        created_at: before.map_or(now, |member| member.created_at),
        removed_at: None,
    };
    tx.put_member(&member).await?;
    Ok(member)
}

/// Whether the new member needs a link. Where another workspace invited them already, no owner here
/// gets one: it would open that workspace too.
async fn needs_invitation(
    tx: &mut Tx,
    caller: Caller,
    account: &Account,
    member: &Member,
) -> Result<bool, ServiceError> {
    if account.password_hash.is_some() {
        return Ok(false);
    }
    let places = tx.memberships(account.id).await?;
    let only_here = places.iter().all(|place| place.id == member.id);
    Ok(only_here || caller.principal.member().is_none())
}

/// A member of the caller's workspace who was not removed.
pub(super) async fn present(
    tx: &mut Tx,
    caller: Caller,
    id: MemberId,
) -> Result<Member, ServiceError> {
    let found = tx.member(caller.workspace, id).await?;
    let found = found.filter(|member| member.removed_at.is_none());
    found.ok_or(ServiceError::NotFound("member"))
}

/// A workspace without an owner could never have one again.
fn keep_an_owner(owners: &[MemberId], leaving: MemberId) -> Result<(), ServiceError> {
    if owners == [leaving] {
        let message = "this is the last owner; make somebody else an owner first";
        return Err(ServiceError::conflict("last-owner", message));
    }
    Ok(())
}

/// An act on a member.
pub(super) fn about(actor: Principal, verb: Verb, member: MemberId) -> Draft {
    Draft::new(actor, verb, Object::new("member", member))
}

pub(super) fn added(actor: Principal, member: &Member) -> Draft {
    about(actor, Verb::MemberAdded, member.id).with(json!({"after": portrait(member)}))
}

fn portrait(member: &Member) -> serde_json::Value {
    json!({"email": member.email, "name": member.name, "role": member.role})
}
