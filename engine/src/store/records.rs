//! Records and the registers they stand in.

use domain::{
    Timestamp, canonical,
    filter::InvalidFilter,
    id::{ItemId, RecordId, WorkspaceId},
    page::{Page, Place, Seek},
    record::{Record, RecordRef},
};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::{Rows, Session, StoreError, Tx, dialect::IN_REGISTER, sql};

/// Which records of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordFilter {
    /// The register.
    pub kind: String,
    /// Only records whose key contains this, in whatever case.
    pub key_contains: Option<String>,
}

impl RecordFilter {
    /// The most characters that are looked for in keys.
    const LONGEST: usize = 120;

    /// The records of a kind, or those of them whose key contains something.
    pub fn new(kind: &str, key: Option<&str>) -> Result<Self, InvalidFilter> {
        if key.is_some_and(|key| key.chars().count() > Self::LONGEST) {
            let message = format!("at most {} characters", Self::LONGEST);
            return Err(InvalidFilter::new("key", &message));
        }
        Ok(Self { kind: kind.to_owned(), key_contains: key.map(str::to_owned) })
    }
}

/// A register and how many records stand in it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct RegisterSize {
    pub kind: String,
    pub records: i64,
}

#[derive(sqlx::FromRow)]
struct RecordRow {
    id: Uuid,
    workspace_id: Uuid,
    kind: String,
    key: String,
    attributes: String,
    revision: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
    created_by_item: Option<Uuid>,
}

impl TryFrom<RecordRow> for Record {
    type Error = StoreError;

    fn try_from(row: RecordRow) -> Result<Self, StoreError> {
        let attributes = serde_json::from_str(&row.attributes)
            .map_err(|error| StoreError::inconsistent("record", "attributes", error))?;
        Ok(Self {
            id: RecordId::new(row.id),
            workspace: WorkspaceId::new(row.workspace_id),
            kind: row.kind,
            key: row.key,
            attributes,
            revision: row.revision,
            created_at: row.created_at,
            updated_at: row.updated_at,
            created_by_item: row.created_by_item.map(ItemId::new),
        })
    }
}

fn all(rows: Vec<RecordRow>) -> Result<Vec<Record>, StoreError> {
    rows.into_iter().map(Record::try_from).collect()
}

macro_rules! columns {
    () => {
        "r.id, r.workspace_id, r.kind, r.key, r.attributes, r.revision, r.created_at, \
         r.updated_at, r.created_by_item"
    };
}

impl Session {
    pub async fn record(
        &mut self,
        workspace: WorkspaceId,
        id: RecordId,
    ) -> Result<Option<Record>, StoreError> {
        let found: Option<RecordRow> = sql!(self, |c| sqlx::query_as(concat!(
            "SELECT ",
            columns!(),
            " FROM record r WHERE r.workspace_id = $1 AND r.id = $2"
        ))
        .bind(workspace.uuid())
        .bind(id.uuid())
        .fetch_optional(c))?;
        self.seen_records(workspace, found.into_iter().collect()).await.map(|mut found| found.pop())
    }

    /// A record by what people call it.
    pub async fn record_by_ref(
        &mut self,
        workspace: WorkspaceId,
        reference: &RecordRef,
    ) -> Result<Option<Record>, StoreError> {
        let found: Option<RecordRow> = sql!(self, |c| sqlx::query_as(concat!(
            "SELECT ",
            columns!(),
            " FROM record r WHERE r.workspace_id = $1 AND r.kind = $2 AND r.key = $3"
        ))
        .bind(workspace.uuid())
        .bind(reference.kind.as_str())
        .bind(reference.key.as_str())
        .fetch_optional(c))?;
        self.seen_records(workspace, found.into_iter().collect()).await.map(|mut found| found.pop())
    }

