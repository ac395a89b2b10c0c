//! Run items: inserted and moved many at a time, every move fenced.

use chrono::TimeDelta;
use domain::{
    Timestamp, canonical,
    effect::ActionerClass,
    id::{AttemptId, ItemId, RecordId, RunId, WorkspaceId},
    item::{Item, ItemState, ReplayEvidence, SkipReason},
    page::{Page, Place, Seek},
    period::Period,
};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::{
    Rows, Session, StoreError, Tx,
    runs::FailureRow,
    sql,
    stretch::{Stretch, in_stretch},
};

/// The columns of an [`ItemRow`], in one place.
macro_rules! item_columns {
    () => {
        "run_item.id, run_item.workspace_id, run_item.run_id, run_item.position, \
         run_item.subject_id, run_item.subject_kind, run_item.subject_key, run_item.actioner, \
         run_item.class, run_item.key_window_seconds, run_item.state, run_item.attempt, \
         run_item.tries, run_item.round, run_item.not_before, run_item.lease_until, \
         run_item.invoked, run_item.parameters, run_item.input_digest, run_item.effect_key, \
         run_item.first_sent_at, run_item.approved, run_item.skip_reason, run_item.failure_code, \
         run_item.failure_message, run_item.failure_kind, run_item.result_id, \
         run_item.replay_evidence, run_item.replay_of, run_item.created_at, run_item.started_at, \
         run_item.ended_at"
    };
}

#[derive(sqlx::FromRow)]
struct ItemRow {
    id: Uuid,
    workspace_id: Uuid,
    run_id: Uuid,
    position: i64,
    subject_id: Uuid,
    subject_kind: String,
    subject_key: String,
    actioner: String,
    class: String,
    key_window_seconds: i64,
    state: String,
    attempt: i64,
    tries: i64,
    round: i64,
    not_before: Timestamp,
    lease_until: Option<Timestamp>,
    invoked: bool,
    parameters: Option<String>,
    input_digest: Option<String>,
    effect_key: Option<String>,
    first_sent_at: Option<Timestamp>,
    approved: bool,
    skip_reason: Option<String>,
    #[sqlx(flatten)]
    failure: FailureRow,
    result_id: Option<Uuid>,
    replay_evidence: Option<String>,
    replay_of: Option<Uuid>,
    created_at: Timestamp,
    started_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
}

impl TryFrom<ItemRow> for Item {
    type Error = StoreError;

    fn try_from(row: ItemRow) -> Result<Self, StoreError> {
        let wrong = |column, error: &dyn std::error::Error| {
            StoreError::inconsistent("run_item", column, error)
        };
        let class = ActionerClass::from_stored(&row.class, row.key_window_seconds);
        let parameters = row.parameters.as_deref().map(serde_json::from_str).transpose();
        let skip_reason = row.skip_reason.as_deref().map(str::parse).transpose();
        let evidence = row.replay_evidence.as_deref().map(str::parse).transpose();
        Ok(Self {
            id: ItemId::new(row.id),
            workspace: WorkspaceId::new(row.workspace_id),
            run: RunId::new(row.run_id),
            position: row.position,
            subject: RecordId::new(row.subject_id),
            subject_kind: row.subject_kind,
            subject_key: row.subject_key,
            actioner: row.actioner,
            class: class.map_err(|error| wrong("class", &error))?,
            state: row.state.parse().map_err(|error| wrong("state", &error))?,
            attempt: row.attempt,
            tries: row.tries,
            round: row.round,
            not_before: row.not_before,
            lease_until: row.lease_until,
            invoked: row.invoked,
            parameters: parameters.map_err(|error| wrong("parameters", &error))?,
            input_digest: row.input_digest,
            effect_key: row.effect_key,
            first_sent_at: row.first_sent_at,
            approved: row.approved,
            skip_reason: skip_reason.map_err(|error| wrong("skip_reason", &error))?,
            failure: row.failure.read("run_item")?,
            result: row.result_id.map(RecordId::new),
            replay_evidence: evidence.map_err(|error| wrong("replay_evidence", &error))?,
            replay_of: row.replay_of.map(AttemptId::new),
            created_at: row.created_at,
            started_at: row.started_at,
            ended_at: row.ended_at,
        })
    }
}

