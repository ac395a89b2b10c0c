//! Workspaces: made on the host, found by their short name.

use domain::{
    Timestamp,
    audit::{Draft, Object, Verb},
    id::{AccountId, WorkspaceId},
    member::{Member, Principal, Workspace},
};
use serde_json::json;

use super::{
    Caller, ServiceError, Services,
    form::{self, Form},
};
use crate::{
    ids::Ids,
    store::{StoreError, Tx},
};

impl Services {
    /// Makes a workspace with an empty audit log, which begins with this very act. Only from the
    /// host: no role reaches beyond its workspace.
    pub async fn create_workspace(
        &self,
        principal: Principal,
        slug: &str,
        name: &str,
    ) -> Result<Workspace, ServiceError> {
        if principal.member().is_some() {
            let message = "workspaces are made on the host, with the command line";
            return Err(ServiceError::conflict("host-only", message));
        }
        let mut form = Form::default();
        let slug = form.take("slug", form::slug(slug));
        let name = form.take("name", form::name(name));
        form.finish()?;
        let (ids, now) = (self.ids.clone(), self.clock.now());
        self.write(move |tx| {
            Box::pin(async move {
                let workspace = new_workspace(tx, &ids, now, slug, name).await?;
                let draft = created(principal, &workspace);
                tx.append_audit(workspace.id, &ids, now, &[draft]).await?;
                Ok(workspace)
            })
        })
        .await
    }

    /// The workspace with this short name, for the host.
    pub async fn workspace_by_slug(&self, slug: &str) -> Result<Workspace, ServiceError> {
        let found = self.store.read().await?.workspace_by_slug(slug).await?;
        found.ok_or(ServiceError::NotFound("workspace"))
    }

    /// All workspaces, for the host.
    pub async fn workspaces(&self) -> Result<Vec<Workspace>, ServiceError> {
        Ok(self.store.read().await?.workspaces().await?)
    }

    /// The workspaces an account is a member of, by short name.
    pub async fn workspaces_of(&self, account: AccountId) -> Result<Vec<Workspace>, ServiceError> {
        Ok(self.store.read().await?.workspaces_of(account).await?)
    }

    /// The workspace, the account's place in it, and whoever now acts there. The role is read for
    /// every request. Not a member, or not any more: there is no such workspace.
    pub async fn principal_in(
        &self,
        account: AccountId,
        slug: &str,
    ) -> Result<(Workspace, Member, Caller), ServiceError> {
        const NONE: ServiceError = ServiceError::NotFound("workspace");
        let mut session = self.store.read().await?;
        let workspace = session.workspace_by_slug(slug).await?.ok_or(NONE)?;
        let member = session.member_of(workspace.id, account).await?;
        let member = member.filter(|member| member.removed_at.is_none()).ok_or(NONE)?;
        let principal = acting(&member);
        let caller = Caller { workspace: workspace.id, principal };
        Ok((workspace, member, caller))
    }
}

/// A member who does something.
pub(super) fn acting(member: &Member) -> Principal {
    Principal::Member { id: member.id, role: member.role }
}

/// Stores a workspace and the empty head of its log.
pub(super) async fn new_workspace(
    tx: &mut Tx,
    ids: &Ids,
    now: Timestamp,
    slug: String,
    name: String,
) -> Result<Workspace, ServiceError> {
    let id = WorkspaceId::new(ids.uuid(now));
    let workspace = Workspace { id, slug, name, created_at: now };
    tx.insert_workspace(&workspace).await.map_err(|error| match error {
        StoreError::Conflict(_) => {
            ServiceError::invalid("slug", "another workspace has this short name")
        }
        other => other.into(),
    })?;
    tx.create_audit_head(id).await?;
    Ok(workspace)
}

/// The first entry of a log.
pub(super) fn created(actor: Principal, workspace: &Workspace) -> Draft {
    Draft::new(actor, Verb::WorkspaceCreated, Object::new("workspace", workspace.id))
        .with(json!({"after": {"slug": workspace.slug, "name": workspace.name}}))
}