    /// The records with these ids, in no particular order; unknown ids are left out.
    pub async fn records_by_ids(
        &mut self,
        workspace: WorkspaceId,
        ids: &[RecordId],
    ) -> Result<Vec<Record>, StoreError> {
        let rows = Rows::of(ids).within(workspace).uuid("id", |id| id.uuid());
        let statement = concat!(
            "SELECT ",
            columns!(),
            " FROM j JOIN record r ON r.workspace_id = j.workspace_id AND r.id = j.id"
        );
        let found = self.fetch_rows(rows, statement).await?;
        self.seen_records(workspace, found).await
    }

    /// The records that are called this, in no particular order; unknown ones are left out.
    pub async fn records_by_refs(
        &mut self,
        workspace: WorkspaceId,
        references: &[RecordRef],
    ) -> Result<Vec<Record>, StoreError> {
        let rows = Rows::of(references)
            .within(workspace)
            .text("kind", |reference| reference.kind.as_str())
            .text("key", |reference| reference.key.as_str());
        let statement = concat!(
            "SELECT ",
            columns!(),
            " FROM j JOIN record r ON r.workspace_id = j.workspace_id AND r.kind = j.kind \
             AND r.key = j.key"
        );
        let found = self.fetch_rows(rows, statement).await?;
        self.seen_records(workspace, found).await
    }

    async fn seen_records(
        &mut self,
        workspace: WorkspaceId,
        found: Vec<RecordRow>,
    ) -> Result<Vec<Record>, StoreError> {
        let mut records = all(found)?;
        self.keep_seen_records(workspace, &mut records, |record| record.id).await?;
        Ok(records)
    }

    /// The records of a register that follow `after` in the order of their ids, at most `limit`.
    pub async fn records_after(
        &mut self,
        workspace: WorkspaceId,
        kind: &str,
        after: Option<RecordId>,
        limit: i64,
    ) -> Result<Vec<Record>, StoreError> {
        let after = after.map_or(Uuid::nil(), RecordId::uuid);
        let kind_is = self.pick(IN_REGISTER);
        let text = format!(
            "SELECT {} FROM record r WHERE r.workspace_id = $1 AND {kind_is} AND r.id > $3 \
             ORDER BY r.id LIMIT $4",
            columns!()
        );
        let found: Vec<RecordRow> = sql!(self, |c| sqlx::query_as(AssertSqlSafe(text.clone()))
            .bind(workspace.uuid())
            .bind(kind)
            .bind(after)
            .bind(limit)
            .fetch_all(c))?;
        all(found)
    }

    /// A page of a register, newest records first. Only the id of a place counts.
    pub async fn list_records(
        &mut self,
        workspace: WorkspaceId,
        filter: &RecordFilter,
        seek: Seek,
        size: i64,
    ) -> Result<Page<Record>, StoreError> {
        let (beside, order, id) = match seek {
            Seek::First => ("", "DESC", Uuid::nil()),
            Seek::After(place) => (" AND r.id < $4", "DESC", place.id),
            Seek::Before(place) => (" AND r.id > $4", "ASC", place.id),
        };
        let pattern = filter.key_contains.as_deref().map(contains);
        let like =
            if pattern.is_some() { " AND lower(r.key) LIKE lower($5) ESCAPE '!'" } else { "" };
        let (kind_is, seen) = (self.pick(IN_REGISTER), self.seen_record());
        let text = format!(
            "SELECT {} FROM record r WHERE r.workspace_id = $1 AND {kind_is}{beside}{like}{seen} \
             ORDER BY r.id {order} LIMIT $3",
            columns!()
        );
        let found: Vec<RecordRow> = sql!(self, |c| sqlx::query_as(AssertSqlSafe(text.clone()))
            .bind(workspace.uuid())
            .bind(filter.kind.as_str())
            .bind(size + 1)
            .bind(id)
            .bind(pattern.as_deref())
            .fetch_all(c))?;
        Ok(Page::new(all(found)?, size, seek, place))
    }

