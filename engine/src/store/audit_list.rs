//! Pages of the audit log, each read along one index.
//!
//! Entries are found by key: what several verbs, objects or periods find is one short walk for each
//! of them, merged. Days are turned into places in the log first, so they need no index.

use chrono::TimeDelta;
use domain::{
    Timestamp,
    audit::{AuditFilter, Entry, Object, Verb},
    id::{MemberId, RunId, WorkspaceId},
    page::Seek,
    period::{Period, begin_of, end_of},
    window::Sight,
};
use sqlx::{Database, Encode, QueryBuilder, Type};
use uuid::Uuid;

use super::{Session, StoreError, run_list::push_in, sql};

/// How far the clock of an entry may be behind that of an earlier one: a transaction reads the clock
/// when it begins and takes its place in the log when it ends.
const DISORDER: TimeDelta = TimeDelta::hours(1);

/// The latest items about a record whose entries are found by it.
const ITEMS_OF_A_RECORD: i64 = 100;

/// A period as places in the log, which are exact only together with its instants.
#[derive(Debug, Clone, Copy)]
struct Span {
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    low: i64,
    high: i64,
}

/// One walk along an index.
#[derive(Debug, Clone, Copy)]
struct Walk<'a> {
    verb: Option<Verb>,
    object: Option<&'a Object>,
}

/// Everything a page needs, in the terms of the tables.
struct Plan<'a> {
    workspace: WorkspaceId,
    filter: &'a AuditFilter,
    walks: Vec<Walk<'a>>,
    span: Span,
    /// When the entries that may be seen were made.
    seen: String,
    limit: i64,
}

impl Plan<'_> {
    fn order(&self) -> &'static str {
        if self.filter.after.is_some() { "ASC" } else { "DESC" }
    }

    fn push_walk<'args, DB>(&self, query: &mut QueryBuilder<DB>, walk: Walk<'_>)
    where
        DB: Database,
        Uuid: Encode<'args, DB> + Type<DB>,
        Timestamp: Encode<'args, DB> + Type<DB>,
        String: Encode<'args, DB> + Type<DB>,
        i64: Encode<'args, DB> + Type<DB>,
    {
        query.push("SELECT e.workspace_id, e.seq FROM audit_entry e WHERE e.workspace_id = ");
        query.push_bind(self.workspace.uuid());
        query.push(" AND e.seq >= ").push_bind(self.span.low);
        query.push(" AND e.seq < ").push_bind(self.span.high);
        if let Some(from) = self.span.from {
            query.push(" AND e.at >= ").push_bind(from);
        }
        if let Some(until) = self.span.until {
            query.push(" AND e.at < ").push_bind(until);
        }
        query.push(&self.seen);
        if let Some(verb) = walk.verb {
            query.push(" AND e.verb = ").push_bind(verb.to_string());
        }
        if walk.verb.is_some_and(|verb| !verb.is_of_every_item()) {
            query.push(" AND e.verb ").push(RARER_VERBS);
        }
        if let Some(object) = walk.object {
            query.push(" AND e.object_kind = ").push_bind(object.kind.clone());
            query.push(" AND e.object_id = ").push_bind(object.id.clone());
        }
        if let Some(actor) = self.filter.actor {
            query.push(" AND e.actor_id = ").push_bind(actor.uuid());
        }
        if let Some(run) = self.filter.run {
            query.push(" AND e.run_id = ").push_bind(run.uuid());
        }
        query.push(" ORDER BY e.seq ").push(self.order()).push(" LIMIT ").push(self.limit);
    }

    fn push_all<'args, DB>(&self, query: &mut QueryBuilder<DB>)
    where
        DB: Database,
        Uuid: Encode<'args, DB> + Type<DB>,
        Timestamp: Encode<'args, DB> + Type<DB>,
        String: Encode<'args, DB> + Type<DB>,
        i64: Encode<'args, DB> + Type<DB>,
    {
        // SQLite keeps the order of a CROSS JOIN: first the few places, then their entries.
        query.push(COLUMNS).push(" FROM (");
        for (n, &walk) in self.walks.iter().enumerate() {
            query.push(if n == 0 { "SELECT * FROM (" } else { " UNION ALL SELECT * FROM (" });
            self.push_walk(query, walk);
            query.push(") AS walk");
        }
        query.push(") AS w CROSS JOIN audit_entry e").push(PAYLOAD);
        query.push(" WHERE e.workspace_id = w.workspace_id AND e.seq = w.seq ORDER BY w.seq ");
        query.push(self.order()).push(" LIMIT ").push(self.limit);
    }
}