/// The items about the record `$2`.
const ABOUT: &str = concat!(
    "SELECT ",
    item_columns!(),
    " FROM run_item WHERE run_item.workspace_id = $1 AND run_item.id IN (\
     SELECT id FROM run_item WHERE workspace_id = $1 AND subject_id = $2 \
     UNION SELECT id FROM run_item WHERE workspace_id = $1 AND result_id = $2)"
);

fn all(found: Vec<ItemRow>) -> Result<Vec<Item>, StoreError> {
    found.into_iter().map(Item::try_from).collect()
}

/// Below every id that was made at this instant or later.
fn first_id(at: Timestamp) -> Uuid {
    let millis = u128::try_from(at.timestamp_millis()).unwrap_or(0);
    Uuid::from_u128(millis << 80)
}

/// That an item is leased, and the attempt that the lease is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    pub workspace: WorkspaceId,
    pub run: RunId,
    pub item: ItemId,
    pub attempt: i64,
}

/// An item as it is to be, and what it must still be for that to be stored.
#[derive(Debug, Clone, PartialEq)]
pub struct FencedItem {
    pub expected_state: ItemState,
    pub expected_attempt: i64,
    pub after: Item,
}

impl Tx {
    /// Inserts new items.
    pub async fn insert_items(&mut self, items: &[Item]) -> Result<(), StoreError> {
        let rows = Rows::of(items)
            .uuid("id", |item| item.id.uuid())
            .uuid("workspace_id", |item| item.workspace.uuid())
            .uuid("run_id", |item| item.run.uuid())
            .int("position", |item| item.position)
            .uuid("subject_id", |item| item.subject.uuid())
            .text("subject_kind", |item| item.subject_kind.as_str())
            .text("subject_key", |item| item.subject_key.as_str())
            .text("actioner", |item| item.actioner.as_str())
            .text("class", |item| item.class.as_str())
            .int("key_window_seconds", |item| item.class.window_seconds())
            .text("state", |item| item.state.as_str())
            .int("round", |item| item.round)
            .time("not_before", |item| item.not_before)
            .time("created_at", |item| item.created_at);
        let changed = self
            .change_rows(
                rows,
                "INSERT INTO run_item (id, workspace_id, run_id, position, subject_id, \
                 subject_kind, subject_key, actioner, class, key_window_seconds, state, attempt, \
                 tries, round, not_before, invoked, approved, created_at) \
                 SELECT id, workspace_id, run_id, position, subject_id, subject_kind, \
                 subject_key, actioner, class, key_window_seconds, state, 0, 0, round, \
                 not_before, false, false, created_at FROM j",
            )
            .await?;
        StoreError::expect("run_item", items.len(), changed)
    }

    /// Leases queued items of one class that are due, longest due first. The attempt number goes up:
    /// it is the fence of everything that follows.
    pub async fn claim_items(
        &mut self,
        class: &str,
        now: Timestamp,
        lease_until: Timestamp,
        worker: &str,
        limit: i64,
    ) -> Result<Vec<Claim>, StoreError> {
        // The list of ids is materialised: with a plain sub-select Postgres may run it again for
        // each row and claim more than the limit.
        macro_rules! claim {
            ($lock:literal) => {
                concat!(
                    "WITH due AS MATERIALIZED (SELECT workspace_id, id FROM run_item \
                     WHERE state = 'queued' AND class = $1 AND not_before <= $2 \
                     ORDER BY not_before, id LIMIT $5",
                    $lock,
                    ") UPDATE run_item SET state = 'leased', attempt = attempt + 1, \
                     lease_until = $3, lease_owner = $4 FROM due \
                     WHERE run_item.workspace_id = due.workspace_id AND run_item.id = due.id \
                     RETURNING run_item.workspace_id, run_item.run_id, run_item.id, run_item.attempt"
                )
            };
        }
        let statement = self.pick([claim!(""), claim!(" FOR UPDATE SKIP LOCKED")]);
        let claimed: Vec<(Uuid, Uuid, Uuid, i64)> = sql!(self, |c| sqlx::query_as(statement)
            .bind(class)
            .bind(now)
            .bind(lease_until)
            .bind(worker)
            .bind(limit)
            .fetch_all(c))?;
        let claim = |(workspace, run, item, attempt)| Claim {
            workspace: WorkspaceId::new(workspace),
            run: RunId::new(run),
            item: ItemId::new(item),
            attempt,
        };
        Ok(claimed.into_iter().map(claim).collect())
    }

