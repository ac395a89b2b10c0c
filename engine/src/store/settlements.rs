//! What people said about incidents, incidents of one cause taken together, and what was written by
//! SQL and waits for its entry in the log.

use std::collections::HashMap;

use domain::{
    Timestamp,
    id::{AutomationId, IncidentId, MemberId, ReportId, WorkspaceId},
    incident::{Incident, IncidentFilter, IncidentGroup, Settlement},
};
use sqlx::QueryBuilder;
use uuid::Uuid;

use super::{
    Rows, Session, StoreError, Tx, change,
    incident_list::push_filter,
    incidents::{IncidentRow, all, incident_columns},
    sql,
};

/// More than this are not settled in one act.
const MOST_ALIKE: i64 = 1_000;

/// Something that waits for its entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unentered {
    Report(ReportId),
    Incident(IncidentId),
}

impl Unentered {
    fn uuid(self) -> Uuid {
        match self {
            Self::Report(id) => id.uuid(),
            Self::Incident(id) => id.uuid(),
        }
    }
}

#[derive(sqlx::FromRow)]
struct SettlementRow {
    incident_id: Uuid,
    workspace_id: Uuid,
    note: String,
    settled_by: Option<Uuid>,
    settled_at: Timestamp,
}

impl From<SettlementRow> for Settlement {
    fn from(row: SettlementRow) -> Self {
        Self {
            incident: IncidentId::new(row.incident_id),
            workspace: WorkspaceId::new(row.workspace_id),
            note: row.note,
            settled_by: row.settled_by.map(MemberId::new),
            settled_at: row.settled_at,
        }
    }
}

#[derive(sqlx::FromRow)]
struct GroupRow {
    cause: String,
    #[sqlx(rename = "type")]
    kind: String,
    severity: String,
    incidents: i64,
    settled: i64,
    first_at: Timestamp,
    last_at: Timestamp,
}

impl TryFrom<GroupRow> for IncidentGroup {
    type Error = StoreError;

    fn try_from(row: GroupRow) -> Result<Self, StoreError> {
        let wrong = |column, error: &dyn std::error::Error| {
            StoreError::inconsistent("incident", column, error)
        };
        Ok(Self {
            cause: row.cause.parse().map_err(|error| wrong("cause", &error))?,
            kind: row.kind.parse().map_err(|error| wrong("type", &error))?,
            severity: row.severity.parse().map_err(|error| wrong("severity", &error))?,
            incidents: row.incidents,
            open: row.incidents - row.settled,
            first_at: row.first_at,
            last_at: row.last_at,
        })
    }
}

impl Session {
    /// What was said about these incidents; those nobody settled are left out.
    pub async fn settlements(
        &mut self,
        workspace: WorkspaceId,
        incidents: &[IncidentId],
    ) -> Result<HashMap<IncidentId, Settlement>, StoreError> {
        let rows = Rows::of(incidents).within(workspace).uuid("id", |id| id.uuid());
        let found: Vec<SettlementRow> = self
            .fetch_rows(
                rows,
                "SELECT s.incident_id, s.workspace_id, s.note, s.settled_by, s.settled_at FROM j \
                 JOIN incident_settlement s ON s.workspace_id = j.workspace_id \
                 AND s.incident_id = j.id",
            )
            .await?;
        let settlements = found.into_iter().map(Settlement::from);
        Ok(settlements.map(|settled| (settled.incident, settled)).collect())
    }

