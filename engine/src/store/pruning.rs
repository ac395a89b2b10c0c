//! Pruning: which runs are due, and taking their detail in slices.
//!
//! A run is marked first, together with the entry that says so; from then on the fences around its
//! detail are open (`migrations/*/0014_retention.sql`). How far its detail is gone stands on the run, so
//! whoever comes next goes on there.

use domain::{
    Timestamp,
    id::{AutomationId, RunId, WorkspaceId},
    reported::State,
    retention::{Edge, End, Term},
    run::RunStatus,
};
use sqlx::QueryBuilder;
use uuid::Uuid;

use super::{
    Rows, Session, StoreError, Stretch, Tx,
    dialect::{COMPLETED_DAY, FROM_KEPT, STARTED_DAY},
    run_list::push_in,
    sql,
    stretch::in_stretch,
};

/// The runs of an automation that ended in one of these ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended<'a> {
    pub workspace: WorkspaceId,
    pub automation: AutomationId,
    /// Those that were reported, or those that were carried out here.
    pub reported: bool,
    pub statuses: &'a [RunStatus],
}

/// A run whose time may be over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueRun {
    pub id: RunId,
    pub end: End,
    pub items: i64,
}

/// What a statement about kept runs begins with.
macro_rules! kept {
    ($query:expr, $from:expr, $of:expr) => {
        $query.push($from).push(" AND r.workspace_id = ").push_bind($of.workspace.uuid());
        $query.push(" AND r.automation_id = ").push_bind($of.automation.uuid());
        $query.push(if $of.reported {
            " AND r.trigger_kind = "
        } else {
            " AND r.trigger_kind <> "
        });
        $query.push("'reported'");
        push_in(&mut $query, "r.status", $of.statuses, |status| status.as_str());
    };
}

/// What is erased of a run's entries stays where it binds what stays: digests of the report and the
/// incidents, and that something was erased at all.
macro_rules! lasting_verbs {
    () => {
        "('run.pruned', 'payload.erased', 'report.created', 'incident.raised')"
    };
}

/// The items of the stretches `j`, to be selected from.
macro_rules! items_of_stretches {
    () => {
        concat!(
            " FROM j CROSS JOIN run_item WHERE run_item.workspace_id = j.workspace_id AND ",
            in_stretch!()
        )
    };
}

/// The trigger events `e` of the runs `j` whose payload nobody needs any more.
macro_rules! forgotten_payloads {
    () => {
        "e.payload <> 'null' AND (e.workspace_id, e.id) IN ( \
            SELECT r.workspace_id, r.trigger_event_id FROM j \
            JOIN run r ON r.workspace_id = j.workspace_id AND r.id = j.id) \
         AND NOT EXISTS (SELECT 1 FROM run o WHERE o.workspace_id = e.workspace_id \
            AND o.trigger_event_id = e.id AND o.pruned_at IS NULL)"
    };
}

/// Every place where the detail of items is kept, and how it goes. A new table of detail belongs here.
/// The item stays: subject, outcome, cause, digest and key.
const DETAIL_OF_ITEMS: &[&str] = &[
    concat!("DELETE FROM attempt WHERE item_id IN (SELECT run_item.id", items_of_stretches!(), ")"),
    // The run can never be retried, so nothing asks for the key again.
    concat!(
        "DELETE FROM effect WHERE (workspace_id, effect_key) IN \
         (SELECT run_item.workspace_id, run_item.effect_key",
        items_of_stretches!(),
        ")"
    ),
    // What is still reserved counts in its period.
    concat!(
        "DELETE FROM item_cost WHERE reserved = 0 AND (workspace_id, item_id) IN \
         (SELECT run_item.workspace_id, run_item.id",
        items_of_stretches!(),
        ")"
    ),
    concat!(
        "UPDATE approval SET question = '', parameters = 'null' WHERE item_id IN \
         (SELECT run_item.id",
        items_of_stretches!(),
        ")"
    ),
];

/// The parameters of items. SQLite never closes the hole that a row leaves in its page by becoming
/// smaller, so each goes where new rows go, and the page it comes from becomes free as a whole.
const PARAMETERS: [&str; 2] = [
    concat!(
        "UPDATE run_item SET rowid = moved.place, parameters = NULL \
         FROM (SELECT run_item.rowid AS was, (SELECT MAX(rowid) FROM run_item) \
                + ROW_NUMBER() OVER (ORDER BY run_item.rowid) AS place",
        items_of_stretches!(),
        " AND run_item.parameters IS NOT NULL) AS moved WHERE run_item.rowid = moved.was"
    ),
    concat!(
        "UPDATE run_item SET parameters = NULL FROM j WHERE run_item.parameters IS NOT NULL \
         AND run_item.workspace_id = j.workspace_id AND ",
        in_stretch!()
    ),
];

