//! What a list has to know about the things its rows mention: looked up for the whole page at once.

use std::collections::HashMap;

use domain::{
    approval::{Approval, Decision},
    automation::Automation,
    id::{ApprovalId, AutomationId, ItemId, RunId},
    item::Item,
    permission::Permission,
};

use super::{Caller, ServiceError, Services};

impl Services {
    /// Approvals by their ids; unknown ones are left out.
    pub async fn approvals_by_ids(
        &self,
        caller: Caller,
        ids: &[ApprovalId],
    ) -> Result<HashMap<ApprovalId, Approval>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        let approvals = session.approvals_by_ids(caller.workspace, ids).await?;
        Ok(approvals.into_iter().map(|approval| (approval.id, approval)).collect())
    }

    /// The decisions made so far on each of these approvals, oldest first.
    pub async fn decisions_of(
        &self,
        caller: Caller,
        approvals: &[ApprovalId],
    ) -> Result<HashMap<ApprovalId, Vec<Decision>>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        Ok(session.decisions_of(caller.workspace, approvals).await?)
    }

    /// Items by their ids, of whatever run; unknown ones are left out.
    pub async fn items_by_ids(
        &self,
        caller: Caller,
        ids: &[ItemId],
    ) -> Result<HashMap<ItemId, Item>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        let items = session.items_by_ids(caller.workspace, ids).await?;
        Ok(items.into_iter().map(|item| (item.id, item)).collect())
    }

    /// The automation each of these runs is of; unknown runs are left out.
    pub async fn automations_of_runs(
        &self,
        caller: Caller,
        runs: &[RunId],
    ) -> Result<HashMap<RunId, Automation>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        Ok(session.automations_of_runs(caller.workspace, runs).await?)
    }

    /// Every automation of the workspace by id, without its definition.
    pub async fn automations_by_id(
        &self,
        caller: Caller,
    ) -> Result<HashMap<AutomationId, Automation>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        let heads = session.automation_heads(caller.workspace).await?;
        Ok(heads.into_iter().map(|head| (head.id, head)).collect())
    }
}
