//! What a session may see: the conditions that keep a query within the windows of whoever asks.
//!
//! For those who see everything each condition is empty and each check is none, so that their queries
//! are what they would be without. A condition holds nothing but days, which are written into its
//! text: a query can be narrowed wherever it ends, without another parameter.

use std::collections::HashSet;

use chrono::NaiveDate;
use domain::{
    id::{RecordId, RunId, WorkspaceId},
    period::{Period, begin_of},
    trigger::TriggerEvent,
    window::Sight,
};
use sqlx::QueryBuilder;
use uuid::Uuid;

use super::{Session, StoreError, run_list::push_in, sql};

/// What nothing fulfils.
const NEVER: &str = " AND 1 = 0";

/// A day as both databases compare days.
fn day(day: NaiveDate) -> String {
    format!("'{day}'")
}

/// The first instant of a day as both databases compare instants.
fn instant(day: NaiveDate) -> String {
    format!("'{}'", begin_of(day).to_rfc3339())
}

/// ` AND …`: between the first and the last period, and in no gap between two. The outer bounds come
/// first: they are what an index can be walked between.
fn within(periods: &[Period], column: &str, literal: fn(NaiveDate) -> String) -> String {
    let (Some(first), Some(last)) = (periods.first(), periods.last()) else {
        return NEVER.to_owned();
    };
    let (from, until) = (literal(first.from), literal(last.until));
    let mut condition = format!(" AND {column} >= {from} AND {column} < {until}");
    for (before, after) in periods.iter().zip(&periods[1..]) {
        let (gap, end) = (literal(before.until), literal(after.from));
        condition += &format!(" AND ({column} < {gap} OR {column} >= {end})");
    }
    condition
}

impl Session {
    /// From here on nothing outside of `sight` is found.
    pub(crate) fn look_through(&mut self, sight: Sight) {
        self.sight = sight;
    }

    pub(crate) fn sees_all(&self) -> bool {
        self.sight == Sight::All
    }

    /// Is everything in this period seen?
    pub(crate) fn sees_period(&self, period: Period) -> bool {
        self.sight.covers_period(period)
    }

    /// ` AND …`: the instant in this column is seen. Empty where everything is.
    pub(super) fn seen_at(&self, column: &str) -> String {
        self.sight.periods().map_or_else(String::new, |periods| within(periods, column, instant))
    }

    /// The same of a column with days.
    pub(super) fn seen_on(&self, column: &str) -> String {
        self.sight.periods().map_or_else(String::new, |periods| within(periods, column, day))
    }

    /// ` AND …`: the whole period between two columns with days is seen.
    pub(super) fn seen_between(&self, from: &str, until: &str) -> String {
        let Some(periods) = self.sight.periods() else { return String::new() };
        let inside = |period: &Period| {
            let Period { from: first, until: end } = *period;
            format!("{from} >= {} AND {until} <= {}", day(first), day(end))
        };
        match periods.iter().map(inside).collect::<Vec<_>>() {
            none if none.is_empty() => NEVER.to_owned(),
            inside => format!(" AND ({})", inside.join(" OR ")),
        }
    }

    /// ` AND …`: the run that rows of `table` name is seen.
    pub(super) fn seen_run(&self, table: &str) -> String {
        match self.seen_at("seen.started_order") {
            all if all.is_empty() => all,
            within => format!(
                " AND EXISTS (SELECT 1 FROM run seen WHERE seen.workspace_id = \
                 {table}.workspace_id AND seen.id = {table}.run_id{within})"
            ),
        }
    }

    /// ` AND …`: the run of the approval that rows of `table` name is seen.
    pub(super) fn seen_approval(&self, table: &str) -> String {
        match self.seen_run("a") {
            all if all.is_empty() => all,
            seen => format!(
                " AND EXISTS (SELECT 1 FROM approval a WHERE a.workspace_id = \
                 {table}.workspace_id AND a.id = {table}.approval_id{seen})"
            ),
        }
    }

    /// ` AND …`: the trigger event `e` arrived where it is seen, or brought about a run that is.
    pub(super) fn seen_event(&self) -> String {
        match self.seen_at("seen.started_order") {
            all if all.is_empty() => all,
            within => format!(
                " AND ((1 = 1{}) OR EXISTS (SELECT 1 FROM run seen WHERE seen.workspace_id = \
                 e.workspace_id AND seen.trigger_event_id = e.id{within}))",
                self.seen_at("e.received_at")
            ),
        }
    }

