//! Pages of runs: each read along one index, however many runs there are.
//!
//! A filter with several definitions or statuses is one short walk along the right index for each
//! of them, merged: a walk that passes over rows it does not want would get slower as runs pile up.

use domain::{
    Timestamp,
    filter::{Order, RunFilter, TimeBasis},
    id::{AutomationId, RunId, WorkspaceId},
    page::{Page, Place, Seek},
    period::{begin_of, end_of},
    reported::RunKind,
    rollup,
    run::{Run, RunStatus},
};
use sqlx::{Database, Encode, QueryBuilder, Type};

use super::{
    Session, StoreError,
    runs::{RunRow, run_columns},
    sql,
};

/// More walks than this are not worth it; then statuses are tested along the way.
const MOST_WALKS: usize = 64;

/// One walk along an index.
#[derive(Debug, Clone, Copy)]
struct Walk {
    automation: Option<AutomationId>,
    status: Option<RunStatus>,
}

/// Appends ` AND column IN (…)` unless there is nothing to choose from.
pub(super) fn push_in<'args, DB, T, V>(
    query: &mut QueryBuilder<DB>,
    column: &str,
    values: &[T],
    value: impl Fn(&T) -> V,
) where
    DB: Database,
    V: Encode<'args, DB> + Type<DB> + Send + 'args,
{
    if values.is_empty() {
        return;
    }
    query.push(" AND ").push(column).push(" IN (");
    let mut list = query.separated(", ");
    for item in values {
        list.push_bind(value(item));
    }
    query.push(")");
}

/// In the words of the indexes of reported runs.
pub(super) const fn of_kind(kind: RunKind) -> &'static str {
    match kind {
        RunKind::Executed => " AND trigger_kind <> 'reported'",
        RunKind::Reported => " AND trigger_kind = 'reported'",
    }
}

#[derive(sqlx::FromRow)]
struct IdRow {
    id: uuid::Uuid,
}

/// Everything a page needs, in the terms of the tables.
struct Plan<'a> {
    workspace: WorkspaceId,
    /// What is read of each run, besides its places in the lists.
    columns: &'static str,
    filter: &'a RunFilter,
    walks: Vec<Walk>,
    /// Statuses that no walk stands for.
    other_statuses: &'a [RunStatus],
    /// Where the runs that may be seen started.
    seen: String,
    seek: Seek,
    limit: i64,
}

impl<'a> Plan<'a> {
    fn new(
        workspace: WorkspaceId,
        filter: &'a RunFilter,
        automations: &[AutomationId],
        seek: Seek,
        limit: i64,
    ) -> Self {
        let by_status = filter.statuses.len().max(1) * automations.len().max(1) <= MOST_WALKS;
        let statuses: Vec<_> = filter.statuses.iter().copied().map(Some).collect();
        let statuses = if by_status && !statuses.is_empty() { statuses } else { vec![None] };
        let ids: Vec<_> = automations.iter().copied().map(Some).collect();
        let ids = if ids.is_empty() { vec![None] } else { ids };
        let walks = ids
            .iter()
            .flat_map(|&automation| statuses.iter().map(move |&status| Walk { automation, status }))
            .collect();
        let other_statuses = if by_status { &[] } else { filter.statuses.as_slice() };
        let columns = run_columns!();
        let seen = String::new();
        Self { workspace, columns, filter, walks, other_statuses, seen, seek, limit }
    }