    /// Keeps workers from leasing items of a run until the transaction ends, and waits for those that are
    /// doing it: leasing is the one move that does without the run's lock, which must be held here.
    pub async fn hold_queued_items(
        &mut self,
        workspace: WorkspaceId,
        run: RunId,
    ) -> Result<(), StoreError> {
        macro_rules! queued {
            ($lock:literal) => {
                concat!(
                    "SELECT count(*) FROM (SELECT 1 FROM run_item WHERE workspace_id = $1 \
                     AND run_id = $2 AND state = 'queued'",
                    $lock,
                    ") held"
                )
            };
        }
        let statement = self.pick([queued!(""), queued!(" FOR UPDATE")]);
        let _held: i64 = sql!(self, |c| sqlx::query_scalar(statement)
            .bind(workspace.uuid())
            .bind(run.uuid())
            .fetch_one(c))?;
        Ok(())
    }

    /// Stores what became of items. Each must still be in the state and the attempt it was read in;
    /// if one is not, somebody else moved first, and nothing is stored.
    pub async fn update_items<'a>(&mut self, items: &'a [FencedItem]) -> Result<(), StoreError> {
        let failure = |item: &'a FencedItem| item.after.failure.as_ref();
        let rows = Rows::of(items)
            .uuid("id", |item| item.after.id.uuid())
            .uuid("workspace_id", |item| item.after.workspace.uuid())
            .text("expected_state", |item| item.expected_state.as_str())
            .int("expected_attempt", |item| item.expected_attempt)
            .text("state", |item| item.after.state.as_str())
            .int("tries", |item| item.after.tries)
            .int("round", |item| item.after.round)
            .time("not_before", |item| item.after.not_before)
            .time("lease_until", |item| item.after.lease_until)
            .flag("invoked", |item| item.after.invoked)
            .string("parameters", |item| item.after.parameters.as_ref().map(canonical::text))
            .text("input_digest", |item| item.after.input_digest.as_deref())
            .text("effect_key", |item| item.after.effect_key.as_deref())
            .time("first_sent_at", |item| item.after.first_sent_at)
            .flag("approved", |item| item.after.approved)
            .text("skip_reason", |item| item.after.skip_reason.map(SkipReason::as_str))
            .text("failure_code", |item| failure(item).map(|failure| failure.code.as_str()))
            .text("failure_message", |item| failure(item).map(|failure| failure.message.as_str()))
            .text("failure_kind", |item| failure(item).map(|failure| failure.kind.as_str()))
            .uuid("result_id", |item| item.after.result.map(RecordId::uuid))
            .text("replay_evidence", |item| item.after.replay_evidence.map(ReplayEvidence::as_str))
            .uuid("replay_of", |item| item.after.replay_of.map(AttemptId::uuid))
            .time("started_at", |item| item.after.started_at)
            .time("ended_at", |item| item.after.ended_at);
        let changed = self
            .change_rows(
                rows,
                "UPDATE run_item SET state = j.state, tries = j.tries, round = j.round, \
                 not_before = j.not_before, lease_until = j.lease_until, invoked = j.invoked, \
                 parameters = j.parameters, input_digest = j.input_digest, \
                 effect_key = j.effect_key, first_sent_at = j.first_sent_at, \
                 approved = j.approved, skip_reason = j.skip_reason, \
                 failure_code = j.failure_code, failure_message = j.failure_message, \
                 failure_kind = j.failure_kind, result_id = j.result_id, \
                 replay_evidence = j.replay_evidence, replay_of = j.replay_of, \
                 started_at = j.started_at, ended_at = j.ended_at \
                 FROM j WHERE run_item.workspace_id = j.workspace_id AND run_item.id = j.id \
                 AND run_item.state = j.expected_state AND run_item.attempt = j.expected_attempt",
            )
            .await?;
        for item in items.iter().filter(|item| item.after.state != item.expected_state) {
            self.figures.item(item.after.state);
        }
        StoreError::expect("run_item", items.len(), changed)
    }
}