/// The payloads of trigger events, likewise. An event may have brought about other runs, which still
/// need it.
const PAYLOADS: [&str; 2] = [
    concat!(
        "UPDATE trigger_event SET rowid = moved.place, payload = 'null' \
         FROM (SELECT e.rowid AS was, (SELECT MAX(rowid) FROM trigger_event) \
                + ROW_NUMBER() OVER (ORDER BY e.rowid) AS place FROM trigger_event e WHERE ",
        forgotten_payloads!(),
        ") AS moved WHERE trigger_event.rowid = moved.was"
    ),
    concat!("UPDATE trigger_event AS e SET payload = 'null' WHERE ", forgotten_payloads!()),
];

/// Rows that belong to runs as a whole and that go in one statement.
macro_rules! batch {
    () => {
        "5000"
    };
}

/// The same, as a number.
const BATCH: u64 = 5_000;

impl Session {
    /// The end of the last one of the newest `runs`; `None` where there are not that many.
    async fn last_of_newest(
        &mut self,
        of: &Ended<'_>,
        runs: u32,
    ) -> Result<Option<End>, StoreError> {
        let (from, skip) = (self.pick(FROM_KEPT), i64::from(runs) - 1);
        Ok(sql!(self, |c| async {
            let mut query = QueryBuilder::new("SELECT r.completed_order, r.id");
            kept!(query, from, of);
            query.push(" ORDER BY r.completed_order DESC, r.id DESC LIMIT 1 OFFSET ");
            query.push_bind(skip).build_query_as().fetch_optional(c).await
        })?)
    }

    /// Where the runs begin that are kept.
    pub async fn retention_edge(
        &mut self,
        of: &Ended<'_>,
        term: &Term,
        now: Timestamp,
    ) -> Result<Edge, StoreError> {
        let last = match term.runs {
            Some(runs) => self.last_of_newest(of, runs).await?,
            None => None,
        };
        Ok(term.edge(now, last))
    }

    /// The runs that ended before a place and that no hold keeps, oldest end first.
    pub async fn due_runs(
        &mut self,
        of: &Ended<'_>,
        before: End,
        limit: i64,
    ) -> Result<Vec<DueRun>, StoreError> {
        let (from, held) = (self.pick(FROM_KEPT), self.held());
        let found: Vec<(Uuid, Timestamp, i64)> = sql!(self, |c| async {
            let mut query = QueryBuilder::new("SELECT r.id, r.completed_order, r.subjects_matched");
            kept!(query, from, of);
            query.push(" AND (r.completed_order, r.id) < (").push_bind(before.0).push(", ");
            query.push_bind(before.1).push(")").push(&held);
            query.push(" ORDER BY r.completed_order, r.id LIMIT ").push_bind(limit);
            query.build_query_as().fetch_all(c).await
        })?;
        let due = |(id, at, items)| DueRun { id: RunId::new(id), end: (at, id), items };
        Ok(found.into_iter().map(due).collect())
    }

    /// How many runs that would be, and how many items they have.
    pub async fn count_due(
        &mut self,
        of: &Ended<'_>,
        before: End,
    ) -> Result<(i64, i64), StoreError> {
        let (from, held) = (self.pick(FROM_KEPT), self.held());
        Ok(sql!(self, |c| async {
            let sums = "SELECT COUNT(*), CAST(COALESCE(SUM(r.subjects_matched), 0) AS BIGINT)";
            let mut query = QueryBuilder::new(sums);
            kept!(query, from, of);
            query.push(" AND (r.completed_order, r.id) < (").push_bind(before.0).push(", ");
            query.push_bind(before.1).push(")").push(&held);
            query.build_query_as().fetch_one(c).await
        })?)
    }

    /// The condition that no standing hold keeps the run `r`, as [`domain::hold::Hold::keeps`] says.
    pub(super) fn held(&self) -> String {
        let (started, completed) = (self.pick(STARTED_DAY), self.pick(COMPLETED_DAY));
        format!(
            " AND NOT EXISTS (SELECT 1 FROM hold h WHERE h.workspace_id = r.workspace_id \
             AND h.released_at IS NULL \
             AND (h.automation_id IS NULL OR h.automation_id = r.automation_id) \
             AND (h.run_id IS NULL OR h.run_id = r.id) \
             AND (h.from_day IS NULL OR ({started} < h.until_day AND {completed} >= h.from_day)))"
        )
    }

    /// Runs that are marked and still have detail, each with the stretch of items that have it. At
    /// most `limit`.
    pub async fn emptying(
        &mut self,
        workspace: WorkspaceId,
        limit: i64,
    ) -> Result<Vec<Stretch>, StoreError> {
        let held = self.held();
        let found: Vec<(Uuid, i64, i64)> = sql!(self, |c| async {
            let mut query = QueryBuilder::new(
                "SELECT r.id, r.emptied_to, r.subjects_matched FROM run r \
                 WHERE r.emptied_to IS NOT NULL AND r.workspace_id = ",
            );
            query.push_bind(workspace.uuid()).push(&held);
            query.push(" ORDER BY r.id LIMIT ").push_bind(limit);
            query.build_query_as().fetch_all(c).await
        })?;
        let stretch =
            |(place, (run, from, until))| Stretch { run: RunId::new(run), from, until, place };
        Ok((0..).zip(found).map(stretch).collect())
    }
}

