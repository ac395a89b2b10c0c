//! Counts of a period that no list keeps ready: read for the brief, which is asked for now and then.

use domain::{
    Timestamp,
    approval::{ApprovalKind, ApprovalStatus, Verdict},
    id::{AutomationId, MemberId, WorkspaceId},
    item::ItemState,
    period::Period,
};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::{Session, StoreError, sql};

/// Items of one automation that failed once, by what they are now and the cause recorded last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedCount {
    pub automation: AutomationId,
    pub state: ItemState,
    /// `None` where only the retry is known.
    pub cause: Option<String>,
    pub items: i64,
}

/// Approvals of one kind that ended in one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalCount {
    pub kind: ApprovalKind,
    pub status: ApprovalStatus,
    pub approvals: i64,
}

/// Decisions that gave the same reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReasonCount {
    pub verdict: Verdict,
    /// Empty where none was given.
    pub reason: String,
    pub decisions: i64,
}

/// A version that came into effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefinitionChange {
    pub automation: AutomationId,
    pub number: i64,
    pub digest: String,
    pub at: Timestamp,
    /// `None` when it was applied on the host's command line.
    pub by: Option<MemberId>,
}

fn inconsistent<E: std::error::Error>(
    table: &'static str,
    column: &'static str,
) -> impl Fn(E) -> StoreError {
    move |error| StoreError::inconsistent(table, column, error)
}

impl Session {
    /// Items that failed once, of runs that started in the period.
    pub async fn failed_counts(
        &mut self,
        workspace: WorkspaceId,
        period: Period,
    ) -> Result<Vec<FailedCount>, StoreError> {
        // Only an item that had failed is retried, so a later round says that it failed before.
        let found: Vec<(Uuid, String, Option<String>, i64)> = sql!(self, |c| sqlx::query_as(
            "SELECT f.automation_id, f.state, f.cause, COUNT(*) FROM (\
             SELECT r.automation_id, i.state, COALESCE(i.failure_code, (\
             SELECT a.failure_code FROM attempt a WHERE a.item_id = i.id \
             AND a.failure_code IS NOT NULL ORDER BY a.number DESC LIMIT 1)) AS cause \
             FROM run r JOIN run_item i ON i.workspace_id = r.workspace_id AND i.run_id = r.id \
             WHERE r.workspace_id = $1 AND r.started_order >= $2 AND r.started_order < $3 \
             AND (r.round > 0 OR r.failed > 0) AND (i.round > 0 OR i.state = 'failed')) AS f \
             GROUP BY f.automation_id, f.state, f.cause ORDER BY COUNT(*) DESC, f.cause, f.state"
        )
        .bind(workspace.uuid())
        .bind(period.begin())
        .bind(period.end())
        .fetch_all(c))?;
        let row = |(automation, state, cause, items): (Uuid, String, Option<String>, i64)| {
            Ok(FailedCount {
                automation: AutomationId::new(automation),
                state: state.parse().map_err(inconsistent("run_item", "state"))?,
                cause,
                items,
            })
        };
        found.into_iter().map(row).collect()
    }

    /// Approvals that ended in the period, and those asked for in it that are still open.
    pub async fn approval_counts(
        &mut self,
        workspace: WorkspaceId,
        period: Period,
    ) -> Result<Vec<ApprovalCount>, StoreError> {
        let text = format!(
            "SELECT a.kind, a.status, COUNT(*) FROM approval a WHERE a.workspace_id = $1 AND (\
             (a.status <> 'open' AND a.decided_at >= $2 AND a.decided_at < $3) OR \
             (a.status = 'open' AND a.requested_at >= $2 AND a.requested_at < $3)){} \
             GROUP BY a.kind, a.status ORDER BY a.kind, a.status",
            self.seen_run("a")
        );
        let found: Vec<(String, String, i64)> =
            sql!(self, |c| sqlx::query_as(AssertSqlSafe(text.clone()))
                .bind(workspace.uuid())
                .bind(period.begin())
                .bind(period.end())
                .fetch_all(c))?;
        let row = |(kind, status, approvals): (String, String, i64)| {
            Ok(ApprovalCount {
                kind: kind.parse().map_err(inconsistent("approval", "kind"))?,
                status: status.parse().map_err(inconsistent("approval", "status"))?,
                approvals,
            })
        };
        found.into_iter().map(row).collect()
    }

    /// The reasons of the period's decisions, most frequent first, at most `limit`.
    pub async fn decision_reasons(
        &mut self,
        workspace: WorkspaceId,
        period: Period,
        limit: i64,
    ) -> Result<Vec<ReasonCount>, StoreError> {
        let text = format!(
            "SELECT d.verdict, d.reason, COUNT(*) FROM approval_decision d \
             WHERE d.workspace_id = $1 AND d.decided_at >= $2 AND d.decided_at < $3{} \
             GROUP BY d.verdict, d.reason ORDER BY COUNT(*) DESC, d.verdict, d.reason LIMIT $4",
            self.seen_approval("d")
        );
        let found: Vec<(String, String, i64)> =
            sql!(self, |c| sqlx::query_as(AssertSqlSafe(text.clone()))
                .bind(workspace.uuid())
                .bind(period.begin())
                .bind(period.end())
                .bind(limit)
                .fetch_all(c))?;
        let row = |(verdict, reason, decisions): (String, String, i64)| {
            let verdict = verdict.parse().map_err(inconsistent("approval_decision", "verdict"))?;
            Ok(ReasonCount { verdict, reason, decisions })
        };
        found.into_iter().map(row).collect()
    }

    /// Versions that came into effect in the period, oldest first, at most `limit`.
    pub async fn definition_changes(
        &mut self,
        workspace: WorkspaceId,
        period: Period,
        limit: i64,
    ) -> Result<Vec<DefinitionChange>, StoreError> {
        let found: Vec<(Uuid, i64, String, Timestamp, Option<Uuid>)> =
            sql!(self, |c| sqlx::query_as(
                "SELECT automation_id, number, digest, created_at, created_by \
                 FROM automation_version WHERE workspace_id = $1 AND created_at >= $2 \
                 AND created_at < $3 ORDER BY created_at, automation_id, number LIMIT $4"
            )
            .bind(workspace.uuid())
            .bind(period.begin())
            .bind(period.end())
            .bind(limit)
            .fetch_all(c))?;
        let row = |(automation, number, digest, at, by)| DefinitionChange {
            automation: AutomationId::new(automation),
            number,
            digest,
            at,
            by: Option::map(by, MemberId::new),
        };
        Ok(found.into_iter().map(row).collect())
    }
}
