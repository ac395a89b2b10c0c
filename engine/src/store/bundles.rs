//! Orders for bundles, and who makes them: one worker at a time, under a lease.

use chrono::NaiveDate;
use domain::{
    Timestamp,
    bundle::{Bundle, BundleFile},
    id::{BundleId, MemberId, WorkspaceId},
    period::Period,
    problem::Failure,
};
use serde_json::json;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::{Session, StoreError, Tx, change, runs::FailureRow, sql};

macro_rules! bundles {
    ($($rest:literal),+) => {
        concat!(
            "SELECT id, workspace_id, from_day, until_day, automations, requested_by, \
             requested_at, status, attempt, lease_until, rows_done, rows_expected, \
             checkpoint_size, file_name, file_size, file_digest, failure_code, failure_message, \
             failure_kind, ended_at FROM bundle ",
            $($rest),+
        )
    };
}

#[derive(sqlx::FromRow)]
struct BundleRow {
    id: Uuid,
    workspace_id: Uuid,
    from_day: NaiveDate,
    until_day: NaiveDate,
    automations: String,
    requested_by: Option<Uuid>,
    requested_at: Timestamp,
    status: String,
    attempt: i64,
    lease_until: Option<Timestamp>,
    rows_done: i64,
    rows_expected: Option<i64>,
    checkpoint_size: Option<i64>,
    file_name: Option<String>,
    file_size: Option<i64>,
    file_digest: Option<String>,
    #[sqlx(flatten)]
    failure: FailureRow,
    ended_at: Option<Timestamp>,
}

impl TryFrom<BundleRow> for Bundle {
    type Error = StoreError;

    fn try_from(row: BundleRow) -> Result<Self, StoreError> {
        let wrong = |column, error: &dyn std::error::Error| {
            StoreError::inconsistent("bundle", column, error)
        };
        let file = match (row.file_name, row.file_size, row.file_digest) {
            (Some(name), Some(size), Some(digest)) => Some(BundleFile { name, size, digest }),
            _ => None,
        };
        let automations = serde_json::from_str(&row.automations);
        Ok(Self {
            id: BundleId::new(row.id),
            workspace: WorkspaceId::new(row.workspace_id),
            period: Period::new(row.from_day, row.until_day)
                .map_err(|error| wrong("from_day", &error))?,
            automations: automations.map_err(|error| wrong("automations", &error))?,
            requested_by: row.requested_by.map(MemberId::new),
            requested_at: row.requested_at,
            status: row.status.parse().map_err(|error| wrong("status", &error))?,
            failure: row.failure.read("bundle")?,
            attempt: row.attempt,
            lease_until: row.lease_until,
            rows_done: row.rows_done,
            rows_expected: row.rows_expected,
            checkpoint_size: row.checkpoint_size,
            file,
            ended_at: row.ended_at,
        })
    }
}

fn all(found: Vec<BundleRow>) -> Result<Vec<Bundle>, StoreError> {
    found.into_iter().map(Bundle::try_from).collect()
}

impl Session {
    /// The bundles of a workspace, newest first, before `before`, at most `limit`.
    pub async fn bundles(
        &mut self,
        workspace: WorkspaceId,
        before: Option<(Timestamp, BundleId)>,
        limit: i64,
    ) -> Result<Vec<Bundle>, StoreError> {
        let end = (domain::time::LATEST, BundleId::new(Uuid::max()));
        let (at, id) = before.unwrap_or(end);
        let text = format!(
            "{}{} ORDER BY requested_at DESC, id DESC LIMIT $4",
            bundles!("WHERE workspace_id = $1 AND (requested_at, id) < ($2, $3)"),
            self.seen_between("from_day", "until_day")
        );
        let found = sql!(self, |c| sqlx::query_as(AssertSqlSafe(text.clone()))
            .bind(workspace.uuid())
            .bind(at)
            .bind(id.uuid())
            .bind(limit)
            .fetch_all(c))?;
        all(found)
    }

    /// A bundle by its id, in this workspace only.
    pub async fn bundle(
        &mut self,
        workspace: WorkspaceId,
        id: BundleId,
    ) -> Result<Option<Bundle>, StoreError> {
        let found: Option<BundleRow> =
            sql!(self, |c| sqlx::query_as(bundles!("WHERE workspace_id = $1 AND id = $2"))
                .bind(workspace.uuid())
                .bind(id.uuid())
                .fetch_optional(c))?;
        let bundle: Option<Bundle> = found.map(Bundle::try_from).transpose()?;
        Ok(bundle.filter(|bundle| self.sight.covers_period(bundle.period)))
    }

    /// How many bundles of a workspace are not finished.
    pub async fn unfinished_bundles(&mut self, workspace: WorkspaceId) -> Result<i64, StoreError> {
        Ok(sql!(self, |c| sqlx::query_scalar(
            "SELECT COUNT(*) FROM bundle WHERE workspace_id = $1 \
             AND status IN ('pending', 'assembling')"
        )
        .bind(workspace.uuid())
        .fetch_one(c))?)
    }

