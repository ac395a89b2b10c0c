//! Removing the stubs of reported runs, with everything that was written about them but the hashes of
//! their entries in the log.

use std::collections::BTreeSet;

use domain::{
    Timestamp,
    id::{AutomationId, RunId, WorkspaceId},
};
use sqlx::QueryBuilder;
use uuid::Uuid;

use super::{Rows, Session, StoreError, Tx, change, dialect::FROM_STUBS, sql};

/// The stubs of an automation that ended before an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stubs {
    pub workspace: WorkspaceId,
    pub automation: AutomationId,
    pub before: Timestamp,
}

/// What a statement about stubs that may go begins with. One that a hold ever named stays.
macro_rules! due {
    ($query:expr, $from:expr, $of:expr, $held:expr) => {
        $query.push($from).push(
            " AND r.trigger_kind = 'reported' \
              AND r.emptied_to IS NULL AND NOT EXISTS (SELECT 1 FROM hold n \
              WHERE n.workspace_id = r.workspace_id AND n.run_id = r.id) AND r.workspace_id = ",
        );
        $query.push_bind($of.workspace.uuid());
        $query.push(" AND r.automation_id = ").push_bind($of.automation.uuid());
        $query.push(" AND r.completed_order < ").push_bind($of.before).push($held);
    };
}

/// What goes before the run itself, each by the runs `j`. A new table about reported runs belongs here.
const ABOUT_RUNS: &[&str] = &[
    "DELETE FROM incident_settlement WHERE incident_id IN (SELECT i.id FROM j CROSS JOIN incident i \
        WHERE i.workspace_id = j.workspace_id AND i.run_id = j.id)",
    "DELETE FROM incident WHERE id IN (SELECT i.id FROM j CROSS JOIN incident i \
        WHERE i.workspace_id = j.workspace_id AND i.run_id = j.id)",
    "DELETE FROM run_report WHERE run_id IN (SELECT id FROM j)",
    "DELETE FROM reported_step WHERE run_id IN (SELECT id FROM j)",
    "DELETE FROM reported_run WHERE run_id IN (SELECT id FROM j)",
];

impl Session {
    /// Stubs that may go, oldest end first, at most `limit`.
    pub async fn due_stubs(&mut self, of: &Stubs, limit: i64) -> Result<Vec<RunId>, StoreError> {
        let (from, held) = (self.pick(FROM_STUBS), self.held());
        let found: Vec<Uuid> = sql!(self, |c| async {
            let mut query = QueryBuilder::new("SELECT r.id");
            due!(query, from, of, &held);
            query.push(" ORDER BY r.completed_order, r.id LIMIT ").push_bind(limit);
            query.build_query_scalar().fetch_all(c).await
        })?;
        Ok(found.into_iter().map(RunId::new).collect())
    }

    /// How many that would be.
    pub async fn count_due_stubs(&mut self, of: &Stubs) -> Result<i64, StoreError> {
        let (from, held) = (self.pick(FROM_STUBS), self.held());
        Ok(sql!(self, |c| async {
            let mut query = QueryBuilder::new("SELECT COUNT(*)");
            due!(query, from, of, &held);
            query.build_query_scalar().fetch_one(c).await
        })?)
    }
}

impl Tx {
    /// Removes stubs and the entries about them; the entries that say so are in the log already. Their
    /// places in the counts of periods stay.
    pub async fn remove_stubs(
        &mut self,
        workspace: WorkspaceId,
        runs: &[RunId],
        entries: &BTreeSet<i64>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let rows = || {
            Rows::of(runs).within(workspace).all_at("expired_at", at).uuid("id", |run| run.uuid())
        };
        let marked = self.change_rows(
            rows(),
            "UPDATE run SET expired_at = j.expired_at FROM j \
             WHERE run.workspace_id = j.workspace_id AND run.id = j.id",
        );
        StoreError::expect("run", runs.len(), marked.await?)?;
        self.remove_entries(workspace, entries).await?;
        for statement in ABOUT_RUNS {
            self.change_rows(rows(), statement).await?;
        }
        let events: Vec<Uuid> = self
            .fetch_rows(
                rows(),
                "SELECT r.trigger_event_id FROM j CROSS JOIN run r \
                 WHERE r.workspace_id = j.workspace_id AND r.id = j.id",
            )
            .await?
            .into_iter()
            .map(|(event,)| event)
            .collect();
        self.change_rows(rows(), "DELETE FROM run WHERE id IN (SELECT id FROM j)").await?;
        let events = Rows::of(&events).uuid("id", |event| *event);
        self.change_rows(events, "DELETE FROM trigger_event WHERE id IN (SELECT id FROM j)")
            .await?;
        let count = i64::try_from(runs.len()).unwrap_or(i64::MAX);
        change!(self, sqlx::query("UPDATE sweep SET stubs = stubs + $1 WHERE id = 1").bind(count))
            .map(drop)
    }
}