impl Session {
    /// An item of this workspace.
    pub async fn item(
        &mut self,
        workspace: WorkspaceId,
        id: ItemId,
    ) -> Result<Option<Item>, StoreError> {
        let found: Option<ItemRow> = sql!(self, |c| sqlx::query_as(concat!(
            "SELECT ",
            item_columns!(),
            " FROM run_item WHERE run_item.workspace_id = $1 AND run_item.id = $2"
        ))
        .bind(workspace.uuid())
        .bind(id.uuid())
        .fetch_optional(c))?;
        let mut found = all(found.into_iter().collect())?;
        self.keep_seen(workspace, &mut found, |item| item.run).await?;
        Ok(found.pop())
    }

    /// The items with these ids, in no particular order; unknown ids are left out.
    pub async fn items_by_ids(
        &mut self,
        workspace: WorkspaceId,
        ids: &[ItemId],
    ) -> Result<Vec<Item>, StoreError> {
        let rows = Rows::of(ids).within(workspace).uuid("id", |id| id.uuid());
        let statement = concat!(
            "SELECT ",
            item_columns!(),
            " FROM j JOIN run_item ON run_item.workspace_id = j.workspace_id \
             AND run_item.id = j.id"
        );
        let mut found = all(self.fetch_rows(rows, statement).await?)?;
        self.keep_seen(workspace, &mut found, |item| item.run).await?;
        Ok(found)
    }

    /// The items of all runs that were found in a period, by their ids, after `after`.
    pub async fn items_of_period(
        &mut self,
        workspace: WorkspaceId,
        period: Period,
        after: Option<ItemId>,
        limit: i64,
    ) -> Result<Vec<Item>, StoreError> {
        // Ids begin with the instant they were made at: a stretch of the primary key.
        let from = after.map_or_else(|| first_id(period.begin()), ItemId::uuid);
        let found: Vec<ItemRow> = sql!(self, |c| sqlx::query_as(concat!(
            "SELECT ",
            item_columns!(),
            " FROM run_item WHERE run_item.workspace_id = $1 AND run_item.id > $2 \
             AND run_item.id < $3 AND run_item.created_at >= $4 AND run_item.created_at < $5 \
             ORDER BY run_item.id LIMIT $6"
        ))
        .bind(workspace.uuid())
        .bind(from)
        // Ids of one process never go back, so one may be a little later than its instant.
        .bind(first_id(period.end() + TimeDelta::days(1)))
        .bind(period.begin())
        .bind(period.end())
        .bind(limit)
        .fetch_all(c))?;
        let mut found = all(found)?;
        self.keep_seen(workspace, &mut found, |item| item.run).await?;
        Ok(found)
    }

