//! Automations and their versions.

use std::collections::HashMap;

use domain::{
    Timestamp,
    automation::{Automation, Definition, Version},
    id::{AutomationId, MemberId, RunId, WorkspaceId},
    trigger::TriggerKind,
};
use uuid::Uuid;

use super::{Rows, Session, StoreError, Tx, change, sql};

/// An automation with what its version in effect says.
#[derive(Debug, Clone, PartialEq)]
pub struct InEffect {
    pub automation: Automation,
    pub definition: Definition,
    /// Of the version in effect.
    pub digest: String,
    /// Fires of a schedule up to this instant have been dealt with.
    pub fired_until: Timestamp,
}

/// A version without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionHead {
    pub number: i64,
    pub digest: String,
    pub created_at: Timestamp,
    /// `None` when it was applied on the host's command line.
    pub created_by: Option<MemberId>,
}

#[derive(sqlx::FromRow)]
struct AutomationRow {
    id: Uuid,
    workspace_id: Uuid,
    key: String,
    name: String,
    version: i64,
    enabled: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<AutomationRow> for Automation {
    fn from(row: AutomationRow) -> Self {
        Self {
            id: AutomationId::new(row.id),
            workspace: WorkspaceId::new(row.workspace_id),
            key: row.key,
            name: row.name,
            version: row.version,
            enabled: row.enabled,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// The automation of a run.
#[derive(sqlx::FromRow)]
struct OfRunRow {
    run_id: Uuid,
    #[sqlx(flatten)]
    automation: AutomationRow,
}

#[derive(sqlx::FromRow)]
struct InEffectRow {
    #[sqlx(flatten)]
    automation: AutomationRow,
    fired_until: Timestamp,
    definition: String,
    digest: String,
}

impl TryFrom<InEffectRow> for InEffect {
    type Error = StoreError;

    fn try_from(row: InEffectRow) -> Result<Self, StoreError> {
        Ok(Self {
            automation: row.automation.into(),
            definition: read_definition(&row.definition)?,
            digest: row.digest,
            fired_until: row.fired_until,
        })
    }
}

#[derive(sqlx::FromRow)]
struct VersionRow {
    automation_id: Uuid,
    number: i64,
    definition: String,
    source: String,
    digest: String,
    created_at: Timestamp,
    created_by: Option<Uuid>,
}

impl TryFrom<VersionRow> for Version {
    type Error = StoreError;

    fn try_from(row: VersionRow) -> Result<Self, StoreError> {
        Ok(Self {
            automation: AutomationId::new(row.automation_id),
            number: row.number,
            definition: read_definition(&row.definition)?,
            source: row.source,
            digest: row.digest,
            created_at: row.created_at,
            created_by: row.created_by.map(MemberId::new),
        })
    }
}

fn read_definition(text: &str) -> Result<Definition, StoreError> {
    serde_json::from_str(text)
        .map_err(|error| StoreError::inconsistent("automation_version", "definition", error))
}

/// Every automation with its version in effect; a `WHERE` follows.
macro_rules! in_effect {
    ($($rest:literal),+) => {
        concat!(
            "SELECT a.id, a.workspace_id, a.key, a.name, a.version, a.enabled, a.fired_until, \
             a.created_at, a.updated_at, v.definition, v.digest FROM automation a \
             JOIN automation_version v ON v.automation_id = a.id AND v.number = a.version ",
            $($rest),+
        )
    };
}

fn all(rows: Vec<InEffectRow>) -> Result<Vec<InEffect>, StoreError> {
    rows.into_iter().map(InEffect::try_from).collect()
}

impl Session {
    /// Every automation of a workspace, by key.
    pub async fn automations(
        &mut self,
        workspace: WorkspaceId,
    ) -> Result<Vec<InEffect>, StoreError> {
        let found =
            sql!(self, |c| sqlx::query_as(in_effect!("WHERE a.workspace_id = $1 ORDER BY a.key"))
                .bind(workspace.uuid())
                .fetch_all(c))?;
        all(found)
    }

    /// Every automation of a workspace without its definition, by key: for lists.
    pub async fn automation_heads(
        &mut self,
        workspace: WorkspaceId,
    ) -> Result<Vec<Automation>, StoreError> {
        let found: Vec<AutomationRow> = sql!(self, |c| sqlx::query_as(
            "SELECT id, workspace_id, key, name, version, enabled, created_at, updated_at \
             FROM automation WHERE workspace_id = $1 ORDER BY key"
        )
        .bind(workspace.uuid())
        .fetch_all(c))?;
        Ok(found.into_iter().map(Automation::from).collect())
    }

    /// The automations that these runs are of, by run; unknown runs are left out.
    pub async fn automations_of_runs(
        &mut self,
        workspace: WorkspaceId,
        runs: &[RunId],
    ) -> Result<HashMap<RunId, Automation>, StoreError> {
        let runs = self.seen_runs(workspace, runs.to_vec()).await?;
        let rows = Rows::of(&runs).within(workspace).uuid("id", |id| id.uuid());
        let found: Vec<OfRunRow> = self
            .fetch_rows(
                rows,
                "SELECT r.id AS run_id, a.id, a.workspace_id, a.key, a.name, a.version, \
                 a.enabled, a.created_at, a.updated_at FROM j JOIN run r ON r.id = j.id \
                 AND r.workspace_id = j.workspace_id JOIN automation a ON a.id = r.automation_id",
            )
            .await?;
        Ok(found.into_iter().map(|row| (RunId::new(row.run_id), row.automation.into())).collect())
    }

    pub async fn automation(
        &mut self,
        workspace: WorkspaceId,
        id: AutomationId,
    ) -> Result<Option<InEffect>, StoreError> {
        let found: Option<InEffectRow> =
            sql!(self, |c| sqlx::query_as(in_effect!("WHERE a.workspace_id = $1 AND a.id = $2"))
                .bind(workspace.uuid())
                .bind(id.uuid())
                .fetch_optional(c))?;
        found.map(InEffect::try_from).transpose()
    }

    pub async fn automation_by_key(
        &mut self,
        workspace: WorkspaceId,
        key: &str,
    ) -> Result<Option<InEffect>, StoreError> {
        let found: Option<InEffectRow> =
            sql!(self, |c| sqlx::query_as(in_effect!("WHERE a.workspace_id = $1 AND a.key = $2"))
                .bind(workspace.uuid())
                .bind(key)
                .fetch_optional(c))?;
        found.map(InEffect::try_from).transpose()
    }

    /// The enabled automations of a workspace with this kind of trigger, oldest first.
    pub async fn automations_listening(
        &mut self,
        workspace: WorkspaceId,
        kind: TriggerKind,
    ) -> Result<Vec<InEffect>, StoreError> {
        let found = sql!(self, |c| sqlx::query_as(in_effect!(
            "WHERE a.workspace_id = $1 AND a.trigger_kind = $2 AND a.enabled ORDER BY a.id"
        ))
        .bind(workspace.uuid())
        .bind(kind.as_str())
        .fetch_all(c))?;
        all(found)
    }

    /// The enabled schedules of all workspaces, oldest first.
    pub async fn enabled_schedules(&mut self) -> Result<Vec<InEffect>, StoreError> {
        let found = sql!(self, |c| sqlx::query_as(in_effect!(
            "WHERE a.trigger_kind = 'schedule' AND a.enabled ORDER BY a.id"
        ))
        .fetch_all(c))?;
        all(found)
    }

    /// What one version says.
    pub async fn definition(
        &mut self,
        automation: AutomationId,
        number: i64,
    ) -> Result<Option<Definition>, StoreError> {
        let text: Option<String> = sql!(self, |c| sqlx::query_scalar(
            "SELECT definition FROM automation_version WHERE automation_id = $1 AND number = $2"
        )
        .bind(automation.uuid())
        .bind(number)
        .fetch_optional(c))?;
        text.as_deref().map(read_definition).transpose()
    }

    /// One version with the file it came from.
    pub async fn automation_version(
        &mut self,
        workspace: WorkspaceId,
        automation: AutomationId,
        number: i64,
    ) -> Result<Option<Version>, StoreError> {
        let found: Option<VersionRow> = sql!(self, |c| sqlx::query_as(
            "SELECT automation_id, number, definition, source, digest, created_at, created_by \
             FROM automation_version \
             WHERE workspace_id = $1 AND automation_id = $2 AND number = $3"
        )
        .bind(workspace.uuid())
        .bind(automation.uuid())
        .bind(number)
        .fetch_optional(c))?;
        found.map(Version::try_from).transpose()
    }

    /// The versions of an automation, newest first.
    pub async fn automation_versions(
        &mut self,
        workspace: WorkspaceId,
        automation: AutomationId,
    ) -> Result<Vec<VersionHead>, StoreError> {
        let found: Vec<(i64, String, Timestamp, Option<Uuid>)> = sql!(self, |c| sqlx::query_as(
            "SELECT number, digest, created_at, created_by FROM automation_version \
             WHERE workspace_id = $1 AND automation_id = $2 ORDER BY number DESC"
        )
        .bind(workspace.uuid())
        .bind(automation.uuid())
        .fetch_all(c))?;
        let head = |(number, digest, created_at, created_by): (_, _, _, Option<Uuid>)| {
            VersionHead { number, digest, created_at, created_by: created_by.map(MemberId::new) }
        };
        Ok(found.into_iter().map(head).collect())
    }
}

impl Tx {
    /// The automation with this key, locked until the transaction ends. Runs can still be inserted
    /// for it: the lock leaves its id alone, so nobody who refers to it waits.
    pub async fn lock_automation(
        &mut self,
        workspace: WorkspaceId,
        key: &str,
    ) -> Result<Option<InEffect>, StoreError> {
        const SQL: [&str; 2] = [
            "SELECT id FROM automation WHERE workspace_id = $1 AND key = $2",
            "SELECT id FROM automation WHERE workspace_id = $1 AND key = $2 FOR NO KEY UPDATE",
        ];
        let statement = self.pick(SQL);
        let id: Option<Uuid> = sql!(self, |c| sqlx::query_scalar(statement)
            .bind(workspace.uuid())
            .bind(key)
            .fetch_optional(c))?;
        match id {
            // Read after the lock was got: the version may have changed while it was waited for.
            Some(id) => self.automation(workspace, AutomationId::new(id)).await,
            None => Ok(None),
        }
    }

    /// Inserts a new automation; its first version follows.
    pub async fn insert_automation(
        &mut self,
        automation: &Automation,
        trigger: TriggerKind,
        fired_until: Timestamp,
    ) -> Result<(), StoreError> {
        change!(
            self,
            sqlx::query(
                "INSERT INTO automation (id, workspace_id, key, name, version, enabled, \
                 trigger_kind, fired_until, created_at, updated_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
            )
            .bind(automation.id.uuid())
            .bind(automation.workspace.uuid())
            .bind(automation.key.as_str())
            .bind(automation.name.as_str())
            .bind(automation.version)
            .bind(automation.enabled)
            .bind(trigger.as_str())
            .bind(fired_until)
            .bind(automation.created_at)
            .bind(automation.updated_at)
        )
        .map(drop)
    }

    /// Stores what became of an automation that was read under [`Tx::lock_automation`].
    pub async fn update_automation(&mut self, state: &InEffect) -> Result<(), StoreError> {
        let automation = &state.automation;
        let changed = change!(
            self,
            sqlx::query(
                "UPDATE automation SET name = $3, version = $4, enabled = $5, trigger_kind = $6, \
                 fired_until = $7, updated_at = $8 WHERE workspace_id = $1 AND id = $2"
            )
            .bind(automation.workspace.uuid())
            .bind(automation.id.uuid())
            .bind(automation.name.as_str())
            .bind(automation.version)
            .bind(automation.enabled)
            .bind(state.definition.trigger.kind.as_str())
            .bind(state.fired_until)
            .bind(automation.updated_at)
        )?;
        StoreError::expect("automation", 1, changed)
    }

    /// Adds a version; it can never be changed.
    pub async fn insert_version(
        &mut self,
        workspace: WorkspaceId,
        version: &Version,
    ) -> Result<(), StoreError> {
        let definition = serde_json::to_string(&version.definition)
            .map_err(|error| StoreError::inconsistent("automation_version", "definition", error))?;
        change!(
            self,
            sqlx::query(
                "INSERT INTO automation_version (workspace_id, automation_id, number, \
                 definition, source, digest, created_at, created_by) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
            )
            .bind(workspace.uuid())
            .bind(version.automation.uuid())
            .bind(version.number)
            .bind(definition.as_str())
            .bind(version.source.as_str())
            .bind(version.digest.as_str())
            .bind(version.created_at)
            .bind(version.created_by.map(MemberId::uuid))
        )
        .map(drop)
    }

    /// Fires of this schedule up to `until` have been dealt with. Never goes back, so that several
    /// schedulers may say so in any order.
    pub async fn advance_fired_until(
        &mut self,
        automation: AutomationId,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        change!(
            self,
            sqlx::query(
                "UPDATE automation SET fired_until = $2 WHERE id = $1 AND fired_until < $2"
            )
            .bind(automation.uuid())
            .bind(until)
        )
        .map(drop)
    }
}