/// The predicate of the partial index `audit_entry_verb`, word for word: only a query that repeats it is
/// answered from that index. It leaves out the verbs of every item, [`Verb::is_of_every_item`].
pub(super) const RARER_VERBS: &str = "NOT IN ('item.started', 'item.succeeded')";

const COLUMNS: &str = "SELECT e.workspace_id, e.seq, e.at, e.actor_kind, e.actor_id, e.verb, \
     e.object_kind, e.object_id, e.run_id, e.leaf, e.leaf_hash, p.salt, p.payload";

const PAYLOAD: &str =
    " LEFT JOIN audit_payload p ON p.workspace_id = e.workspace_id AND p.seq = e.seq";

#[derive(sqlx::FromRow)]
struct EntryRow {
    workspace_id: Uuid,
    seq: i64,
    at: Timestamp,
    actor_kind: String,
    actor_id: Option<Uuid>,
    verb: String,
    object_kind: String,
    object_id: String,
    run_id: Option<Uuid>,
    leaf: String,
    leaf_hash: Vec<u8>,
    salt: Option<Vec<u8>>,
    payload: Option<String>,
}

/// An entry with what a check of it needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    pub entry: Entry,
    /// The hash of its leaf, as stored.
    pub leaf_hash: Vec<u8>,
    /// Salt and exact text of its payload, while it is there.
    pub sealed: Option<(Vec<u8>, String)>,
}

impl TryFrom<EntryRow> for Evidence {
    type Error = StoreError;

    fn try_from(row: EntryRow) -> Result<Self, StoreError> {
        let wrong = |column, error: &dyn std::error::Error| {
            StoreError::inconsistent("audit_entry", column, error)
        };
        let payload = row.payload.as_deref().map(serde_json::from_str).transpose();
        let entry = Entry {
            workspace: WorkspaceId::new(row.workspace_id),
            seq: row.seq,
            at: row.at,
            actor_kind: row.actor_kind,
            actor: row.actor_id.map(MemberId::new),
            verb: row.verb.parse().map_err(|error| wrong("verb", &error))?,
            object: Object { kind: row.object_kind, id: row.object_id },
            run: row.run_id.map(RunId::new),
            leaf: row.leaf,
            payload: payload.map_err(|error| wrong("payload", &error))?,
        };
        Ok(Self { entry, leaf_hash: row.leaf_hash, sealed: row.salt.zip(row.payload) })
    }
}

impl Session {
    /// Entries, newest first, at most `limit`.
    pub async fn audit_entries(
        &mut self,
        workspace: WorkspaceId,
        filter: &AuditFilter,
        limit: i64,
    ) -> Result<Vec<Entry>, StoreError> {
        let objects = self.audit_objects(workspace, filter).await?;
        let objects: Vec<_> = match &objects {
            None => vec![None],
            Some(objects) => objects.iter().map(Some).collect(),
        };
        let walks = |verb| objects.iter().map(move |&object| Walk { verb, object });
        let walks: Vec<_> = filter.verbs().into_iter().flat_map(walks).collect();
        if walks.is_empty() {
            return Ok(Vec::new());
        }
        let span = self.audit_span(workspace, filter).await?;
        let plan = Plan { workspace, filter, walks, span, seen: self.seen_at("e.at"), limit };
        let found: Vec<EntryRow> = sql!(self, |c| async {
            let mut query = QueryBuilder::new("");
            plan.push_all(&mut query);
            query.build_query_as().fetch_all(c).await
        })?;
        let entries = found.into_iter().map(|row| Evidence::try_from(row).map(|e| e.entry));
        let mut entries = entries.collect::<Result<Vec<_>, _>>()?;
        if filter.after.is_some() {
            entries.reverse();
        }
        Ok(entries)
    }

