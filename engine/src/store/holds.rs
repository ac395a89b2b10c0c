//! Legal holds, and the erasing of payloads that they stand against.

use chrono::NaiveDate;
use domain::{
    Timestamp,
    audit::Verb,
    hold::{Hold, HoldScope},
    id::{AutomationId, HoldId, MemberId, RunId, WorkspaceId},
    period::Period,
};
use uuid::Uuid;

use super::{Session, StoreError, Tx, change, sql};

#[derive(sqlx::FromRow)]
struct HoldRow {
    id: Uuid,
    workspace_id: Uuid,
    automation_id: Option<Uuid>,
    run_id: Option<Uuid>,
    from_day: Option<NaiveDate>,
    until_day: Option<NaiveDate>,
    reason: String,
    placed_by: Option<Uuid>,
    placed_at: Timestamp,
    released_by: Option<Uuid>,
    released_at: Option<Timestamp>,
    release_reason: Option<String>,
}

impl From<HoldRow> for Hold {
    fn from(row: HoldRow) -> Self {
        let days = row.from_day.zip(row.until_day).map(|(from, until)| Period { from, until });
        let scope = match (row.automation_id, row.run_id, days) {
            (Some(automation), ..) => HoldScope::Automation(AutomationId::new(automation)),
            (None, Some(run), _) => HoldScope::Run(RunId::new(run)),
            (None, None, Some(days)) => HoldScope::Period(days),
            (None, None, None) => HoldScope::Workspace,
        };
        Self {
            id: HoldId::new(row.id),
            workspace: WorkspaceId::new(row.workspace_id),
            scope,
            reason: row.reason,
            placed_by: row.placed_by.map(MemberId::new),
            placed_at: row.placed_at,
            released_by: row.released_by.map(MemberId::new),
            released_at: row.released_at,
            release_reason: row.release_reason,
        }
    }
}

impl Session {
    /// Every hold of the workspace, the released ones too, newest first.
    pub async fn holds(&mut self, workspace: WorkspaceId) -> Result<Vec<Hold>, StoreError> {
        let found: Vec<HoldRow> = sql!(self, |c| {
            sqlx::query_as(
            "SELECT id, workspace_id, automation_id, run_id, from_day, until_day, reason, placed_by, \
             placed_at, released_by, released_at, release_reason FROM hold WHERE workspace_id = $1 \
             ORDER BY placed_at DESC, id DESC"
        )
        .bind(workspace.uuid())
        .fetch_all(c)
        })?;
        Ok(found.into_iter().map(Hold::from).collect())
    }

    /// How many payloads of a run's entries are there, apart from what was said when they were erased.
    pub async fn count_payloads(
        &mut self,
        workspace: WorkspaceId,
        run: RunId,
    ) -> Result<i64, StoreError> {
        let count = sql!(self, |c| sqlx::query_scalar(
            "SELECT COUNT(*) FROM audit_entry e JOIN audit_payload p \
             ON p.workspace_id = e.workspace_id AND p.seq = e.seq \
             WHERE e.workspace_id = $1 AND e.run_id = $2 AND e.verb NOT IN ($3, $4)"
        )
        .bind(workspace.uuid())
        .bind(run.uuid())
        .bind(Verb::PayloadErased.as_str())
        .bind(Verb::RunPruned.as_str())
        .fetch_one(c))?;
        Ok(count)
    }
}

impl Tx {
    /// Makes whoever places a hold and whoever erases wait for each other until the commit.
    pub async fn lock_holds(&mut self, workspace: WorkspaceId) -> Result<(), StoreError> {
        // SQLite writes one transaction at a time. In Postgres this lock lets rows of the workspace
        // be written meanwhile.
        const SQL: [&str; 2] = [
            "SELECT COUNT(*) FROM workspace WHERE id = $1",
            "SELECT COUNT(*) FROM (SELECT 1 FROM workspace WHERE id = $1 FOR NO KEY UPDATE) AS w",
        ];
        let statement = self.pick(SQL);
        let _: i64 =
            sql!(self, |c| sqlx::query_scalar(statement).bind(workspace.uuid()).fetch_one(c))?;
        Ok(())
    }

    pub async fn insert_hold(&mut self, hold: &Hold) -> Result<(), StoreError> {
        let (automation, run, days) = match hold.scope {
            HoldScope::Workspace => (None, None, None),
            HoldScope::Automation(automation) => (Some(automation.uuid()), None, None),
            HoldScope::Run(run) => (None, Some(run.uuid()), None),
            HoldScope::Period(days) => (None, None, Some(days)),
        };
        change!(
            self,
            sqlx::query(
                "INSERT INTO hold (id, workspace_id, automation_id, run_id, reason, placed_by, \
                 placed_at, from_day, until_day) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
            )
            .bind(hold.id.uuid())
            .bind(hold.workspace.uuid())
            .bind(automation)
            .bind(run)
            .bind(hold.reason.as_str())
            .bind(hold.placed_by.map(MemberId::uuid))
            .bind(hold.placed_at)
            .bind(days.map(|days| days.from))
            .bind(days.map(|days| days.until))
        )
        .map(drop)
    }

    /// Stores that a hold was released. Answers whether it still stood.
    pub async fn release_hold(&mut self, hold: &Hold) -> Result<bool, StoreError> {
        let changed = change!(
            self,
            sqlx::query(
                "UPDATE hold SET released_by = $3, released_at = $4, release_reason = $5 \
                 WHERE workspace_id = $1 AND id = $2 AND released_at IS NULL"
            )
            .bind(hold.workspace.uuid())
            .bind(hold.id.uuid())
            .bind(hold.released_by.map(MemberId::uuid))
            .bind(hold.released_at)
            .bind(hold.release_reason.as_deref())
        )?;
        Ok(changed == 1)
    }

    /// Erases payloads of a run's entries, at most `limit`, oldest first.
    /// What was said when payloads were erased stays. Answers with how many it erased.
    pub async fn erase_payloads(
        &mut self,
        workspace: WorkspaceId,
        run: RunId,
        limit: i64,
    ) -> Result<u64, StoreError> {
        change!(
            self,
            sqlx::query(
                "DELETE FROM audit_payload WHERE workspace_id = $1 AND seq IN ( \
                    SELECT e.seq FROM audit_entry e JOIN audit_payload p \
                    ON p.workspace_id = e.workspace_id AND p.seq = e.seq \
                    WHERE e.workspace_id = $1 AND e.run_id = $2 AND e.verb NOT IN ($3, $4) \
                    ORDER BY e.seq LIMIT $5)"
            )
            .bind(workspace.uuid())
            .bind(run.uuid())
            .bind(Verb::PayloadErased.as_str())
            .bind(Verb::RunPruned.as_str())
            .bind(limit)
        )
    }
}