    /// The incidents a filter finds by their cause, the cause that was seen last first. `automations`
    /// are the filter's definitions; an empty list means all.
    pub async fn incident_groups(
        &mut self,
        workspace: WorkspaceId,
        filter: &IncidentFilter,
        automations: &[AutomationId],
    ) -> Result<Vec<IncidentGroup>, StoreError> {
        let seen = self.seen_incident();
        let found: Vec<GroupRow> = sql!(self, |c| async {
            let mut query = QueryBuilder::new(
                "SELECT n.cause, n.type, n.severity, COUNT(*) AS incidents, \
                 COUNT(s.incident_id) AS settled, MIN(n.occurred_at) AS first_at, \
                 MAX(n.occurred_at) AS last_at FROM incident n \
                 LEFT JOIN incident_settlement s ON s.incident_id = n.id WHERE n.workspace_id = ",
            );
            query.push_bind(workspace.uuid());
            push_filter(&mut query, filter, automations);
            query.push(&seen);
            query.push(" GROUP BY n.cause, n.type, n.severity ORDER BY 7 DESC, 1, 2, 3");
            query.build_query_as().fetch_all(c).await
        })?;
        found.into_iter().map(IncidentGroup::try_from).collect()
    }

    /// The open incidents of the same cause in the same run, oldest first, this one included if it is
    /// open; where no run is concerned, this one alone.
    pub async fn open_alike(&mut self, incident: &Incident) -> Result<Vec<Incident>, StoreError> {
        let found: Vec<IncidentRow> = sql!(self, |c| async {
            let mut query = QueryBuilder::new(concat!(
                "SELECT ",
                incident_columns!(),
                " FROM incident n WHERE n.workspace_id = "
            ));
            query.push_bind(incident.workspace.uuid());
            match incident.run {
                Some(run) => {
                    query.push(" AND n.run_id IS NOT NULL AND n.run_id = ").push_bind(run.uuid());
                    query.push(" AND n.cause = ").push_bind(incident.cause.as_str());
                }
                None => {
                    query.push(" AND n.id = ").push_bind(incident.id.uuid());
                }
            }
            query.push(
                " AND NOT EXISTS (SELECT 1 FROM incident_settlement s WHERE s.incident_id = n.id) \
                 ORDER BY n.occurred_at, n.id LIMIT ",
            );
            query.push(MOST_ALIKE);
            query.build_query_as().fetch_all(c).await
        })?;
        all(found)
    }

    /// What waits for its entry in a log, with the workspace whose log that is.
    pub async fn unentered(
        &mut self,
        limit: i64,
    ) -> Result<Vec<(WorkspaceId, Unentered)>, StoreError> {
        let found: Vec<(Uuid, Uuid, String)> = sql!(self, |c| sqlx::query_as(
            "SELECT workspace_id, id, kind FROM unentered ORDER BY id LIMIT $1"
        )
        .bind(limit)
        .fetch_all(c))?;
        let read = |(workspace, id, kind): (Uuid, Uuid, String)| {
            let waiting = match kind.as_str() {
                "report" => Unentered::Report(ReportId::new(id)),
                _ => Unentered::Incident(IncidentId::new(id)),
            };
            (WorkspaceId::new(workspace), waiting)
        };
        Ok(found.into_iter().map(read).collect())
    }
}

impl Tx {
    /// Writes settlements. A second one of the same incident is a conflict.
    pub async fn insert_settlements(
        &mut self,
        workspace: WorkspaceId,
        settlements: &[Settlement],
    ) -> Result<(), StoreError> {
        let rows = Rows::of(settlements)
            .within(workspace)
            .uuid("incident_id", |settled| settled.incident.uuid())
            .text("note", |settled| settled.note.as_str())
            .uuid("settled_by", |settled| settled.settled_by.map(MemberId::uuid))
            .time("settled_at", |settled| settled.settled_at);
        let changed = self.change_rows(
            rows,
            "INSERT INTO incident_settlement (incident_id, workspace_id, note, settled_by, \
             settled_at) SELECT incident_id, workspace_id, note, settled_by, settled_at FROM j",
        );
        changed.await.map(drop)
    }

    /// Takes something off the list of what waits; answers whether nobody else did.
    pub async fn take_unentered(&mut self, waiting: Unentered) -> Result<bool, StoreError> {
        let id = waiting.uuid();
        let changed = change!(self, sqlx::query("DELETE FROM unentered WHERE id = $1").bind(id))?;
        Ok(changed == 1)
    }
}