impl Tx {
    /// Marks runs as pruned, each under its policy. Their entries are in the log already.
    pub async fn mark_pruned(
        &mut self,
        workspace: WorkspaceId,
        runs: &[(RunId, String)],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let rows = Rows::of(runs)
            .within(workspace)
            .all_at("pruned_at", at)
            .uuid("id", |(run, _)| run.uuid())
            .text("pruned_under", |(_, under)| under.as_str());
        let marked = self.change_rows(
            rows,
            "UPDATE run SET pruned_at = j.pruned_at, pruned_under = j.pruned_under, emptied_to = 0 \
             FROM j WHERE run.workspace_id = j.workspace_id AND run.id = j.id",
        );
        StoreError::expect("run", runs.len(), marked.await?)?;
        change_sweep(self, runs.len()).await
    }

    /// Takes the detail of the items in these stretches.
    pub async fn empty_items(
        &mut self,
        workspace: WorkspaceId,
        stretches: &[Stretch],
    ) -> Result<(), StoreError> {
        let parameters = self.pick(PARAMETERS);
        for statement in DETAIL_OF_ITEMS.iter().copied().chain([parameters]) {
            self.change_rows(Stretch::rows(workspace, stretches), statement).await?;
        }
        self.change_rows(
            Stretch::rows(workspace, stretches),
            "UPDATE run SET emptied_to = j.high FROM j \
             WHERE run.workspace_id = j.workspace_id AND run.id = j.run_id",
        )
        .await
        .map(drop)
    }

    /// Takes what is kept about whole runs: their logs of steps, and the payloads of their entries and
    /// of their trigger events.
    /// Answers whether all of it is gone.
    pub async fn empty_runs(
        &mut self,
        workspace: WorkspaceId,
        runs: &[RunId],
    ) -> Result<bool, StoreError> {
        let rows = || Rows::of(runs).within(workspace).uuid("id", |run| run.uuid());
        let logged = self.change_rows(
            rows(),
            concat!(
                "DELETE FROM reported_step WHERE (run_id, seq) IN ( \
                    SELECT s.run_id, s.seq FROM j CROSS JOIN reported_step s WHERE s.run_id = j.id \
                    LIMIT ",
                batch!(),
                ")"
            ),
        );
        if logged.await? >= BATCH {
            return Ok(false);
        }
        self.prune_states(workspace, runs).await?;
        let erased = self.change_rows(
            rows(),
            concat!(
                "DELETE FROM audit_payload WHERE (workspace_id, seq) IN ( \
                    SELECT p.workspace_id, p.seq FROM j CROSS JOIN audit_entry e \
                    CROSS JOIN audit_payload p \
                    WHERE e.workspace_id = j.workspace_id AND e.run_id = j.id AND e.verb NOT IN ",
                lasting_verbs!(),
                " AND p.workspace_id = e.workspace_id AND p.seq = e.seq LIMIT ",
                batch!(),
                ")"
            ),
        );
        if erased.await? >= BATCH {
            return Ok(false);
        }
        let payloads = self.pick(PAYLOADS);
        self.change_rows(rows(), payloads).await?;
        self.change_rows(
            rows(),
            "UPDATE run SET emptied_to = NULL FROM j \
             WHERE run.workspace_id = j.workspace_id AND run.id = j.id",
        )
        .await?;
        Ok(true)
    }

    /// Leaves of what reported runs stated what was counted.
    async fn prune_states(
        &mut self,
        workspace: WorkspaceId,
        runs: &[RunId],
    ) -> Result<(), StoreError> {
        let rows = Rows::of(runs).within(workspace).uuid("id", |run| run.uuid());
        let found: Vec<(Uuid, String)> = self
            .fetch_rows(
                rows,
                "SELECT h.run_id, h.state FROM j CROSS JOIN reported_run h WHERE h.run_id = j.id \
                 AND h.workspace_id = j.workspace_id",
            )
            .await?;
        let wrong = |error| StoreError::inconsistent("reported_run", "state", error);
        let mut states = Vec::with_capacity(found.len());
        for (run, state) in found {
            let state: State = serde_json::from_str(&state).map_err(wrong)?;
            states.push((run, serde_json::to_string(&state.pruned()).map_err(wrong)?));
        }
        let rows = Rows::of(&states)
            .uuid("id", |(run, _)| *run)
            .text("state", |(_, state)| state.as_str());
        self.change_rows(
            rows,
            "UPDATE reported_run SET state = j.state, kept = 0, silent_after = NULL FROM j \
             WHERE reported_run.run_id = j.id",
        )
        .await
        .map(drop)
    }
}

/// Counts runs that were pruned.
async fn change_sweep(tx: &mut Tx, runs: usize) -> Result<(), StoreError> {
    let runs = i64::try_from(runs).unwrap_or(i64::MAX);
    super::change!(tx, sqlx::query("UPDATE sweep SET runs = runs + $1 WHERE id = 1").bind(runs))
        .map(drop)
}
