//! Time-stamp tokens over checkpoints.

use domain::{Timestamp, id::WorkspaceId};
use uuid::Uuid;

use super::{Session, SignedCheckpoint, StoreError, Tx, change, checkpoints::size, sql};

/// What an authority says about when a checkpoint existed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckpointStamp {
    /// How many entries the checkpoint covers.
    pub size: u64,
    /// A `TimeStampResp` of RFC 3161, byte for byte as it was sent.
    pub token: Vec<u8>,
    /// By the clock of the authority.
    pub stamped_at: Timestamp,
    pub received_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct StampRow {
    size: i64,
    token: Vec<u8>,
    stamped_at: Timestamp,
    received_at: Timestamp,
}

impl TryFrom<StampRow> for CheckpointStamp {
    type Error = StoreError;

    fn try_from(row: StampRow) -> Result<Self, StoreError> {
        let StampRow { size: entries, token, stamped_at, received_at } = row;
        Ok(Self { size: size("checkpoint", entries)?, token, stamped_at, received_at })
    }
}

impl Session {
    /// The token over a checkpoint.
    pub async fn checkpoint_stamp(
        &mut self,
        workspace: WorkspaceId,
        number: i64,
    ) -> Result<Option<CheckpointStamp>, StoreError> {
        let row: Option<StampRow> = sql!(self, |c| sqlx::query_as(
            "SELECT c.size, s.token, s.stamped_at, s.received_at FROM checkpoint_stamp s \
             JOIN checkpoint c ON c.workspace_id = s.workspace_id \
                AND c.number = s.checkpoint_number \
             WHERE s.workspace_id = $1 AND s.checkpoint_number = $2"
        )
        .bind(workspace.uuid())
        .bind(number)
        .fetch_optional(c))?;
        row.map(CheckpointStamp::try_from).transpose()
    }

    /// The token over the last checkpoint that has one.
    pub async fn latest_stamp(
        &mut self,
        workspace: WorkspaceId,
    ) -> Result<Option<CheckpointStamp>, StoreError> {
        let number: Option<i64> = sql!(self, |c| sqlx::query_scalar(
            "SELECT MAX(checkpoint_number) FROM checkpoint_stamp WHERE workspace_id = $1"
        )
        .bind(workspace.uuid())
        .fetch_one(c))?;
        match number {
            Some(number) => self.checkpoint_stamp(workspace, number).await,
            None => Ok(None),
        }
    }

    /// Logs whose last checkpoint has no token although the last token came before an instant, or
    /// never.
    pub async fn logs_to_stamp(
        &mut self,
        before: Timestamp,
    ) -> Result<Vec<WorkspaceId>, StoreError> {
        let found: Vec<Uuid> = sql!(self, |c| sqlx::query_scalar(
            "SELECT h.workspace_id FROM audit_head h \
             WHERE (SELECT MAX(c.number) FROM checkpoint c WHERE c.workspace_id = h.workspace_id) \
                > COALESCE((SELECT MAX(s.checkpoint_number) FROM checkpoint_stamp s \
                    WHERE s.workspace_id = h.workspace_id), 0) \
             AND NOT EXISTS (SELECT 1 FROM checkpoint_stamp s \
                WHERE s.workspace_id = h.workspace_id AND s.received_at >= $1) \
             ORDER BY h.workspace_id"
        )
        .bind(before)
        .fetch_all(c))?;
        Ok(found.into_iter().map(WorkspaceId::new).collect())
    }

    /// The earliest checkpoint over at least `size` entries that has a token, of the log as it is
    /// accepted now.
    pub async fn stamped_checkpoint_covering(
        &mut self,
        workspace: WorkspaceId,
        size: u64,
    ) -> Result<Option<SignedCheckpoint>, StoreError> {
        const SQL: &str = "SELECT MIN(c.size) FROM checkpoint_stamp s \
            JOIN checkpoint c ON c.workspace_id = s.workspace_id \
                AND c.number = s.checkpoint_number \
            WHERE s.workspace_id = $1 AND c.size >= $2 \
            AND c.epoch = (SELECT MAX(epoch) FROM checkpoint WHERE workspace_id = $1)";
        self.checkpoint_of_size(workspace, SQL, size).await
    }
}

impl Tx {
    /// Keeps a token; a conflict says that the checkpoint has one already.
    pub async fn insert_checkpoint_stamp(
        &mut self,
        checkpoint: &SignedCheckpoint,
        stamp: &CheckpointStamp,
    ) -> Result<(), StoreError> {
        change!(
            self,
            sqlx::query(
                "INSERT INTO checkpoint_stamp \
                 (workspace_id, checkpoint_number, token, stamped_at, received_at) \
                 VALUES ($1, $2, $3, $4, $5)"
            )
            .bind(checkpoint.workspace.uuid())
            .bind(checkpoint.number)
            .bind(stamp.token.as_slice())
            .bind(stamp.stamped_at)
            .bind(stamp.received_at)
        )
        .map(drop)
    }
}
