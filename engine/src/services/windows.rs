//! Windows: the periods that auditors may look into, and what a caller sees through them.

use domain::{
    Timestamp,
    audit::{Draft, Object, Verb},
    id::{MemberId, WindowId},
    member::Role,
    period::Period,
    permission::Permission,
    window::{Sight, Window, limited},
};
use serde_json::json;

use super::{
    Caller, ServiceError, Services,
    members::{about, present},
};
use crate::store::{Session, Tx};

/// Windows of one member that may be open at the same time.
const MOST_OPEN: usize = 40;

impl Services {
    /// Lets an auditor look into a period, from their next request on. A period that they were granted
    /// before is granted already.
    ///
    /// # Errors
    /// The conflicts `not-an-auditor`, since everybody else sees all periods, and `too-many-windows`.
    pub async fn grant_window(
        &self,
        caller: Caller,
        member: MemberId,
        period: Period,
    ) -> Result<Window, ServiceError> {
        self.require(caller, Permission::ManageMembers).await?;
        let (ids, now) = (self.ids.clone(), self.clock.now());
        let window = Window {
            id: WindowId::new(ids.uuid(now)),
            workspace: caller.workspace,
            member,
            period,
            granted_by: caller.principal.member(),
            granted_at: now,
            revoked_by: None,
            revoked_at: None,
        };
        self.write(move |tx| {
            Box::pin(async move {
                let member = present(tx, caller, member).await?;
                if member.role != Role::Auditor {
                    return Err(not_an_auditor(member.role));
                }
                let open = tx.open_windows(caller.workspace, member.id).await?;
                if let Some(same) = open.iter().find(|open| open.period == period) {
                    return Ok(*same);
                }
                if open.len() >= MOST_OPEN {
                    let message = format!("an auditor has at most {MOST_OPEN} windows; revoke one");
                    return Err(ServiceError::conflict("too-many-windows", message));
                }
                tx.insert_window(&window).await?;
                let draft = about(caller.principal, Verb::MemberWindowGranted, member.id)
                    .with(json!({"window": window.id, "after": portrait(&window)}));
                tx.append_audit(caller.workspace, &ids, now, &[draft]).await?;
                Ok(window)
            })
        })
        .await
    }

    /// Takes a window back. It holds from the auditor's next request on.
    pub async fn revoke_window(
        &self,
        caller: Caller,
        id: WindowId,
    ) -> Result<Window, ServiceError> {
        self.require(caller, Permission::ManageMembers).await?;
        let (ids, now) = (self.ids.clone(), self.clock.now());
        self.write(move |tx| {
            Box::pin(async move {
                const NONE: ServiceError = ServiceError::NotFound("window");
                let found = tx.window(caller.workspace, id).await?.filter(Window::is_open);
                let revoked = revoke(tx, caller, found.ok_or(NONE)?, now).await?;
                let (window, draft) = revoked.ok_or(NONE)?;
                tx.append_audit(caller.workspace, &ids, now, &[draft]).await?;
                Ok(window)
            })
        })
        .await
    }

    /// Every window of the workspace, the revoked ones too, member by member, earliest first.
    pub async fn windows(&self, caller: Caller) -> Result<Vec<Window>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewMembers).await?;
        Ok(session.windows(caller.workspace).await?)
    }

    /// What the caller sees of what happened, at this moment.
    pub async fn sight(&self, caller: Caller) -> Result<Sight, ServiceError> {
        self.require(caller, Permission::ViewRuns).await?;
        self.sight_now(caller).await
    }

    /// The same for whoever may read only something else.
    pub(crate) async fn sight_now(&self, caller: Caller) -> Result<Sight, ServiceError> {
        let Some(member) = limited(caller.principal) else { return Ok(Sight::All) };
        let open = self.store.read().await?.open_windows(caller.workspace, member).await?;
        Ok(Sight::through(open.into_iter().map(|window| window.period)))
    }

    /// A connection to read with, for this one call: the caller may do `permission`, and nothing is
    /// found that the caller does not see. Every service that reads what happened begins with it.
    pub(crate) async fn reading(
        &self,
        caller: Caller,
        permission: Permission,
    ) -> Result<Session, ServiceError> {
        self.require(caller, permission).await?;
        let sight = self.sight_now(caller).await?;
        let mut session = self.store.read().await?;
        session.look_through(sight);
        Ok(session)
    }

    /// Refuses, and enters the refusal into the log, unless the caller may do `permission` and sees all
    /// of the period.
    pub(crate) async fn require_period(
        &self,
        caller: Caller,
        permission: Permission,
        period: Period,
    ) -> Result<(), ServiceError> {
        self.require(caller, permission).await?;
        let sight = self.sight_now(caller).await?;
        if sight.covers_period(period) {
            return Ok(());
        }
        let object = Object::new("workspace", caller.workspace);
        let draft = Draft::new(caller.principal, Verb::ActRefused, object).with(json!({
            "permission": permission,
            "role": caller.principal.role(),
            "from": period.from,
            "to": period.last_day(),
        }));
        self.enter(caller.workspace, draft).await?;
        Err(ServiceError::OutsideWindows(sight))
    }
}

/// Revokes the windows of a member who is removed: whoever comes back begins without any.
pub(super) async fn revoke_all(
    tx: &mut Tx,
    caller: Caller,
    member: MemberId,
    now: Timestamp,
) -> Result<Vec<Draft>, ServiceError> {
    let mut drafts = Vec::new();
    for window in tx.open_windows(caller.workspace, member).await? {
        drafts.extend(revoke(tx, caller, window, now).await?.map(|(_, draft)| draft));
    }
    Ok(drafts)
}

/// The window as it is once revoked, and the entry about it; `None` if somebody else was faster.
async fn revoke(
    tx: &mut Tx,
    caller: Caller,
    window: Window,
    now: Timestamp,
) -> Result<Option<(Window, Draft)>, ServiceError> {
    let by = caller.principal.member();
    if !tx.revoke_window(caller.workspace, window.id, by, now).await? {
        return Ok(None);
    }
    let draft = about(caller.principal, Verb::MemberWindowRevoked, window.member)
        .with(json!({"window": window.id, "before": portrait(&window)}));
    Ok(Some((Window { revoked_by: by, revoked_at: Some(now), ..window }, draft)))
}

fn portrait(window: &Window) -> serde_json::Value {
    json!({"from": window.period.from, "to": window.period.last_day()})
}

fn not_an_auditor(role: Role) -> ServiceError {
    let message =
        format!("windows are for auditors; this member is {role}, and so sees every period");
    ServiceError::conflict("not-an-auditor", message)
}
