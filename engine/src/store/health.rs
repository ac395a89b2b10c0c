//! Sums by stretches of days, from the rollups alone. Each stretch is cut down to the days that are seen,
//! so those who look through windows are served by the same statements.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::{
    health::Stretch,
    id::{AutomationId, WorkspaceId},
    incident::Cause,
    period::Period,
    rollup::Usage,
    run::RunStatus,
};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::{Rows, Session, StoreError, sql};

/// Days of a stretch that are seen, with the stretch's place in the list.
struct Part {
    slot: i64,
    days: Period,
}

/// What models were used for in one stretch, by phase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelUsage {
    /// Where the stretch stands in the list that was asked for.
    pub slot: usize,
    /// Empty where it was not said, as are the next.
    pub phase: String,
    pub provider: String,
    pub model: String,
    pub usage: Usage,
}

#[derive(sqlx::FromRow)]
struct OutcomeRow {
    slot: i64,
    automation_id: Uuid,
    pending: i64,
    running: i64,
    completed: i64,
    with_failures: i64,
    cancelled: i64,
    failed: i64,
    killed: i64,
}

#[derive(sqlx::FromRow)]
struct LengthRow {
    slot: i64,
    automation_id: Uuid,
    /// `bucket:runs`, separated by commas.
    buckets: String,
}

#[derive(sqlx::FromRow)]
struct CostRow {
    slot: i64,
    automation_id: Uuid,
    runs: i64,
    cost: i64,
}

#[derive(sqlx::FromRow)]
struct UsageRow {
    slot: i64,
    phase: String,
    provider: String,
    model: String,
    calls: i64,
    input_tokens: i64,
    output_tokens: i64,
    cost: i64,
    unpriced: i64,
}

/// Joins the parts `j` with a rollup `r`, by their days.
macro_rules! by_days {
    ($columns:literal, $table:literal, $condition:literal, $group:literal) => {
        concat!(
            "SELECT j.slot, ",
            $columns,
            " FROM j CROSS JOIN ",
            $table,
            " r WHERE r.workspace_id = j.workspace_id AND r.day >= j.first AND r.day < j.until \
             AND (j.automation IS NULL OR r.automation_id = j.automation)",
            $condition,
            " GROUP BY j.slot, ",
            $group
        )
    };
}

const OUTCOMES: &str = by_days!(
    "r.automation_id, \
     CAST(SUM(CASE r.status WHEN 'pending' THEN r.runs ELSE 0 END) AS BIGINT) AS pending, \
     CAST(SUM(CASE r.status WHEN 'running' THEN r.runs ELSE 0 END) AS BIGINT) AS running, \
     CAST(SUM(CASE r.status WHEN 'completed' THEN r.runs ELSE 0 END) AS BIGINT) AS completed, \
     CAST(SUM(CASE r.status WHEN 'completed-with-failures' THEN r.runs ELSE 0 END) AS BIGINT) \
     AS with_failures, \
     CAST(SUM(CASE r.status WHEN 'cancelled' THEN r.runs ELSE 0 END) AS BIGINT) AS cancelled, \
     CAST(SUM(CASE r.status WHEN 'failed' THEN r.runs ELSE 0 END) AS BIGINT) AS failed, \
     CAST(SUM(CASE r.status WHEN 'killed' THEN r.runs ELSE 0 END) AS BIGINT) AS killed",
    "run_rollup",
    " AND r.basis = 'started'",
    "r.automation_id"
);

/// One row for a stretch and automation, however many buckets there are.
const LENGTHS: [&str; 2] = [
    by_days!(
        "r.automation_id, group_concat(r.bucket || ':' || r.runs) AS buckets",
        "length_rollup",
        "",
        "r.automation_id"
    ),
    by_days!(
        "r.automation_id, string_agg(r.bucket || ':' || r.runs, ',') AS buckets",
        "length_rollup",
        "",
        "r.automation_id"
    ),
];