    /// The objects a filter names; `None` stands for any.
    async fn audit_objects(
        &mut self,
        workspace: WorkspaceId,
        filter: &AuditFilter,
    ) -> Result<Option<Vec<Object>>, StoreError> {
        let named = filter.object.iter().cloned();
        let Some(record) = filter.record else {
            return Ok(filter.object.is_some().then(|| named.collect()));
        };
        // Entries are seen by when they were made, whatever becomes of the items they are about.
        let sight = std::mem::replace(&mut self.sight, Sight::All);
        let items = self.items_about(workspace, record, Seek::First, ITEMS_OF_A_RECORD).await;
        self.sight = sight;
        let items = items?;
        let about = items.rows.iter().map(|item| Object::new("item", item.id));
        let about: Vec<_> = about.chain([Object::new("record", record)]).collect();
        Ok(Some(match &filter.object {
            None => about,
            Some(object) => named.filter(|_| about.contains(object)).collect(),
        }))
    }

    async fn audit_span(
        &mut self,
        workspace: WorkspaceId,
        filter: &AuditFilter,
    ) -> Result<Span, StoreError> {
        let (from, until) = (filter.from.map(begin_of), filter.to.map(end_of));
        let seen = self.sight.periods().unwrap_or_default();
        let from = from.max(seen.first().map(Period::begin));
        let until = until.into_iter().chain(seen.last().map(Period::end)).min();
        let mut span = Span { from, until, low: 0, high: i64::MAX };
        if let Some(from) = from {
            span.low = self.audit_place(workspace, from - DISORDER).await?.unwrap_or(0);
        }
        if let Some(until) = until {
            let place = self.audit_place(workspace, until + DISORDER).await?;
            span.high = place.unwrap_or(i64::MAX);
        }
        span.low = span.low.max(filter.after.map_or(0, |after| after.saturating_add(1)));
        span.high = span.high.min(filter.before.unwrap_or(i64::MAX));
        Ok(span)
    }

    /// Where entries of `at` and later begin, found by halving the log; the size of the log if there
    /// are none, and `None` if entries are missing on the way.
    async fn audit_place(
        &mut self,
        workspace: WorkspaceId,
        at: Timestamp,
    ) -> Result<Option<i64>, StoreError> {
        let place = sql!(self, |c| sqlx::query_scalar(
            "WITH RECURSIVE half (low, high) AS ( \
                 SELECT CAST(0 AS BIGINT), size FROM audit_head WHERE workspace_id = $1 \
                 UNION ALL \
                 SELECT CASE WHEN e.at < $2 THEN e.seq + 1 ELSE half.low END, \
                     CASE WHEN e.at < $2 THEN half.high ELSE e.seq END \
                 FROM half JOIN audit_entry e ON e.workspace_id = $1 \
                     AND e.seq = (half.low + half.high) / 2 \
                 WHERE half.low < half.high) \
             SELECT low FROM half WHERE low >= high"
        )
        .bind(workspace.uuid())
        .bind(at)
        .fetch_optional(c))?;
        Ok(place)
    }

    /// Entries at these places with what a check of them needs, in the order of the log.
    pub async fn audit_evidence(
        &mut self,
        workspace: WorkspaceId,
        places: &[i64],
    ) -> Result<Vec<Evidence>, StoreError> {
        if places.is_empty() {
            return Ok(Vec::new());
        }
        let seen = self.seen_at("e.at");
        let found: Vec<EntryRow> = sql!(self, |c| async {
            let mut query = QueryBuilder::new(COLUMNS);
            query.push(" FROM audit_entry e").push(PAYLOAD).push(" WHERE e.workspace_id = ");
            query.push_bind(workspace.uuid());
            push_in(&mut query, "e.seq", places, |place| *place);
            query.push(&seen).push(" ORDER BY e.seq");
            query.build_query_as().fetch_all(c).await
        })?;
        found.into_iter().map(Evidence::try_from).collect()
    }
}