    /// Items of a run with one of these states, by position, after `after`; an empty list of states
    /// means all.
    pub async fn items_of_run(
        &mut self,
        workspace: WorkspaceId,
        run: RunId,
        states: &[ItemState],
        after: Option<i64>,
        limit: i64,
    ) -> Result<Vec<Item>, StoreError> {
        let found: Vec<ItemRow> = sql!(self, |c| async {
            let mut query = sqlx::QueryBuilder::new(concat!(
                "SELECT ",
                item_columns!(),
                " FROM run_item WHERE run_item.run_id = "
            ));
            query.push_bind(run.uuid());
            query.push(" AND run_item.workspace_id = ").push_bind(workspace.uuid());
            query.push(" AND run_item.position > ").push_bind(after.unwrap_or(-1));
            if !states.is_empty() && !states.iter().any(|state| !state.is_outcome()) {
                // Says to the planner that the index of outcomes has all of them.
                query.push(" AND run_item.state NOT IN ('queued', 'leased', 'started')");
            }
            let words = states.iter().map(|state| state.as_str()).collect::<Vec<_>>();
            super::run_list::push_in(&mut query, "run_item.state", &words, |word| *word);
            query.push(" ORDER BY run_item.position LIMIT ").push_bind(limit);
            query.build_query_as().fetch_all(c).await
        })?;
        all(found)
    }

    /// What automation did about a record, or what brought it about, newest first.
    pub async fn items_about(
        &mut self,
        workspace: WorkspaceId,
        record: RecordId,
        seek: Seek,
        size: i64,
    ) -> Result<Page<Item>, StoreError> {
        let (edge, than, direction) = match seek {
            Seek::First => (Uuid::max(), "<", "DESC"),
            Seek::After(place) => (place.id, "<", "DESC"),
            Seek::Before(place) => (place.id, ">", "ASC"),
        };
        let seen = self.seen_run("run_item");
        let statement = format!(
            "{ABOUT} AND run_item.id {than} $3{seen} ORDER BY run_item.id {direction} LIMIT $4"
        );
        let found: Vec<ItemRow> = sql!(self, |c| sqlx::query_as(AssertSqlSafe(statement.clone()))
            .bind(workspace.uuid())
            .bind(record.uuid())
            .bind(edge)
            .bind(size + 1)
            .fetch_all(c))?;
        let items = all(found)?;
        let place = |item: &Item| Place { at: item.created_at, id: item.id.uuid() };
        Ok(Page::new(items, size, seek, place))
    }

    /// The items of these stretches, stretch by stretch and by position.
    pub async fn items_in(
        &mut self,
        workspace: WorkspaceId,
        stretches: &[Stretch],
    ) -> Result<Vec<Item>, StoreError> {
        let statement = concat!(
            "SELECT ",
            item_columns!(),
            " FROM j CROSS JOIN run_item WHERE run_item.workspace_id = j.workspace_id AND ",
            in_stretch!(),
            " ORDER BY j.n, run_item.position"
        );
        all(self.fetch_rows(Stretch::rows(workspace, stretches), statement).await?)
    }

    /// Items whose lease has ended, longest first.
    pub async fn expired_leases(
        &mut self,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<Item>, StoreError> {
        let found: Vec<ItemRow> = sql!(self, |c| sqlx::query_as(concat!(
            "SELECT ",
            item_columns!(),
            " FROM run_item WHERE run_item.state IN ('leased', 'started') \
             AND run_item.lease_until <= $1 ORDER BY run_item.lease_until LIMIT $2"
        ))
        .bind(now)
        .bind(limit)
        .fetch_all(c))?;
        all(found)
    }

    /// When the next queued item is due or the next lease ends, whichever comes first.
    pub async fn next_item_due(&mut self) -> Result<Option<Timestamp>, StoreError> {
        let due: Option<Timestamp> = sql!(self, |c| sqlx::query_scalar(
            "SELECT MIN(due) FROM (\
             SELECT MIN(not_before) AS due FROM run_item WHERE state = 'queued' UNION ALL \
             SELECT MIN(lease_until) AS due FROM run_item WHERE state IN ('leased', 'started')\
             ) AS next"
        )
        .fetch_one(c))?;
        Ok(due)
    }
}
