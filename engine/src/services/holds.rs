//! Legal holds: placed and released by owners, each time with a reason.

use chrono::NaiveDate;
use domain::{
    audit::{Draft, Object, Verb},
    hold::{Hold, HoldScope},
    id::{HoldId, RunId},
    period::Period,
    permission::Permission,
};
use serde_json::json;

use super::{Caller, ServiceError, Services, cancel::check_reason};
use crate::store::Tx;

/// What a hold is to keep, as people say it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewHold {
    /// The key of a definition: every run of it.
    pub definition: Option<String>,
    /// One run.
    pub run: Option<RunId>,
    /// Every run that was under way on one of these days. Without any of the three it is everything in
    /// the workspace.
    pub period: Option<Period>,
    pub reason: String,
}

impl Services {
    /// Every hold of the workspace, the released ones too, newest first.
    pub async fn holds(&self, caller: Caller) -> Result<Vec<Hold>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewAuditLog).await?;
        Ok(session.holds(caller.workspace).await?)
    }

    /// Keeps what is named from being erased, from now until the hold is released.
    pub async fn place_hold(&self, caller: Caller, new: NewHold) -> Result<Hold, ServiceError> {
        self.require(caller, Permission::ManageHolds).await?;
        let reason = check_reason(&new.reason)?;
        let (ids, now) = (self.ids.clone(), self.clock.now());
        self.write(move |tx| {
            Box::pin(async move {
                tx.lock_holds(caller.workspace).await?;
                let hold = Hold {
                    id: HoldId::new(ids.uuid(now)),
                    workspace: caller.workspace,
                    scope: scope(tx, caller, &new).await?,
                    reason,
                    placed_by: caller.principal.member(),
                    placed_at: now,
                    released_by: None,
                    released_at: None,
                    release_reason: None,
                };
                tx.insert_hold(&hold).await?;
                let draft = about(caller, Verb::HoldPlaced, &hold)
                    .with(json!({"reason": hold.reason, "scope": hold.scope}));
                tx.append_audit(caller.workspace, &ids, now, &[draft]).await?;
                Ok(hold)
            })
        })
        .await
    }

    /// Lets what a hold kept be erased again, unless another one keeps it.
    pub async fn release_hold(
        &self,
        caller: Caller,
        id: HoldId,
        reason: &str,
    ) -> Result<Hold, ServiceError> {
        self.require(caller, Permission::ManageHolds).await?;
        let reason = check_reason(reason)?;
        let (ids, now) = (self.ids.clone(), self.clock.now());
        self.write(move |tx| {
            Box::pin(async move {
                const NONE: ServiceError = ServiceError::NotFound("hold");
                let mut holds = tx.holds(caller.workspace).await?.into_iter();
                let found = holds.find(|hold| hold.id == id && hold.stands()).ok_or(NONE)?;
                let released = Hold {
                    released_by: caller.principal.member(),
                    released_at: Some(now),
                    release_reason: Some(reason.clone()),
                    ..found
                };
                if !tx.release_hold(&released).await? {
                    return Err(NONE);
                }
                let draft = about(caller, Verb::HoldReleased, &released)
                    .with(json!({"reason": reason, "scope": released.scope}));
                tx.append_audit(caller.workspace, &ids, now, &[draft]).await?;
                Ok(released)
            })
        })
        .await
    }
}

/// The days from the first to the last, where both are given.
pub fn hold_days(
    first: Option<NaiveDate>,
    last: Option<NaiveDate>,
) -> Result<Option<Period>, ServiceError> {
    match (first, last) {
        (None, None) => Ok(None),
        (Some(first), Some(last)) => Period::of_days(first, last)
            .map(Some)
            .map_err(|error| ServiceError::invalid("to", error)),
        (first, _) => {
            let missing = if first.is_none() { "from" } else { "to" };
            Err(ServiceError::invalid(missing, "days need a first and a last one"))
        }
    }
}

async fn scope(tx: &mut Tx, caller: Caller, new: &NewHold) -> Result<HoldScope, ServiceError> {
    match (&new.definition, new.run, new.period) {
        (None, None, None) => Ok(HoldScope::Workspace),
        (None, None, Some(days)) => Ok(HoldScope::Period(days)),
        (None, Some(run), None) => match tx.run(caller.workspace, run).await? {
            Some(run) => Ok(HoldScope::Run(run.id)),
            None => Err(ServiceError::invalid("run", "there is no such run")),
        },
        (Some(key), None, None) => {
            let known = tx.automation_heads(caller.workspace).await?;
            let found = known.into_iter().find(|automation| automation.key == *key);
            let none = || ServiceError::invalid("definition", "there is no such definition");
            Ok(HoldScope::Automation(found.ok_or_else(none)?.id))
        }
        (_, Some(_), _) => {
            let message = "name a definition, a run or days: one of them, not both";
            Err(ServiceError::invalid("run", message))
        }
        (Some(_), None, Some(_)) => {
            let message = "name a definition or days, not both";
            Err(ServiceError::invalid("from", message))
        }
    }
}

fn about(caller: Caller, verb: Verb, hold: &Hold) -> Draft {
    let draft = Draft::new(caller.principal, verb, Object::new("hold", hold.id));
    match hold.scope {
        HoldScope::Run(run) => draft.in_run(run),
        HoldScope::Workspace | HoldScope::Automation(_) | HoldScope::Period(_) => draft,
    }
}
