//! The hashes of leaves, 256 neighbours a row: what stays of entries that went with the stubs of
//! reported runs.

use std::collections::BTreeSet;

use domain::id::{RunId, WorkspaceId};
use ledger::{Hash, node::TILE_WIDTH};

use super::{LogLine, Rows, Session, StoreError, Tx, checkpoints::place, sql};

/// Entries of one row.
const WIDTH: i64 = TILE_WIDTH as i64;

/// Bytes of a hash.
const HASH: usize = 32;

/// The hashes of neighbours, from the first on.
struct Tile {
    first: i64,
    hashes: Vec<u8>,
}

impl Tile {
    fn hash(&self, seq: i64) -> Option<Hash> {
        let at = usize::try_from(seq.checked_sub(self.first)?).ok()?.checked_mul(HASH)?;
        self.hashes.get(at..at + HASH)?.try_into().ok()
    }
}

impl Session {
    /// Puts hashes in the places of entries that are gone, up to the last that is there or `limit`
    /// places. Where neither is, the log has a hole.
    pub(super) async fn fill_removed(
        &mut self,
        workspace: WorkspaceId,
        from: u64,
        limit: u64,
        lines: Vec<LogLine>,
    ) -> Result<Vec<LogLine>, StoreError> {
        let Some(last) = lines.last().map(|line| line.seq) else { return Ok(lines) };
        if last - from < lines.len() as u64 {
            return Ok(lines);
        }
        let end = from.saturating_add(limit).min(last + 1);
        let tiles = self.tiles(workspace, place(from), place(end)).await?;
        let mut there = lines.into_iter().peekable();
        let mut filled = Vec::new();
        for seq in from..end {
            let gone = || {
                let at = tiles.partition_point(|tile| tile.first <= place(seq));
                let stored = tiles.get(at.checked_sub(1)?)?.hash(place(seq))?;
                Some(LogLine { seq, leaf: None, stored })
            };
            filled.extend(there.next_if(|line| line.seq == seq).or_else(gone));
        }
        Ok(filled)
    }

    async fn tiles(
        &mut self,
        workspace: WorkspaceId,
        from: i64,
        end: i64,
    ) -> Result<Vec<Tile>, StoreError> {
        let found: Vec<(i64, Vec<u8>)> = sql!(self, |c| sqlx::query_as(
            "SELECT first_seq, hashes FROM audit_tile WHERE workspace_id = $1 \
             AND first_seq >= $2 AND first_seq < $3 ORDER BY first_seq"
        )
        .bind(workspace.uuid())
        .bind(from - from % WIDTH)
        .bind(end)
        .fetch_all(c))?;
        Ok(found.into_iter().map(|(first, hashes)| Tile { first, hashes }).collect())
    }

    /// The places of all entries about these runs, in the order of the log.
    pub async fn places_of_runs(
        &mut self,
        workspace: WorkspaceId,
        runs: &[RunId],
    ) -> Result<BTreeSet<i64>, StoreError> {
        let rows = Rows::of(runs).within(workspace).uuid("id", |run| run.uuid());
        let found: Vec<(i64,)> = self
            .fetch_rows(
                rows,
                "SELECT e.seq FROM j CROSS JOIN audit_entry e \
                 WHERE e.workspace_id = j.workspace_id AND e.run_id = j.id",
            )
            .await?;
        Ok(found.into_iter().map(|(seq,)| seq).collect())
    }

    /// The hash that stayed of an entry; none where the entry itself is there, or never was.
    pub async fn removed_hash(
        &mut self,
        workspace: WorkspaceId,
        seq: i64,
    ) -> Result<Option<Hash>, StoreError> {
        let Ok(at) = u64::try_from(seq) else { return Ok(None) };
        let lines = self.log_lines(workspace, at, 1).await?;
        let gone = lines.first().filter(|line| line.seq == at && line.leaf.is_none());
        Ok(gone.map(|line| line.stored))
    }

    /// How many entries there are up to the last that says that others were removed, itself included.
    pub async fn removed_until(&mut self, workspace: WorkspaceId) -> Result<u64, StoreError> {
        let last: Option<i64> = sql!(self, |c| {
            sqlx::query_scalar(
            "SELECT MAX(seq) FROM audit_entry WHERE workspace_id = $1 AND verb = 'entries.removed' \
             AND verb NOT IN ('item.started', 'item.succeeded')"
        )
        .bind(workspace.uuid())
        .fetch_one(c)
        })?;
        Ok(last.map_or(0, |seq| seq.unsigned_abs() + 1))
    }
}

impl Tx {
    /// Leaves of entries only their hashes. The head of the log is to be locked, and the entry that says
    /// so written; the fences open for runs whose stubs go in the same transaction, and for nothing else.
    pub async fn remove_entries(
        &mut self,
        workspace: WorkspaceId,
        places: &BTreeSet<i64>,
    ) -> Result<(), StoreError> {
        let firsts: BTreeSet<i64> = places.iter().map(|seq| seq - seq % WIDTH).collect();
        let mut tiles = Vec::with_capacity(firsts.len());
        for first in firsts {
            tiles.push(self.tile_as_it_is(workspace, first).await?);
        }
        self.keep_tiles(workspace, &tiles).await?;
        let places: Vec<i64> = places.iter().copied().collect();
        let rows = || Rows::of(&places).within(workspace).int("seq", |seq| *seq);
        for statement in [
            "DELETE FROM audit_payload WHERE (workspace_id, seq) IN (SELECT workspace_id, seq FROM j)",
            "DELETE FROM audit_entry WHERE (workspace_id, seq) IN (SELECT workspace_id, seq FROM j)",
        ] {
            self.change_rows(rows(), statement).await?;
        }
        Ok(())
    }

    /// The hashes from a place on, each that of its leaf.
    async fn tile_as_it_is(
        &mut self,
        workspace: WorkspaceId,
        first: i64,
    ) -> Result<Tile, StoreError> {
        let lines = self.log_lines(workspace, first.unsigned_abs(), WIDTH.unsigned_abs()).await?;
        let mut hashes = Vec::with_capacity(lines.len() * HASH);
        for (line, seq) in lines.iter().zip(first.unsigned_abs()..) {
            if line.seq != seq || line.hash() != line.stored {
                let message = format!("entry {seq} is not as it was written");
                return Err(StoreError::inconsistent("audit_entry", "leaf", message));
            }
            hashes.extend(line.stored);
        }
        Ok(Tile { first, hashes })
    }

    /// Keeps tiles; those that are there already only grow.
    async fn keep_tiles(
        &mut self,
        workspace: WorkspaceId,
        tiles: &[Tile],
    ) -> Result<(), StoreError> {
        let rows = || {
            Rows::of(tiles)
                .within(workspace)
                .int("first_seq", |tile| tile.first)
                .bytes("hashes", |tile| tile.hashes.clone())
        };
        for statement in [
            "UPDATE audit_tile SET hashes = j.hashes FROM j \
             WHERE audit_tile.workspace_id = j.workspace_id \
             AND audit_tile.first_seq = j.first_seq AND length(j.hashes) > length(audit_tile.hashes)",
            "INSERT INTO audit_tile (workspace_id, first_seq, hashes) \
             SELECT workspace_id, first_seq, hashes FROM j WHERE NOT EXISTS (SELECT 1 FROM audit_tile t \
                WHERE t.workspace_id = j.workspace_id AND t.first_seq = j.first_seq)",
        ] {
            self.change_rows(rows(), statement).await?;
        }
        Ok(())
    }
}
