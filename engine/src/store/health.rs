//! Usage of models and causes of incidents by stretches of days, from the rollups alone. Each stretch is cut down
//! to the days that are seen, so those who look through windows are served by the same statements.

use domain::{
    id::{AutomationId, WorkspaceId},
    incident::Cause,
    period::Period,
    rollup::{self, Usage},
};
use sqlx::AssertSqlSafe;

use super::{Rows, Session, StoreError, sql};

/// Days of a stretch that are seen, with the stretch's place in the list.
pub(super) struct Part {
    pub slot: usize,
    pub days: Period,
}

/// A sum that is read, with the stretch's place in the list.
struct Sum {
    slot: usize,
    of: rollup::Part,
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

/// A column of the rollup `r`, added up over the sums `j`.
macro_rules! sum {
    ($column:literal) => {
        concat!("CAST(SUM(j.sign * r.", $column, ") AS BIGINT) AS ", $column)
    };
}

/// The rows of the rollup `r` that the sums `j` are made of.
macro_rules! of_days {
    () => {
        "r.workspace_id = j.workspace_id AND r.span = j.span \
         AND r.day >= j.first AND r.day < j.until \
         AND (j.automation IS NULL OR r.automation_id = j.automation)"
    };
}

/// Joins the sums with a rollup: a pair for [`Session::pick`]. Postgres would rather read all of the
/// rollup once than its index for each sum, unless it is told to look for each.
macro_rules! sums_of {
    ($table:literal, $group:literal, $first:literal $(, $column:literal)*) => {
        [
            sums_of!(
                @from concat!($table, " r WHERE ", of_days!()),
                $group, $first $(, $column)*
            ),
            sums_of!(
                @from concat!(
                    "LATERAL (SELECT * FROM ", $table, " r WHERE ", of_days!(), " OFFSET 0) r"
                ),
                $group, $first $(, $column)*
            ),
        ]
    };
    (@from $from:expr, $group:literal, $first:literal $(, $column:literal)*) => {
        concat!(
            "SELECT ",
            $group,
            ", ",
            sum!($first),
            $(", ", sum!($column),)*
            " FROM j CROSS JOIN ",
            $from,
            " GROUP BY ",
            $group,
            " HAVING SUM(j.sign * r.",
            $first,
            ") > 0"
        )
    };
}

const USAGE: [&str; 2] = sums_of!(
    "usage_rollup",
    "j.slot, r.phase, r.provider, r.model",
    "calls",
    "input_tokens",
    "output_tokens",
    "cost",
    "unpriced"
);

const CAUSES: [&str; 2] = sums_of!("incident_rollup", "r.cause", "incidents");

impl Session {
    /// What models were used for in each of these stretches of days.
    pub async fn model_usage(
        &mut self,
        workspace: WorkspaceId,
        automation: Option<AutomationId>,
        days: &[Period],
    ) -> Result<Vec<ModelUsage>, StoreError> {
        let sums = sums(&self.parts(days));
        let statement = self.pick(USAGE);
        let found: Vec<UsageRow> =
            self.fetch_rows(rows_of(workspace, automation, &sums), statement).await?;
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
        let found: Vec<(String, i64)> = match self.sees_all() {
            true => {
                let (sums, statement) = (sums(&[Part { slot: 0, days }]), self.pick(CAUSES));
                self.fetch_rows(rows_of(workspace, automation, &sums), statement).await?
            }
            false => self.causes_seen(workspace, automation, days).await?,
        };
        let read = |(cause, incidents): (String, i64)| {
            let cause = cause.parse();
            cause
                .map(|cause| (cause, incidents))
                .map_err(|error| StoreError::inconsistent("incident_rollup", "cause", error))
        };
        found.into_iter().map(read).collect()
    }

    async fn causes_seen(
        &mut self,
        workspace: WorkspaceId,
        automation: Option<AutomationId>,
        days: Period,
    ) -> Result<Vec<(String, i64)>, StoreError> {
        let one = automation.map_or("", |_| " AND n.automation_id = $4");
        let statement = format!(
            "SELECT cause, COUNT(*) FROM incident n WHERE n.workspace_id = $1 \
             AND n.automation_id IS NOT NULL AND n.occurred_at >= $2 AND n.occurred_at < $3\
             {one}{} GROUP BY cause",
            self.seen_incident()
        );
        Ok(sql!(self, |c| async {
            let query = sqlx::query_as(AssertSqlSafe(statement.clone()))
                .bind(workspace.uuid())
                .bind(days.begin())
                .bind(days.end());
            let query = match automation {
                Some(automation) => query.bind(automation.uuid()),
                None => query,
            };
            query.fetch_all(c).await
        })?)
    }

    /// The days of the stretches that are seen.
    pub(super) fn parts(&self, days: &[Period]) -> Vec<Part> {
        let mut parts = Vec::with_capacity(days.len());
        for (slot, &days) in days.iter().enumerate() {
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

/// The sums that the parts are made of.
fn sums(parts: &[Part]) -> Vec<Sum> {
    let of = |part: &Part| {
        let slot = part.slot;
        rollup::Part::of(part.days).into_iter().map(move |of| Sum { slot, of })
    };
    parts.iter().flat_map(of).collect()
}

fn rows_of(
    workspace: WorkspaceId,
    automation: Option<AutomationId>,
    sums: &[Sum],
) -> Rows<'_, Sum> {
    Rows::of(sums)
        .within(workspace)
        .int("slot", |sum| i64::try_from(sum.slot).ok())
        .text("span", |sum| sum.of.span.as_str())
        .day("first", |sum| sum.of.days.from)
        .day("until", |sum| sum.of.days.until)
        .int("sign", |sum| if sum.of.is_off { -1 } else { 1 })
        .uuid("automation", |_| automation.map(AutomationId::uuid))
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
