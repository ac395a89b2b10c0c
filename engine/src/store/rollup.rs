//! Counts of many runs, kept in the transaction of every change of one.

use std::{collections::BTreeMap, iter::Sum};

use domain::{
    counts::Counts,
    filter::{RunFilter, TimeBasis},
    id::{AutomationId, WorkspaceId},
    rollup::{self, Change, NOT_COMPLETED},
    run::{Run, RunStatus},
};
use sqlx::QueryBuilder;
use uuid::Uuid;

use super::{
    Rows, Session, StoreError, Tx,
    dialect::{COMPLETED_DAY, STARTED_DAY},
    run_parts::CountsRow,
    sql,
};

/// Runs, added up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Total {
    pub runs: i64,
    pub counts: Counts,
    /// How many runs there are with each status; those without any are left out.
    pub statuses: BTreeMap<RunStatus, i64>,
}

impl Total {
    fn add(&mut self, status: RunStatus, runs: i64, counts: Counts) {
        self.runs += runs;
        self.counts += counts;
        *self.statuses.entry(status).or_default() += runs;
    }
}

impl<'a> Sum<&'a Self> for Total {
    fn sum<I: Iterator<Item = &'a Self>>(totals: I) -> Self {
        totals.fold(Self::default(), |mut sum, total| {
            sum.runs += total.runs;
            sum.counts += total.counts;
            for (status, runs) in &total.statuses {
                *sum.statuses.entry(*status).or_default() += runs;
            }
            sum
        })
    }
}

/// The runs of one automation, added up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub automation: AutomationId,
    pub total: Total,
}

#[derive(sqlx::FromRow)]
struct GroupRow {
    automation_id: Uuid,
    status: String,
    runs: i64,
    #[sqlx(flatten)]
    counts: CountsRow,
}

impl Tx {
    /// Adds what became of a run to every sum it is a part of.
    pub(super) async fn add_to_rollup(
        &mut self,
        before: Option<&Run>,
        after: &Run,
    ) -> Result<(), StoreError> {
        self.add_counts(&rollup::changes(before, after)).await?;
        self.add_figures(&rollup::figure_changes(before, after)).await
    }

    /// Adds changes to their cells. The cells come sorted, so that writers never wait in a circle.
    async fn add_counts(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        let rows = Rows::of(changes)
            .uuid("workspace_id", |change| change.cell.workspace.uuid())
            .uuid("automation_id", |change| change.cell.automation.uuid())
            .text("basis", |change| change.cell.basis.as_str())
            .day("day", |change| change.cell.day)
            .text("status", |change| change.cell.status.as_str())
            .text("trigger_kind", |change| change.cell.trigger.as_str())
            .int("runs", |change| change.runs)
            .int("subjects_matched", |change| change.counts.subjects_matched)
            .int("actions_invoked", |change| change.counts.actions_invoked)
            .int("open_items", |change| change.counts.open)
            .int("succeeded", |change| change.counts.succeeded)
            .int("failed", |change| change.counts.failed)
            .int("skipped", |change| change.counts.skipped)
            .int("awaiting_approval", |change| change.counts.awaiting_approval)
            .int("idempotent_replay", |change| change.counts.idempotent_replay);
        let changed = self.change_rows(
            rows,
            "INSERT INTO run_rollup (workspace_id, automation_id, basis, day, status, \
             trigger_kind, runs, subjects_matched, actions_invoked, open_items, succeeded, \
             failed, skipped, awaiting_approval, idempotent_replay) \
             SELECT workspace_id, automation_id, basis, day, status, trigger_kind, runs, \
             subjects_matched, actions_invoked, open_items, succeeded, failed, skipped, \
             awaiting_approval, idempotent_replay FROM j WHERE true \
             ON CONFLICT (workspace_id, basis, day, automation_id, status, trigger_kind) \
             DO UPDATE SET runs = run_rollup.runs + excluded.runs, \
             subjects_matched = run_rollup.subjects_matched + excluded.subjects_matched, \
             actions_invoked = run_rollup.actions_invoked + excluded.actions_invoked, \
             open_items = run_rollup.open_items + excluded.open_items, \
             succeeded = run_rollup.succeeded + excluded.succeeded, \
             failed = run_rollup.failed + excluded.failed, \
             skipped = run_rollup.skipped + excluded.skipped, \
             awaiting_approval = run_rollup.awaiting_approval + excluded.awaiting_approval, \
             idempotent_replay = run_rollup.idempotent_replay + excluded.idempotent_replay",
        );
        changed.await.map(drop)
    }
}