    /// ` AND …`: the record `r` was created or last changed where it is seen, or is the subject or the
    /// result of an item of a run that is.
    pub(super) fn seen_record(&self) -> String {
        if self.sees_all() {
            return String::new();
        }
        let (created, updated) = (self.seen_at("r.created_at"), self.seen_at("r.updated_at"));
        let item = |column: &str| {
            format!(
                "EXISTS (SELECT 1 FROM run_item i WHERE i.workspace_id = r.workspace_id AND \
                 i.{column} = r.id{})",
                self.seen_run("i")
            )
        };
        let (subject, result) = (item("subject_id"), item("result_id"));
        format!(" AND ((1 = 1{created}) OR (1 = 1{updated}) OR {subject} OR {result})")
    }

    /// The runs among these that are seen.
    pub(crate) async fn seen_runs(
        &mut self,
        workspace: WorkspaceId,
        runs: Vec<RunId>,
    ) -> Result<Vec<RunId>, StoreError> {
        let mut runs = runs;
        self.keep_seen(workspace, &mut runs, |run| *run).await?;
        Ok(runs)
    }

    /// Leaves out what belongs to runs that are not seen.
    pub(super) async fn keep_seen<T>(
        &mut self,
        workspace: WorkspaceId,
        rows: &mut Vec<T>,
        run: impl Fn(&T) -> RunId,
    ) -> Result<(), StoreError> {
        if self.sees_all() || rows.is_empty() {
            return Ok(());
        }
        let ids: HashSet<Uuid> = rows.iter().map(|row| run(row).uuid()).collect();
        let within = self.seen_at("r.started_order");
        let seen = self.ids_of("run", workspace, &ids, &within).await?;
        rows.retain(|row| seen.contains(&run(row).uuid()));
        Ok(())
    }

    /// Leaves out records that are not seen.
    pub(super) async fn keep_seen_records<T>(
        &mut self,
        workspace: WorkspaceId,
        rows: &mut Vec<T>,
        record: impl Fn(&T) -> RecordId,
    ) -> Result<(), StoreError> {
        if self.sees_all() || rows.is_empty() {
            return Ok(());
        }
        let ids: HashSet<Uuid> = rows.iter().map(|row| record(row).uuid()).collect();
        let within = self.seen_record();
        let seen = self.ids_of("record", workspace, &ids, &within).await?;
        rows.retain(|row| seen.contains(&record(row).uuid()));
        Ok(())
    }

    /// Did the event arrive where it is seen, or bring about a run that is?
    pub(super) async fn sees_event(&mut self, event: &TriggerEvent) -> Result<bool, StoreError> {
        if self.sight.covers(event.received_at) {
            return Ok(true);
        }
        Ok(!self.runs_of_event(event.workspace, event.id).await?.is_empty())
    }

    /// Which of these ids rows `r` of a table have that fulfil a condition.
    async fn ids_of(
        &mut self,
        table: &'static str,
        workspace: WorkspaceId,
        ids: &HashSet<Uuid>,
        condition: &str,
    ) -> Result<HashSet<Uuid>, StoreError> {
        let ids: Vec<Uuid> = ids.iter().copied().collect();
        let found: Vec<Uuid> = sql!(self, |c| async {
            let mut query = QueryBuilder::new("SELECT r.id FROM ");
            query.push(table).push(" r WHERE r.workspace_id = ").push_bind(workspace.uuid());
            push_in(&mut query, "r.id", &ids, |id| *id);
            query.push(condition);
            query.build_query_scalar().fetch_all(c).await
        })?;
        Ok(found.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(first: &str, last: &str) -> Period {
        Period::of_days(first.parse().unwrap(), last.parse().unwrap()).unwrap()
    }

    #[test]
    fn a_condition_says_the_outer_bounds_first_and_then_the_gaps() {
        let periods = [days("2026-07-01", "2026-07-31"), days("2026-09-01", "2026-09-30")];
        assert_eq!(
            within(&periods, "day", day),
            " AND day >= '2026-07-01' AND day < '2026-10-01' \
             AND (day < '2026-08-01' OR day >= '2026-09-01')"
        );
        let one = within(&periods[..1], "at", instant);
        assert_eq!(
            one,
            " AND at >= '2026-07-01T00:00:00+00:00' AND at < '2026-08-01T00:00:00+00:00'"
        );
        assert_eq!(within(&[], "day", day), " AND 1 = 0");
    }
}
