//! Policies, their versions, and which of them are switched on.

use domain::{
    Timestamp,
    id::{MemberId, PolicyId, WorkspaceId},
    policy::{Policy, PolicyVersion, Switched, Terms},
};
use serde_json::json;
use uuid::Uuid;

use super::{Session, StoreError, Tx, change, sql};

/// Every query that gives policies begins like this.
macro_rules! select_policy {
    ($rest:literal) => {
        concat!(
            "SELECT id, workspace_id, key, name, version, on_version, switched_at, switched_by, \
             switch_reason, created_at, updated_at FROM policy ",
            $rest
        )
    };
}

macro_rules! select_version {
    ($rest:literal) => {
        concat!(
            "SELECT policy_id, number, terms, digest, created_at, created_by FROM policy_version ",
            $rest
        )
    };
}

#[derive(sqlx::FromRow)]
struct PolicyRow {
    id: Uuid,
    workspace_id: Uuid,
    key: String,
    name: String,
    version: i64,
    on_version: Option<i64>,
    switched_at: Option<Timestamp>,
    switched_by: Option<Uuid>,
    switch_reason: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<PolicyRow> for Policy {
    fn from(row: PolicyRow) -> Self {
        let by = row.switched_by.map(MemberId::new);
        let switched = row.switched_at.zip(row.switch_reason);
        Self {
            id: PolicyId::new(row.id),
            workspace: WorkspaceId::new(row.workspace_id),
            key: row.key,
            name: row.name,
            version: row.version,
            on: row.on_version,
            switched: switched.map(|(at, reason)| Switched { at, by, reason }),
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

#[derive(sqlx::FromRow)]
struct VersionRow {
    policy_id: Uuid,
    number: i64,
    terms: String,
    digest: String,
    created_at: Timestamp,
    created_by: Option<Uuid>,
}

impl TryFrom<VersionRow> for PolicyVersion {
    type Error = StoreError;

    fn try_from(row: VersionRow) -> Result<Self, StoreError> {
        let terms: Terms = serde_json::from_str(&row.terms)
            .map_err(|error| StoreError::inconsistent("policy_version", "terms", error))?;
        Ok(Self {
            policy: PolicyId::new(row.policy_id),
            number: row.number,
            terms,
            digest: row.digest,
            created_at: row.created_at,
            created_by: row.created_by.map(MemberId::new),
        })
    }
}

impl Session {
    /// Every policy, by key.
    pub async fn policies(&mut self, workspace: WorkspaceId) -> Result<Vec<Policy>, StoreError> {
        let found: Vec<PolicyRow> =
            sql!(self, |c| sqlx::query_as(select_policy!("WHERE workspace_id = $1 ORDER BY key"))
                .bind(workspace.uuid())
                .fetch_all(c))?;
        Ok(found.into_iter().map(Policy::from).collect())
    }

    pub async fn policy_by_key(
        &mut self,
        workspace: WorkspaceId,
        key: &str,
    ) -> Result<Option<Policy>, StoreError> {
        let found: Option<PolicyRow> =
            sql!(self, |c| sqlx::query_as(select_policy!("WHERE workspace_id = $1 AND key = $2"))
                .bind(workspace.uuid())
                .bind(key)
                .fetch_optional(c))?;
        Ok(found.map(Policy::from))
    }

    /// The policies that are switched on, each with the version, in the order of their ids.
    pub async fn policies_in_force(
        &mut self,
        workspace: WorkspaceId,
    ) -> Result<Vec<(PolicyId, i64)>, StoreError> {
        let found: Vec<(Uuid, i64)> = sql!(self, |c| sqlx::query_as(
            "SELECT id, on_version FROM policy WHERE workspace_id = $1 \
             AND on_version IS NOT NULL ORDER BY id"
        )
        .bind(workspace.uuid())
        .fetch_all(c))?;
        Ok(found.into_iter().map(|(id, version)| (PolicyId::new(id), version)).collect())
    }

    pub async fn policy_version(
        &mut self,
        workspace: WorkspaceId,
        policy: PolicyId,
        number: i64,
    ) -> Result<Option<PolicyVersion>, StoreError> {
        let found: Option<VersionRow> = sql!(self, |c| sqlx::query_as(select_version!(
            "WHERE workspace_id = $1 AND policy_id = $2 AND number = $3"
        ))
        .bind(workspace.uuid())
        .bind(policy.uuid())
        .bind(number)
        .fetch_optional(c))?;
        found.map(PolicyVersion::try_from).transpose()
    }

    /// The versions of a policy, newest first.
    pub async fn policy_versions(
        &mut self,
        workspace: WorkspaceId,
        policy: PolicyId,
    ) -> Result<Vec<PolicyVersion>, StoreError> {
        let found: Vec<VersionRow> = sql!(self, |c| sqlx::query_as(select_version!(
            "WHERE workspace_id = $1 AND policy_id = $2 ORDER BY number DESC"
        ))
        .bind(workspace.uuid())
        .bind(policy.uuid())
        .fetch_all(c))?;
        found.into_iter().map(PolicyVersion::try_from).collect()
    }
}

impl Tx {
    /// The policy with this key, locked until the transaction ends.
    pub async fn lock_policy(
        &mut self,
        workspace: WorkspaceId,
        key: &str,
    ) -> Result<Option<Policy>, StoreError> {
        const SQL: [&str; 2] = [
            select_policy!("WHERE workspace_id = $1 AND key = $2"),
            select_policy!("WHERE workspace_id = $1 AND key = $2 FOR UPDATE"),
        ];
        let statement = self.pick(SQL);
        let found: Option<PolicyRow> = sql!(self, |c| sqlx::query_as(statement)
            .bind(workspace.uuid())
            .bind(key)
            .fetch_optional(c))?;
        Ok(found.map(Policy::from))
    }

    /// Inserts a new policy, which is off; its first version follows.
    pub async fn insert_policy(&mut self, policy: &Policy) -> Result<(), StoreError> {
        change!(
            self,
            sqlx::query(
                "INSERT INTO policy (id, workspace_id, key, name, version, created_at, updated_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7)"
            )
            .bind(policy.id.uuid())
            .bind(policy.workspace.uuid())
            .bind(policy.key.as_str())
            .bind(policy.name.as_str())
            .bind(policy.version)
            .bind(policy.created_at)
            .bind(policy.updated_at)
        )
        .map(drop)
    }

    /// Stores what became of a policy that was read under [`Tx::lock_policy`].
    pub async fn update_policy(&mut self, policy: &Policy) -> Result<(), StoreError> {
        let switched = policy.switched.as_ref();
        let changed = change!(
            self,
            sqlx::query(
                "UPDATE policy SET name = $3, version = $4, on_version = $5, switched_at = $6, \
                 switched_by = $7, switch_reason = $8, updated_at = $9 \
                 WHERE workspace_id = $1 AND id = $2"
            )
            .bind(policy.workspace.uuid())
            .bind(policy.id.uuid())
            .bind(policy.name.as_str())
            .bind(policy.version)
            .bind(policy.on)
            .bind(switched.map(|switched| switched.at))
            .bind(switched.and_then(|switched| switched.by).map(MemberId::uuid))
            .bind(switched.map(|switched| switched.reason.as_str()))
            .bind(policy.updated_at)
        )?;
        StoreError::expect("policy", 1, changed)
    }

    /// Adds a version; it can never be changed.
    pub async fn insert_policy_version(
        &mut self,
        workspace: WorkspaceId,
        version: &PolicyVersion,
    ) -> Result<(), StoreError> {
        change!(
            self,
            sqlx::query(
                "INSERT INTO policy_version (workspace_id, policy_id, number, terms, digest, \
                 created_at, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7)"
            )
            .bind(workspace.uuid())
            .bind(version.policy.uuid())
            .bind(version.number)
            .bind(json!(version.terms).to_string())
            .bind(version.digest.as_str())
            .bind(version.created_at)
            .bind(version.created_by.map(MemberId::uuid))
        )
        .map(drop)
    }

    /// Refuses to go on unless exactly these policies are switched on, in these versions.
    ///
    /// Call it where [`Tx::require_released`] is called, for the same reason: whoever switches a policy
    /// holds the head of the log too.
    pub async fn require_in_force(
        &mut self,
        workspace: WorkspaceId,
        judged_under: &[(PolicyId, i64)],
    ) -> Result<(), StoreError> {
        match self.policies_in_force(workspace).await? == judged_under {
            true => Ok(()),
            false => Err(StoreError::Stale { what: "policies", expected: 1, changed: 0 }),
        }
    }
}
