//! Signed checkpoints, the keys they were signed with, and refusals to sign.

use domain::{Timestamp, id::WorkspaceId};
use ledger::Hash;
use uuid::Uuid;

use super::{Session, StoreError, Tx, change, sql};

/// What was signed about a log at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    pub workspace: WorkspaceId,
    /// Dense from 1 in the order of signing.
    pub number: i64,
    /// Goes up when the host accepts a log that is not the one that was signed.
    pub epoch: i64,
    /// How many entries it covers.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Hash,
    /// The signed note, byte for byte.
    pub note: String,
    pub signed_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct CheckpointRow {
    workspace_id: Uuid,
    number: i64,
    epoch: i64,
    size: i64,
    root: Vec<u8>,
    note: String,
    signed_at: Timestamp,
}

impl TryFrom<CheckpointRow> for SignedCheckpoint {
    type Error = StoreError;

    fn try_from(row: CheckpointRow) -> Result<Self, StoreError> {
        Ok(Self {
            workspace: WorkspaceId::new(row.workspace_id),
            number: row.number,
            epoch: row.epoch,
            size: size("checkpoint", row.size)?,
            root: hash("checkpoint", row.root)?,
            note: row.note,
            signed_at: row.signed_at,
        })
    }
}

/// Why a log is not signed any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningRefusal {
    pub number: i64,
    /// Stable, for programs: `log-shorter`, `entry-changed` …
    pub code: String,
    /// In words, for people.
    pub message: String,
    /// The first entry that is wrong, where it can be told.
    pub first_wrong: Option<u64>,
    /// How many entries the last checkpoint covers.
    pub signed_size: u64,
    /// How many there are.
    pub found_size: u64,
    pub refused_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct RefusalRow {
    number: i64,
    code: String,
    message: String,
    first_wrong: Option<i64>,
    signed_size: i64,
    found_size: i64,
    refused_at: Timestamp,
}

impl TryFrom<RefusalRow> for SigningRefusal {
    type Error = StoreError;

    fn try_from(row: RefusalRow) -> Result<Self, StoreError> {
        let size = |value| size("signing_refusal", value);
        Ok(Self {
            number: row.number,
            code: row.code,
            message: row.message,
            first_wrong: row.first_wrong.map(size).transpose()?,
            signed_size: size(row.signed_size)?,
            found_size: size(row.found_size)?,
            refused_at: row.refused_at,
        })
    }
}

/// How far the signing of a log has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogState {
    pub workspace: WorkspaceId,
    /// Entries.
    pub size: u64,
    /// Size and instant of the last checkpoint.
    pub signed: Option<(u64, Timestamp)>,
    /// There is a refusal that nobody resolved.
    pub refused: bool,
}

#[derive(sqlx::FromRow)]
struct LogStateRow {
    workspace_id: Uuid,
    size: i64,
    signed_size: Option<i64>,
    signed_at: Option<Timestamp>,
    refused: bool,
}

impl TryFrom<LogStateRow> for LogState {
    type Error = StoreError;

    fn try_from(row: LogStateRow) -> Result<Self, StoreError> {
        let signed_size = row.signed_size.map(|size_| size("checkpoint", size_)).transpose()?;
        Ok(Self {
            workspace: WorkspaceId::new(row.workspace_id),
            size: size("audit_head", row.size)?,
            signed: signed_size.zip(row.signed_at),
            refused: row.refused,
        })
    }
}

pub(super) fn size(table: &'static str, value: i64) -> Result<u64, StoreError> {
    u64::try_from(value).map_err(|error| StoreError::inconsistent(table, "size", error))
}

pub(super) fn hash(table: &'static str, bytes: Vec<u8>) -> Result<Hash, StoreError> {
    let wrong = |bytes: Vec<u8>| {
        StoreError::inconsistent(table, "hash", format_args!("{} bytes", bytes.len()))
    };
    bytes.try_into().map_err(wrong)
}