    /// The bundle that has waited longest for a worker: ordered and not begun, or begun by somebody
    /// whose lease has ended.
    pub async fn due_bundle(&mut self, now: Timestamp) -> Result<Option<Bundle>, StoreError> {
        let found: Option<BundleRow> = sql!(self, |c| sqlx::query_as(bundles!(
            "WHERE status IN ('pending', 'assembling') \
             AND (lease_until IS NULL OR lease_until <= $1) ORDER BY requested_at, id LIMIT 1"
        ))
        .bind(now)
        .fetch_optional(c))?;
        found.map(Bundle::try_from).transpose()
    }
}

impl Tx {
    /// Enters a new order.
    pub async fn insert_bundle(&mut self, bundle: &Bundle) -> Result<(), StoreError> {
        change!(
            self,
            sqlx::query(
                "INSERT INTO bundle (id, workspace_id, from_day, until_day, automations, \
                 requested_by, requested_at, status, attempt, lease_until, rows_done) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
            )
            .bind(bundle.id.uuid())
            .bind(bundle.workspace.uuid())
            .bind(bundle.period.from)
            .bind(bundle.period.until)
            .bind(json!(bundle.automations).to_string())
            .bind(bundle.requested_by.map(MemberId::uuid))
            .bind(bundle.requested_at)
            .bind(bundle.status.as_str())
            .bind(bundle.attempt)
            .bind(bundle.lease_until)
            .bind(bundle.rows_done)
        )
        .map(drop)
    }

    /// Begins the next try at a bundle. Answers whether it was still as it was found: of several who
    /// want it, one gets it.
    pub async fn claim_bundle(
        &mut self,
        found: &Bundle,
        lease_until: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = change!(
            self,
            sqlx::query(
                "UPDATE bundle SET status = 'assembling', attempt = attempt + 1, \
                 lease_until = $4, rows_done = 0, rows_expected = NULL \
                 WHERE id = $1 AND attempt = $2 AND status = $3"
            )
            .bind(found.id.uuid())
            .bind(found.attempt)
            .bind(found.status.as_str())
            .bind(lease_until)
        )?;
        Ok(changed == 1)
    }

    /// Says how far a try has come, and that it goes on. Refuses a try that was given up.
    pub async fn advance_bundle(
        &mut self,
        bundle: &Bundle,
        lease_until: Timestamp,
    ) -> Result<(), StoreError> {
        let changed = change!(
            self,
            sqlx::query(
                "UPDATE bundle SET rows_done = $3, rows_expected = $4, checkpoint_size = $5, \
                 lease_until = $6 WHERE id = $1 AND attempt = $2 AND status = 'assembling'"
            )
            .bind(bundle.id.uuid())
            .bind(bundle.attempt)
            .bind(bundle.rows_done)
            .bind(bundle.rows_expected)
            .bind(bundle.checkpoint_size)
            .bind(lease_until)
        )?;
        StoreError::expect("bundle", 1, changed)
    }

    /// Ends a try without an outcome: the order waits, and nobody looks at it before `not_before`.
    /// Refuses a try that was given up.
    pub async fn put_back_bundle(
        &mut self,
        bundle: &Bundle,
        not_before: Timestamp,
    ) -> Result<(), StoreError> {
        let changed = change!(
            self,
            sqlx::query(
                "UPDATE bundle SET status = 'pending', lease_until = $3, rows_done = 0, \
                 rows_expected = NULL WHERE id = $1 AND attempt = $2 AND status = 'assembling'"
            )
            .bind(bundle.id.uuid())
            .bind(bundle.attempt)
            .bind(not_before)
        )?;
        StoreError::expect("bundle", 1, changed)
    }

    /// Ends a try with a file. Refuses a try that was given up.
    pub async fn finish_bundle(
        &mut self,
        bundle: &Bundle,
        file: &BundleFile,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let changed = change!(
            self,
            sqlx::query(
                "UPDATE bundle SET status = 'ready', file_name = $3, file_size = $4, \
                 file_digest = $5, rows_done = $6, rows_expected = $7, ended_at = $8, \
                 lease_until = NULL WHERE id = $1 AND attempt = $2 AND status = 'assembling'"
            )
            .bind(bundle.id.uuid())
            .bind(bundle.attempt)
            .bind(file.name.as_str())
            .bind(file.size)
            .bind(file.digest.as_str())
            .bind(bundle.rows_done)
            .bind(bundle.rows_expected)
            .bind(now)
        )?;
        StoreError::expect("bundle", 1, changed)
    }

    /// Ends a try, and the order, with a cause. Refuses a try that was given up.
    pub async fn fail_bundle(
        &mut self,
        bundle: &Bundle,
        failure: &Failure,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let changed = change!(
            self,
            sqlx::query(
                "UPDATE bundle SET status = 'failed', failure_code = $3, failure_message = $4, \
                 failure_kind = $5, ended_at = $6, lease_until = NULL \
                 WHERE id = $1 AND attempt = $2 AND status = 'assembling'"
            )
            .bind(bundle.id.uuid())
            .bind(bundle.attempt)
            .bind(failure.code.as_str())
            .bind(failure.message.as_str())
            .bind(failure.kind.as_str())
            .bind(now)
        )?;
        StoreError::expect("bundle", 1, changed)
    }
}