impl Session {
    /// What a filter's counts are added up from. The rollup by days of start serves those who see a part
    /// as well, for runs are seen by their start. Days of completion do not tell it: there the runs that
    /// are seen are counted themselves. So are runs with incidents, of which the rollup knows nothing:
    /// they are few and have an index.
    fn cells(&self, filter: &RunFilter) -> String {
        let basis = filter.by;
        if !filter.incident && (basis == TimeBasis::Started || self.sees_all()) {
            return "run_rollup".to_owned();
        }
        let day = self.pick(match basis {
            TimeBasis::Started => STARTED_DAY,
            TimeBasis::Completed => COMPLETED_DAY,
        });
        let with = if filter.incident { "r.incidents > 0" } else { "1 = 1" };
        let seen = self.seen_at("r.started_order");
        format!(
            "(SELECT r.*, '{basis}' AS basis, {day} AS day, 1 AS runs FROM run r \
             WHERE {with}{seen}) AS cell"
        )
    }

    /// The runs a filter finds, grouped by automation: a few cells added up, never a scan of runs.
    pub async fn run_groups(
        &mut self,
        workspace: WorkspaceId,
        filter: &RunFilter,
        automations: &[AutomationId],
    ) -> Result<Vec<Group>, StoreError> {
        let cells = self.cells(filter);
        let seen = match filter.by {
            TimeBasis::Started => self.seen_on("day"),
            TimeBasis::Completed => String::new(),
        };
        let found: Vec<GroupRow> = sql!(self, |c| async {
            let mut query = QueryBuilder::new(
                "SELECT automation_id, status, CAST(SUM(runs) AS BIGINT) AS runs, \
                 CAST(SUM(subjects_matched) AS BIGINT) AS subjects_matched, \
                 CAST(SUM(actions_invoked) AS BIGINT) AS actions_invoked, \
                 CAST(SUM(open_items) AS BIGINT) AS open_items, \
                 CAST(SUM(succeeded) AS BIGINT) AS succeeded, \
                 CAST(SUM(failed) AS BIGINT) AS failed, \
                 CAST(SUM(skipped) AS BIGINT) AS skipped, \
                 CAST(SUM(awaiting_approval) AS BIGINT) AS awaiting_approval, \
                 CAST(SUM(idempotent_replay) AS BIGINT) AS idempotent_replay FROM ",
            );
            query.push(&cells).push(" WHERE workspace_id = ").push_bind(workspace.uuid());
            query.push(" AND basis = ").push_bind(filter.by.as_str()).push(&seen);
            if let Some(from) = filter.from {
                query.push(" AND day >= ").push_bind(from);
            }
            if let Some(to) = filter.to {
                query.push(" AND day <= ").push_bind(to);
            } else if filter.from.is_some() {
                // Runs that have not completed are not in any period of completion.
                query.push(" AND day < ").push_bind(NOT_COMPLETED.date_naive());
            }
            super::run_list::push_in(&mut query, "automation_id", automations, |id| id.uuid());
            super::run_list::push_in(&mut query, "status", &filter.statuses, |s| s.as_str());
            super::run_list::push_in(&mut query, "trigger_kind", &filter.triggers, |t| t.as_str());
            query.push(filter.kind.map_or("", super::run_list::of_kind));
            query.push(" GROUP BY automation_id, status HAVING SUM(runs) > 0");
            query.push(" ORDER BY automation_id, status");
            query.build_query_as().fetch_all(c).await
        })?;
        group(found)
    }
}

fn group(found: Vec<GroupRow>) -> Result<Vec<Group>, StoreError> {
    let mut groups: Vec<Group> = Vec::new();
    for row in found {
        let automation = AutomationId::new(row.automation_id);
        let status = row
            .status
            .parse()
            .map_err(|error| StoreError::inconsistent("run_rollup", "status", error))?;
        if groups.last().is_none_or(|group| group.automation != automation) {
            groups.push(Group { automation, total: Total::default() });
        }
        if let Some(group) = groups.last_mut() {
            group.total.add(status, row.runs, row.counts.into());
        }
    }
    Ok(groups)
}