    fn column(&self) -> &'static str {
        match self.filter.by {
            TimeBasis::Started => "started_order",
            TimeBasis::Completed => "completed_order",
        }
    }

    /// True when the walk goes towards earlier times.
    fn descends(&self) -> bool {
        let newest_first = self.filter.order == Order::Newest;
        newest_first != matches!(self.seek, Seek::Before(_))
    }

    fn direction(&self) -> &'static str {
        if self.descends() { " DESC" } else { " ASC" }
    }

    fn push_order<DB: Database>(&self, query: &mut QueryBuilder<DB>, prefix: &str) {
        query.push(" ORDER BY ").push(prefix).push(self.column()).push(self.direction());
        query.push(", ").push(prefix).push("id").push(self.direction());
        query.push(" LIMIT ").push(self.limit);
    }

    fn push_walk<'args, DB>(&self, query: &mut QueryBuilder<DB>, walk: Walk)
    where
        DB: Database,
        uuid::Uuid: Encode<'args, DB> + Type<DB>,
        Timestamp: Encode<'args, DB> + Type<DB>,
        &'static str: Encode<'args, DB> + Type<DB>,
    {
        let column = self.column();
        query.push("SELECT ").push(self.columns).push(", r.started_order, r.completed_order");
        query.push(" FROM run r WHERE r.workspace_id = ").push_bind(self.workspace.uuid());
        if let Some(automation) = walk.automation {
            query.push(" AND r.automation_id = ").push_bind(automation.uuid());
        }
        if let Some(status) = walk.status {
            query.push(" AND r.status = ").push_bind(status.as_str());
        }
        push_in(query, "r.status", self.other_statuses, |status| status.as_str());
        push_in(query, "r.trigger_kind", &self.filter.triggers, |kind| kind.as_str());
        query.push(self.filter.kind.map_or("", of_kind));
        if self.filter.incident {
            // In the words of the indexes of runs with incidents.
            query.push(" AND r.incidents > 0");
        }
        if let Some(from) = self.filter.from {
            query.push(" AND r.").push(column).push(" >= ").push_bind(begin_of(from));
        }
        // Runs that have not completed are not in any period of completion.
        let end = self.filter.to.map(end_of);
        let end = end.or_else(|| self.filter.from.map(|_| rollup::NOT_COMPLETED));
        if let Some(end) = end {
            query.push(" AND r.").push(column).push(" < ").push_bind(end);
        }
        query.push(&self.seen);
        if let Seek::After(place) | Seek::Before(place) = self.seek {
            let beyond = if self.descends() { "<" } else { ">" };
            query.push(" AND (r.").push(column).push(", r.id) ").push(beyond).push(" (");
            query.push_bind(place.at).push(", ").push_bind(place.id).push(")");
        }
        self.push_order(query, "r.");
    }

    fn push_all<'args, DB>(&self, query: &mut QueryBuilder<DB>)
    where
        DB: Database,
        uuid::Uuid: Encode<'args, DB> + Type<DB>,
        Timestamp: Encode<'args, DB> + Type<DB>,
        &'static str: Encode<'args, DB> + Type<DB>,
    {
        if let [walk] = self.walks[..] {
            self.push_walk(query, walk);
            return;
        }
        query.push("SELECT * FROM (");
        for (n, &walk) in self.walks.iter().enumerate() {
            query.push(if n == 0 { "SELECT * FROM (" } else { " UNION ALL SELECT * FROM (" });
            self.push_walk(query, walk);
            query.push(") AS walk");
        }
        query.push(") AS merged");
        self.push_order(query, "");
    }
}

/// Where a run stands in a list sorted by `by`.
pub fn place(run: &Run, by: TimeBasis) -> Place {
    let at = match by {
        TimeBasis::Started => rollup::started_order(run),
        TimeBasis::Completed => rollup::completed_order(run),
    };
    Place { at, id: run.id.uuid() }
}

impl Session {
    /// One page of the runs a filter finds. `automations` are the filter's definitions; an empty list
    /// means all.
    pub async fn run_page(
        &mut self,
        workspace: WorkspaceId,
        filter: &RunFilter,
        automations: &[AutomationId],
        seek: Seek,
        size: i64,
    ) -> Result<Page<Run>, StoreError> {
        let whole = Plan::new(workspace, filter, automations, seek, size + 1);
        let plan = Plan { seen: self.seen_at("r.started_order"), ..whole };
        let found: Vec<RunRow> = sql!(self, |c| async {
            let mut query = QueryBuilder::new("");
            plan.push_all(&mut query);
            query.build_query_as().fetch_all(c).await
        })?;
        let runs = found.into_iter().map(Run::try_from).collect::<Result<Vec<_>, _>>()?;
        Ok(Page::new(runs, size, seek, |run| place(run, filter.by)))
    }

    /// The ids of all runs a filter finds, in the order of the list, as they are at one instant.
    pub async fn run_ids(
        &mut self,
        workspace: WorkspaceId,
        filter: &RunFilter,
        automations: &[AutomationId],
    ) -> Result<Vec<RunId>, StoreError> {
        let whole = Plan::new(workspace, filter, automations, Seek::First, i64::MAX);
        let plan = Plan { columns: "r.id", seen: self.seen_at("r.started_order"), ..whole };
        let found: Vec<IdRow> = sql!(self, |c| async {
            let mut query = QueryBuilder::new("");
            plan.push_all(&mut query);
            query.build_query_as().fetch_all(c).await
        })?;
        Ok(found.into_iter().map(|row| RunId::new(row.id)).collect())
    }

    /// The latest runs of one automation, newest first: its strip.
    pub async fn latest_runs(
        &mut self,
        workspace: WorkspaceId,
        automation: AutomationId,
        limit: i64,
    ) -> Result<Vec<Run>, StoreError> {
        let filter = RunFilter::default();
        let page = self.run_page(workspace, &filter, &[automation], Seek::First, limit).await?;
        Ok(page.rows)
    }
}
