//! Incidents: written once, with the end they tell of.

use domain::{
    Timestamp,
    id::{AutomationId, IncidentId, ItemId, RunId, WorkspaceId},
    incident::Incident,
};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::{Rows, Session, StoreError, Tx, sql};

/// The columns of an [`IncidentRow`], in one place.
macro_rules! incident_columns {
    () => {
        "n.id, n.workspace_id, n.run_id, n.automation_id, n.item_id, n.occurrence, n.type, \
         n.severity, n.facts, n.cause, n.phase, n.policy, n.presentation, n.occurred_at, \
         n.created_at"
    };
}
pub(super) use incident_columns;

#[derive(sqlx::FromRow)]
pub(super) struct IncidentRow {
    id: Uuid,
    workspace_id: Uuid,
    run_id: Option<Uuid>,
    automation_id: Option<Uuid>,
    item_id: Option<Uuid>,
    occurrence: String,
    #[sqlx(rename = "type")]
    kind: String,
    severity: String,
    facts: String,
    cause: String,
    phase: String,
    policy: String,
    presentation: String,
    occurred_at: Timestamp,
    created_at: Timestamp,
}

impl TryFrom<IncidentRow> for Incident {
    type Error = StoreError;

    fn try_from(row: IncidentRow) -> Result<Self, StoreError> {
        let wrong = |column, error: &dyn std::error::Error| {
            StoreError::inconsistent("incident", column, error)
        };
        let facts = serde_json::from_str(&row.facts);
        let presentation = serde_json::from_str(&row.presentation);
        Ok(Self {
            id: IncidentId::new(row.id),
            workspace: WorkspaceId::new(row.workspace_id),
            run: row.run_id.map(RunId::new),
            automation: row.automation_id.map(AutomationId::new),
            item: row.item_id.map(ItemId::new),
            occurrence: row.occurrence,
            kind: row.kind.parse().map_err(|error| wrong("type", &error))?,
            severity: row.severity.parse().map_err(|error| wrong("severity", &error))?,
            facts: facts.map_err(|error| wrong("facts", &error))?,
            cause: row.cause.parse().map_err(|error| wrong("cause", &error))?,
            phase: row.phase.parse().map_err(|error| wrong("phase", &error))?,
            policy: row.policy.parse().map_err(|error| wrong("policy", &error))?,
            presentation: presentation.map_err(|error| wrong("presentation", &error))?,
            occurred_at: row.occurred_at,
            created_at: row.created_at,
        })
    }
}

pub(super) fn all(found: Vec<IncidentRow>) -> Result<Vec<Incident>, StoreError> {
    found.into_iter().map(Incident::try_from).collect()
}

fn json(value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value)
        .map_err(|error| StoreError::inconsistent("incident", "facts", error))
}

impl Tx {
    /// Writes incidents. A second one of the same end and cause is a conflict.
    pub async fn insert_incidents(&mut self, incidents: &[Incident]) -> Result<(), StoreError> {
        let mut written = Vec::with_capacity(incidents.len());
        for incident in incidents {
            written.push((incident, json(&incident.facts)?, json(&incident.presentation)?));
        }
        let rows = Rows::of(&written)
            .uuid("id", |(incident, ..)| incident.id.uuid())
            .uuid("workspace_id", |(incident, ..)| incident.workspace.uuid())
            .uuid("run_id", |(incident, ..)| incident.run.map(RunId::uuid))
            .uuid("automation_id", |(incident, ..)| incident.automation.map(AutomationId::uuid))
            .uuid("item_id", |(incident, ..)| incident.item.map(ItemId::uuid))
            .text("occurrence", |(incident, ..)| incident.occurrence.as_str())
            .text("type", |(incident, ..)| incident.kind.as_str())
            .text("severity", |(incident, ..)| incident.severity.as_str())
            .text("facts", |(_, facts, _)| facts.as_str())
            .text("cause", |(incident, ..)| incident.cause.as_str())
            .text("phase", |(incident, ..)| incident.phase.as_str())
            .text("policy", |(incident, ..)| incident.policy.as_str())
            .text("presentation", |(.., presentation)| presentation.as_str())
            .time("occurred_at", |(incident, ..)| incident.occurred_at)
            .time("created_at", |(incident, ..)| incident.created_at);
        let changed = self.change_rows(
            rows,
            "INSERT INTO incident (id, workspace_id, run_id, automation_id, item_id, occurrence, \
             type, severity, facts, cause, phase, policy, presentation, occurred_at, created_at) \
             SELECT id, workspace_id, run_id, automation_id, item_id, occurrence, type, severity, \
             facts, cause, phase, policy, presentation, occurred_at, created_at FROM j",
        );
        changed.await?;
        incidents.iter().for_each(|incident| self.figures.incident(incident.kind));
        self.add_causes(incidents).await
    }
}

impl Session {
    /// ` AND …`: the run of the incident `n` is seen, or the day of one without a run.
    pub(super) fn seen_incident(&self) -> String {
        match self.seen_run("n") {
            all if all.is_empty() => all,
            run => {
                let day = self.seen_at("n.occurred_at");
                format!(" AND ((1 = 1{run}) OR (n.run_id IS NULL{day}))")
            }
        }
    }

    /// An incident by its id, in this workspace only.
    pub async fn incident(
        &mut self,
        workspace: WorkspaceId,
        id: IncidentId,
    ) -> Result<Option<Incident>, StoreError> {
        let statement = format!(
            "{} FROM incident n WHERE n.workspace_id = $1 AND n.id = $2{}",
            concat!("SELECT ", incident_columns!()),
            self.seen_incident()
        );
        let found: Option<IncidentRow> =
            sql!(self, |c| sqlx::query_as(AssertSqlSafe(statement.clone()))
                .bind(workspace.uuid())
                .bind(id.uuid())
                .fetch_optional(c))?;
        found.map(Incident::try_from).transpose()
    }
}