const COSTS: &str = by_days!(
    "r.automation_id, CAST(SUM(r.runs) AS BIGINT) AS runs, CAST(SUM(r.cost) AS BIGINT) AS cost",
    "cost_rollup",
    "",
    "r.automation_id"
);

const USAGE: &str = by_days!(
    "r.phase, r.provider, r.model, CAST(SUM(r.calls) AS BIGINT) AS calls, \
     CAST(SUM(r.input_tokens) AS BIGINT) AS input_tokens, \
     CAST(SUM(r.output_tokens) AS BIGINT) AS output_tokens, \
     CAST(SUM(r.cost) AS BIGINT) AS cost, CAST(SUM(r.unpriced) AS BIGINT) AS unpriced",
    "usage_rollup",
    "",
    "r.phase, r.provider, r.model HAVING SUM(r.calls) > 0"
);

/// What happened in the stretches, automation by automation.
pub type ByAutomation = HashMap<AutomationId, Vec<Stretch>>;

impl Session {
    /// The runs that started in each of these stretches of days, of one automation or of each.
    pub async fn stretches(
        &mut self,
        workspace: WorkspaceId,
        automation: Option<AutomationId>,
        days: &[Period],
    ) -> Result<ByAutomation, StoreError> {
        let parts = self.parts(days);
        let rows = || rows_of(workspace, automation, &parts);
        let mut found = Found { days, by: HashMap::new() };
        for row in self.fetch_rows::<_, OutcomeRow>(rows(), OUTCOMES).await? {
            row.add_to(found.at(row.automation_id, row.slot)?);
        }
        let statement = self.pick(LENGTHS);
        for row in self.fetch_rows::<_, LengthRow>(rows(), statement).await? {
            row.add_to(found.at(row.automation_id, row.slot)?)?;
        }
        for row in self.fetch_rows::<_, CostRow>(rows(), COSTS).await? {
            let stretch = found.at(row.automation_id, row.slot)?;
            stretch.costed += row.runs;
            stretch.cost += row.cost;
        }
        Ok(found.by)
    }

    /// What models were used for in each of these stretches of days.
    pub async fn model_usage(
        &mut self,
        workspace: WorkspaceId,
        automation: Option<AutomationId>,
        days: &[Period],
    ) -> Result<Vec<ModelUsage>, StoreError> {
        let parts = self.parts(days);
        let found: Vec<UsageRow> =
            self.fetch_rows(rows_of(workspace, automation, &parts), USAGE).await?;
        found.into_iter().map(ModelUsage::try_from).collect()
    }

    /// How many incidents of automations are put down to what, in a stretch of days. Days on which
    /// incidents happened do not tell which runs they are of: who sees a part has them counted one by one.
    pub async fn causes(
        &mut self,
        workspace: WorkspaceId,
        automation: Option<AutomationId>,
        days: Period,
    ) -> Result<Vec<(Cause, i64)>, StoreError> {
        let one = automation.map_or("", |_| " AND n.automation_id = $4");
        let statement = match self.sees_all() {
            true => format!(
                "SELECT cause, CAST(SUM(incidents) AS BIGINT) FROM incident_rollup n \
                 WHERE workspace_id = $1 AND day >= $2 AND day < $3{one} GROUP BY cause"
            ),
            false => format!(
                "SELECT cause, COUNT(*) FROM incident n WHERE n.workspace_id = $1 \
                 AND n.automation_id IS NOT NULL AND n.occurred_at >= $2 AND n.occurred_at < $3\
                 {one}{} GROUP BY cause",
                self.seen_incident()
            ),
        };
        let whole = self.sees_all();
        let found: Vec<(String, i64)> = sql!(self, |c| async {
            let query = sqlx::query_as(AssertSqlSafe(statement.clone())).bind(workspace.uuid());
            let query = match whole {
                true => query.bind(days.from).bind(days.until),
                false => query.bind(days.begin()).bind(days.end()),
            };
            let query = match automation {
                Some(automation) => query.bind(automation.uuid()),
                None => query,
            };
            query.fetch_all(c).await
        })?;
        let read = |(cause, incidents): (String, i64)| {
            let cause = cause.parse();
            cause
                .map(|cause| (cause, incidents))
                .map_err(|error| StoreError::inconsistent("incident_rollup", "cause", error))
        };
        found.into_iter().map(read).collect()
    }

