//! Pages of incidents, newest first, each read along one index.

use domain::{
    Timestamp,
    id::{AutomationId, WorkspaceId},
    incident::{Incident, IncidentFilter, Severity, Standing},
    page::{Page, Place, Seek},
    period::{begin_of, end_of},
};
use sqlx::{Database, Encode, QueryBuilder, Type};
use uuid::Uuid;

use super::{
    Session, StoreError,
    incidents::{IncidentRow, all, incident_columns},
    run_list::push_in,
    sql,
};

/// Appends what the filter asks for to a condition.
pub(super) fn push_filter<'args, DB>(
    query: &mut QueryBuilder<DB>,
    filter: &IncidentFilter,
    automations: &[AutomationId],
) where
    DB: Database,
    Uuid: Encode<'args, DB> + Type<DB>,
    Timestamp: Encode<'args, DB> + Type<DB>,
    &'static str: Encode<'args, DB> + Type<DB>,
{
    // The tests for null say to the planner that the index of what is not null has all of them.
    if let Some(run) = filter.run {
        query.push(" AND n.run_id IS NOT NULL AND n.run_id = ").push_bind(run.uuid());
    }
    if let Some(item) = filter.item {
        query.push(" AND n.item_id IS NOT NULL AND n.item_id = ").push_bind(item.uuid());
    }
    if !automations.is_empty() {
        query.push(" AND n.automation_id IS NOT NULL");
    }
    push_in(query, "n.automation_id", automations, |id| id.uuid());
    push_in(query, "n.severity", &filter.severities, |word| word.as_str());
    push_in(query, "n.type", &filter.types, |word| word.as_str());
    push_in(query, "n.cause", &filter.causes, |word| word.as_str());
    push_in(query, "n.phase", &filter.phases, |word| word.as_str());
    if let Some(standing) = filter.standing {
        let is = if standing == Standing::Open { "NOT EXISTS" } else { "EXISTS" };
        query.push(" AND ").push(is);
        query.push(" (SELECT 1 FROM incident_settlement s WHERE s.incident_id = n.id)");
    }
    if let Some(from) = filter.from {
        query.push(" AND n.occurred_at >= ").push_bind(begin_of(from));
    }
    if let Some(to) = filter.to {
        query.push(" AND n.occurred_at < ").push_bind(end_of(to));
    }
}

#[derive(sqlx::FromRow)]
struct CountRow {
    severity: String,
    incidents: i64,
}

impl Session {
    /// One page of the incidents a filter finds. `automations` are the filter's definitions; an empty
    /// list means all.
    pub async fn incident_page(
        &mut self,
        workspace: WorkspaceId,
        filter: &IncidentFilter,
        automations: &[AutomationId],
        seek: Seek,
        size: i64,
    ) -> Result<Page<Incident>, StoreError> {
        let seen = self.seen_incident();
        let found: Vec<IncidentRow> = sql!(self, |c| async {
            let mut query = QueryBuilder::new(concat!(
                "SELECT ",
                incident_columns!(),
                " FROM incident n WHERE n.workspace_id = "
            ));
            query.push_bind(workspace.uuid());
            push_filter(&mut query, filter, automations);
            query.push(&seen);
            let (beyond, direction) = match seek {
                Seek::Before(_) => (">", " ASC"),
                Seek::First | Seek::After(_) => ("<", " DESC"),
            };
            if let Seek::After(place) | Seek::Before(place) = seek {
                query.push(" AND (n.occurred_at, n.id) ").push(beyond).push(" (");
                query.push_bind(place.at).push(", ").push_bind(place.id).push(")");
            }
            query.push(" ORDER BY n.occurred_at").push(direction).push(", n.id").push(direction);
            query.push(" LIMIT ").push(size + 1);
            query.build_query_as().fetch_all(c).await
        })?;
        let place =
            |incident: &Incident| Place { at: incident.occurred_at, id: incident.id.uuid() };
        Ok(Page::new(all(found)?, size, seek, place))
    }

    /// How many incidents of each severity a filter finds; severities without any are left out.
    pub async fn incident_counts(
        &mut self,
        workspace: WorkspaceId,
        filter: &IncidentFilter,
    ) -> Result<Vec<(Severity, i64)>, StoreError> {
        let seen = self.seen_incident();
        let found: Vec<CountRow> = sql!(self, |c| async {
            let mut query = QueryBuilder::new(
                "SELECT n.severity, COUNT(*) AS incidents FROM incident n WHERE n.workspace_id = ",
            );
            query.push_bind(workspace.uuid());
            push_filter(&mut query, filter, &[]);
            query.push(&seen);
            query.push(" GROUP BY n.severity");
            query.build_query_as().fetch_all(c).await
        })?;
        let read = |row: CountRow| match row.severity.parse() {
            Ok(severity) => Ok((severity, row.incidents)),
            Err(error) => Err(StoreError::inconsistent("incident", "severity", error)),
        };
        let mut counts =
            found.into_iter().map(read).collect::<Result<Vec<(Severity, i64)>, _>>()?;
        counts.sort();
        Ok(counts)
    }
}
