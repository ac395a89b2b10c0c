//! Policies of retention: every change a row, the last one holds.

use domain::{
    Timestamp,
    id::{AutomationId, MemberId, WorkspaceId},
    retention::PolicyVersion,
};
use uuid::Uuid;

use super::{Session, StoreError, Tx, change, sql};

#[derive(sqlx::FromRow)]
struct PolicyRow {
    number: i64,
    automation_id: Option<Uuid>,
    policy: Option<String>,
    set_by: Option<Uuid>,
    set_at: Timestamp,
}

impl TryFrom<PolicyRow> for PolicyVersion {
    type Error = StoreError;

    fn try_from(row: PolicyRow) -> Result<Self, StoreError> {
        let policy = row.policy.as_deref().map(serde_json::from_str).transpose();
        let policy = policy
            .map_err(|error| StoreError::inconsistent("retention_policy", "policy", error))?;
        Ok(Self {
            number: row.number,
            automation: row.automation_id.map(AutomationId::new),
            policy,
            set_by: row.set_by.map(MemberId::new),
            set_at: row.set_at,
        })
    }
}

impl Session {
    /// Every version of the workspace's policies, oldest first.
    pub async fn retention_policies(
        &mut self,
        workspace: WorkspaceId,
    ) -> Result<Vec<PolicyVersion>, StoreError> {
        let found: Vec<PolicyRow> = sql!(self, |c| sqlx::query_as(
            "SELECT number, automation_id, policy, set_by, set_at FROM retention_policy \
             WHERE workspace_id = $1 ORDER BY number"
        )
        .bind(workspace.uuid())
        .fetch_all(c))?;
        found.into_iter().map(PolicyVersion::try_from).collect()
    }

    /// The automations whose runs are reported.
    pub async fn reported_automations(
        &mut self,
        workspace: WorkspaceId,
    ) -> Result<Vec<AutomationId>, StoreError> {
        let found: Vec<Uuid> = sql!(self, |c| sqlx::query_scalar(
            "SELECT id FROM automation WHERE workspace_id = $1 AND trigger_kind = 'reported' \
             ORDER BY id"
        )
        .bind(workspace.uuid())
        .fetch_all(c))?;
        Ok(found.into_iter().map(AutomationId::new).collect())
    }
}

impl Tx {
    pub async fn insert_retention_policy(
        &mut self,
        workspace: WorkspaceId,
        version: &PolicyVersion,
    ) -> Result<(), StoreError> {
        let policy = version.policy.as_ref().map(serde_json::to_string).transpose();
        let policy = policy
            .map_err(|error| StoreError::inconsistent("retention_policy", "policy", error))?;
        change!(
            self,
            sqlx::query(
                "INSERT INTO retention_policy (workspace_id, number, automation_id, policy, \
                 set_by, set_at) VALUES ($1, $2, $3, $4, $5, $6)"
            )
            .bind(workspace.uuid())
            .bind(version.number)
            .bind(version.automation.map(AutomationId::uuid))
            .bind(policy.as_deref())
            .bind(version.set_by.map(MemberId::uuid))
            .bind(version.set_at)
        )
        .map(drop)
    }
}