    /// The days of the stretches that are seen.
    fn parts(&self, days: &[Period]) -> Vec<Part> {
        let mut parts = Vec::with_capacity(days.len());
        for (slot, &days) in (0_i64..).zip(days) {
            match self.sight.periods() {
                None => parts.push(Part { slot, days }),
                Some(seen) => {
                    let seen = seen.iter().filter_map(|seen| seen.shared(days));
                    parts.extend(seen.map(|days| Part { slot, days }));
                }
            }
        }
        parts
    }
}

fn rows_of(
    workspace: WorkspaceId,
    automation: Option<AutomationId>,
    parts: &[Part],
) -> Rows<'_, Part> {
    Rows::of(parts)
        .within(workspace)
        .int("slot", |part| part.slot)
        .day("first", |part| part.days.from)
        .day("until", |part| -> NaiveDate { part.days.until })
        .uuid("automation", |_| automation.map(AutomationId::uuid))
}

/// Stretches as they are filled.
struct Found<'a> {
    days: &'a [Period],
    by: ByAutomation,
}

impl Found<'_> {
    fn at(&mut self, automation: Uuid, slot: i64) -> Result<&mut Stretch, StoreError> {
        let empty = || self.days.iter().copied().map(Stretch::new).collect();
        let of = self.by.entry(AutomationId::new(automation)).or_insert_with(empty);
        let stretch = usize::try_from(slot).ok().and_then(|slot| of.get_mut(slot));
        stretch.ok_or_else(|| StoreError::inconsistent("run_rollup", "day", "in no stretch"))
    }
}

impl OutcomeRow {
    fn add_to(&self, stretch: &mut Stretch) {
        let outcomes = [
            (RunStatus::Pending, self.pending),
            (RunStatus::Running, self.running),
            (RunStatus::Completed, self.completed),
            (RunStatus::CompletedWithFailures, self.with_failures),
            (RunStatus::Cancelled, self.cancelled),
            (RunStatus::Failed, self.failed),
            (RunStatus::Killed, self.killed),
        ];
        for (status, runs) in outcomes.into_iter().filter(|(_, runs)| *runs != 0) {
            *stretch.outcomes.entry(status).or_default() += runs;
        }
    }
}

impl LengthRow {
    fn add_to(&self, stretch: &mut Stretch) -> Result<(), StoreError> {
        for pair in self.buckets.split(',') {
            let read = pair.split_once(':');
            let read =
                read.and_then(|(bucket, runs)| Some((bucket.parse().ok()?, runs.parse().ok()?)));
            let (bucket, runs) = read
                .ok_or_else(|| StoreError::inconsistent("length_rollup", "bucket", "no number"))?;
            stretch.lengths.add(bucket, runs);
        }
        Ok(())
    }
}

impl TryFrom<UsageRow> for ModelUsage {
    type Error = StoreError;

    fn try_from(row: UsageRow) -> Result<Self, StoreError> {
        Ok(Self {
            slot: usize::try_from(row.slot)
                .map_err(|error| StoreError::inconsistent("usage_rollup", "day", error))?,
            phase: row.phase,
            provider: row.provider,
            model: row.model,
            usage: Usage {
                calls: row.calls,
                input_tokens: row.input_tokens,
                output_tokens: row.output_tokens,
                cost: row.cost,
                unpriced: row.unpriced,
            },
        })
    }
}