/// A place or size as the database counts.
pub(crate) fn place(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A query for one checkpoint; the condition is a constant.
macro_rules! one_checkpoint {
    ($session:expr, $condition:literal, $workspace:expr, $value:expr) => {{
        let row: Option<CheckpointRow> = sql!($session, |c| sqlx::query_as(concat!(
            "SELECT workspace_id, number, epoch, size, root, note, signed_at FROM checkpoint \
             WHERE workspace_id = $1 AND ",
            $condition,
            " ORDER BY number DESC LIMIT 1"
        ))
        .bind($workspace.uuid())
        .bind($value)
        .fetch_optional(c))?;
        row.map(SignedCheckpoint::try_from).transpose()
    }};
}

impl Session {
    /// The last checkpoint of a log.
    pub async fn latest_checkpoint(
        &mut self,
        workspace: WorkspaceId,
    ) -> Result<Option<SignedCheckpoint>, StoreError> {
        one_checkpoint!(self, "number >= $2", workspace, 0_i64)
    }

    /// The last checkpoint over so many entries.
    pub async fn checkpoint_at(
        &mut self,
        workspace: WorkspaceId,
        size: u64,
    ) -> Result<Option<SignedCheckpoint>, StoreError> {
        one_checkpoint!(self, "size = $2", workspace, place(size))
    }

    /// The last checkpoint that was signed before an instant.
    pub async fn checkpoint_before(
        &mut self,
        workspace: WorkspaceId,
        instant: Timestamp,
    ) -> Result<Option<SignedCheckpoint>, StoreError> {
        one_checkpoint!(self, "signed_at < $2", workspace, instant)
    }

    /// The name of a log, once it was signed.
    pub async fn log_origin(
        &mut self,
        workspace: WorkspaceId,
    ) -> Result<Option<String>, StoreError> {
        let origin = sql!(self, |c| sqlx::query_scalar(
            "SELECT origin FROM log_origin WHERE workspace_id = $1"
        )
        .bind(workspace.uuid())
        .fetch_optional(c))?;
        Ok(origin)
    }

    /// The public keys a log was ever signed with, the newest first.
    pub async fn signing_keys(
        &mut self,
        workspace: WorkspaceId,
    ) -> Result<Vec<String>, StoreError> {
        let keys = sql!(self, |c| sqlx::query_scalar(
            "SELECT vkey FROM signing_key WHERE workspace_id = $1 ORDER BY number DESC"
        )
        .bind(workspace.uuid())
        .fetch_all(c))?;
        Ok(keys)
    }

    /// Where the secret half of the newest key is kept: `file` or `credential`.
    pub async fn signing_custody(
        &mut self,
        workspace: WorkspaceId,
    ) -> Result<Option<String>, StoreError> {
        let custody = sql!(self, |c| {
            sqlx::query_scalar(
            "SELECT custody FROM signing_key WHERE workspace_id = $1 ORDER BY number DESC LIMIT 1"
        )
        .bind(workspace.uuid())
        .fetch_optional(c)
        })?;
        Ok(custody)
    }

    /// The refusal that nobody resolved.
    pub async fn signing_refusal(
        &mut self,
        workspace: WorkspaceId,
    ) -> Result<Option<SigningRefusal>, StoreError> {
        let row: Option<RefusalRow> = sql!(self, |c| sqlx::query_as(
            "SELECT number, code, message, first_wrong, signed_size, found_size, refused_at \
             FROM signing_refusal WHERE workspace_id = $1 AND resolved_at IS NULL"
        )
        .bind(workspace.uuid())
        .fetch_optional(c))?;
        row.map(SigningRefusal::try_from).transpose()
    }

    /// How far signing has come, of every log.
    pub async fn log_states(&mut self) -> Result<Vec<LogState>, StoreError> {
        let rows: Vec<LogStateRow> = sql!(self, |c| sqlx::query_as(
            "SELECT h.workspace_id, h.size, c.size AS signed_size, c.signed_at, \
             EXISTS (SELECT 1 FROM signing_refusal r \
                WHERE r.workspace_id = h.workspace_id AND r.resolved_at IS NULL) AS refused \
             FROM audit_head h LEFT JOIN checkpoint c ON c.workspace_id = h.workspace_id \
             AND c.number = (SELECT MAX(m.number) FROM checkpoint m \
                WHERE m.workspace_id = h.workspace_id) ORDER BY h.workspace_id"
        )
        .fetch_all(c))?;
        rows.into_iter().map(LogState::try_from).collect()
    }
}

impl Tx {
    /// Fixes the name of a log for ever.
    pub async fn fix_log_origin(
        &mut self,
        workspace: WorkspaceId,
        origin: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        change!(
            self,
            sqlx::query(
                "INSERT INTO log_origin (workspace_id, origin, fixed_at) VALUES ($1, $2, $3)"
            )
            .bind(workspace.uuid())
            .bind(origin)
            .bind(now)
        )
        .map(drop)
    }

    /// Keeps a public key that is new to the log, and where its secret half is kept.
    pub async fn insert_signing_key(
        &mut self,
        workspace: WorkspaceId,
        vkey: &str,
        custody: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        change!(
            self,
            sqlx::query(
                "INSERT INTO signing_key (workspace_id, number, vkey, custody, added_at) \
                 SELECT $1, COALESCE(MAX(number), 0) + 1, $2, $3, $4 FROM signing_key \
                 WHERE workspace_id = $1"
            )
            .bind(workspace.uuid())
            .bind(vkey)
            .bind(custody)
            .bind(now)
        )
        .map(drop)
    }

    pub async fn insert_checkpoint(&mut self, signed: &SignedCheckpoint) -> Result<(), StoreError> {
        change!(
            self,
            sqlx::query(
                "INSERT INTO checkpoint (workspace_id, number, epoch, size, root, note, signed_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7)"
            )
            .bind(signed.workspace.uuid())
            .bind(signed.number)
            .bind(signed.epoch)
            .bind(place(signed.size))
            .bind(signed.root.to_vec())
            .bind(signed.note.as_str())
            .bind(signed.signed_at)
        )
        .map(drop)
    }

    /// Stores why a log is not signed any more; a conflict says that it was known already. The
    /// number of the refusal is given here.
    pub async fn insert_signing_refusal(
        &mut self,
        workspace: WorkspaceId,
        refusal: &SigningRefusal,
    ) -> Result<(), StoreError> {
        change!(
            self,
            sqlx::query(
                "INSERT INTO signing_refusal (workspace_id, number, code, message, first_wrong, \
                 signed_size, found_size, refused_at) \
                 SELECT $1, COALESCE(MAX(number), 0) + 1, $2, $3, $4, $5, $6, $7 \
                 FROM signing_refusal WHERE workspace_id = $1"
            )
            .bind(workspace.uuid())
            .bind(refusal.code.as_str())
            .bind(refusal.message.as_str())
            .bind(refusal.first_wrong.map(place))
            .bind(place(refusal.signed_size))
            .bind(place(refusal.found_size))
            .bind(refusal.refused_at)
        )
        .map(drop)
    }

    /// Marks the open refusal of a log as resolved, if there is one.
    pub async fn resolve_signing_refusal(
        &mut self,
        workspace: WorkspaceId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        change!(
            self,
            sqlx::query(
                "UPDATE signing_refusal SET resolved_at = $2 \
                 WHERE workspace_id = $1 AND resolved_at IS NULL"
            )
            .bind(workspace.uuid())
            .bind(now)
        )
        .map(drop)
    }
}