    /// Every register with its number of records, by kind.
    pub async fn registers(
        &mut self,
        workspace: WorkspaceId,
    ) -> Result<Vec<RegisterSize>, StoreError> {
        let text = format!(
            "SELECT r.kind, COUNT(*) AS records FROM record r WHERE r.workspace_id = $1{} \
             GROUP BY r.kind ORDER BY r.kind",
            self.seen_record()
        );
        let found = sql!(self, |c| sqlx::query_as(AssertSqlSafe(text.clone()))
            .bind(workspace.uuid())
            .fetch_all(c))?;
        Ok(found)
    }
}

fn place(record: &Record) -> Place {
    Place { at: record.created_at, id: record.id.uuid() }
}

/// A pattern for `LIKE … ESCAPE '!'` that finds `part` anywhere.
fn contains(part: &str) -> String {
    let mut pattern = String::from("%");
    for c in part.chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

impl Tx {
    /// Makes sure that records still are what they were when they were looked at, by revision.
    ///
    /// # Errors
    /// `Stale` when somebody changed one meanwhile.
    pub async fn require_revisions(
        &mut self,
        workspace: WorkspaceId,
        seen: &[(RecordId, i64)],
    ) -> Result<(), StoreError> {
        let rows = Rows::of(seen)
            .within(workspace)
            .uuid("id", |(id, _)| id.uuid())
            .int("revision", |(_, revision)| *revision);
        let unchanged: Vec<(i64,)> = self
            .fetch_rows(
                rows,
                "SELECT COUNT(*) FROM j JOIN record r ON r.workspace_id = j.workspace_id \
                 AND r.id = j.id AND r.revision = j.revision",
            )
            .await?;
        let unchanged: i64 = unchanged.iter().map(|(count,)| count).sum();
        StoreError::expect("records looked at", seen.len(), u64::try_from(unchanged).unwrap_or(0))
    }

    /// Stores new states of records: revision 1 is inserted, revision n replaces revision n - 1.
    ///
    /// # Errors
    /// `Conflict` when a new record exists already, `Stale` when somebody else changed one meanwhile.
    pub async fn upsert_records(
        &mut self,
        workspace: WorkspaceId,
        records: &[Record],
    ) -> Result<(), StoreError> {
        let (new, mut changed): (Vec<_>, Vec<_>) =
            records.iter().partition(|record| record.revision == 1);
        // The same order everywhere, so that two writers never wait for each other in a circle.
        changed.sort_by_key(|record| record.id);
        self.insert_records(workspace, &new).await?;
        self.update_records(workspace, &changed).await
    }

    async fn insert_records(
        &mut self,
        workspace: WorkspaceId,
        records: &[&Record],
    ) -> Result<(), StoreError> {
        let rows = rows(workspace, records)
            .text("kind", |record| record.kind.as_str())
            .text("key", |record| record.key.as_str())
            .time("created_at", |record| record.created_at)
            .uuid("created_by_item", |record| record.created_by_item.map(ItemId::uuid));
        let changed = self
            .change_rows(
                rows,
                "INSERT INTO record (id, workspace_id, kind, key, attributes, revision, \
                 created_at, updated_at, created_by_item) SELECT id, workspace_id, kind, key, \
                 attributes, revision, created_at, updated_at, created_by_item FROM j",
            )
            .await?;
        StoreError::expect("records inserted", records.len(), changed)
    }

    async fn update_records(
        &mut self,
        workspace: WorkspaceId,
        records: &[&Record],
    ) -> Result<(), StoreError> {
        let changed = self
            .change_rows(
                rows(workspace, records),
                "UPDATE record SET attributes = j.attributes, revision = j.revision, \
                 updated_at = j.updated_at FROM j WHERE record.workspace_id = j.workspace_id \
                 AND record.id = j.id AND record.revision = j.revision - 1",
            )
            .await?;
        StoreError::expect("records updated", records.len(), changed)
    }
}

/// What both statements need.
fn rows<'a>(workspace: WorkspaceId, records: &'a [&'a Record]) -> Rows<'a, &'a Record> {
    Rows::of(records)
        .uuid("id", |record| record.id.uuid())
        .within(workspace)
        .string("attributes", |record| canonical::text(&record.attributes))
        .int("revision", |record| record.revision)
        .time("updated_at", |record| record.updated_at)
}
