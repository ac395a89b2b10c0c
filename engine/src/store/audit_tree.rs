//! The nodes of the audit log's tree: leaves as they stand, and the stored hashes above them.

use domain::id::WorkspaceId;
use ledger::{
    Hash, leaf_hash,
    node::{Address, Fetched, Tile},
};

use super::{
    Rows, Session, StoreError, Tx,
    checkpoints::{hash, place, size},
    sql,
};

/// An entry as a recount sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    pub seq: u64,
    /// The exact bytes of the leaf; `None` where it went with the stub of a reported run.
    pub leaf: Option<String>,
    /// The hash stored beside it, or in its place.
    pub stored: Hash,
}

impl LogLine {
    /// The hash of the leaf as it stands; where it is gone, the one that stayed.
    pub fn hash(&self) -> Hash {
        self.leaf.as_ref().map_or(self.stored, |leaf| leaf_hash(leaf.as_bytes()))
    }
}

impl Session {
    /// Entries from a place on, in order, at most `limit`; hashes where entries are gone.
    pub async fn log_lines(
        &mut self,
        workspace: WorkspaceId,
        from: u64,
        limit: u64,
    ) -> Result<Vec<LogLine>, StoreError> {
        let rows: Vec<(i64, String, Vec<u8>)> = sql!(self, |c| {
            sqlx::query_as(
            "SELECT seq, leaf, leaf_hash FROM audit_entry WHERE workspace_id = $1 AND seq >= $2 \
             ORDER BY seq LIMIT $3"
        )
        .bind(workspace.uuid())
        .bind(place(from))
        .bind(place(limit))
        .fetch_all(c)
        })?;
        let line = |(seq, leaf, stored)| {
            let seq = size("audit_entry", seq)?;
            Ok(LogLine { seq, leaf: Some(leaf), stored: hash("audit_entry", stored)? })
        };
        let lines: Result<Vec<_>, StoreError> = rows.into_iter().map(line).collect();
        self.fill_removed(workspace, from, limit, lines?).await
    }

    /// Stored hashes of a level above the leaves, from one on, at most `limit`.
    pub async fn audit_nodes(
        &mut self,
        workspace: WorkspaceId,
        epoch: i64,
        first: Address,
        limit: u64,
    ) -> Result<Vec<Hash>, StoreError> {
        let rows: Vec<Vec<u8>> = sql!(self, |c| sqlx::query_scalar(
            "SELECT hash FROM audit_node WHERE workspace_id = $1 AND epoch = $2 AND level = $3 \
             AND position >= $4 AND position < $5 ORDER BY position"
        )
        .bind(workspace.uuid())
        .bind(epoch)
        .bind(i64::from(first.level))
        .bind(place(first.index))
        .bind(place(first.index.saturating_add(limit)))
        .fetch_all(c))?;
        rows.into_iter().map(|bytes| hash("audit_node", bytes)).collect()
    }

    /// What a proof needs: one statement a tile. A tile that is not complete is left out.
    pub async fn audit_tiles(
        &mut self,
        workspace: WorkspaceId,
        epoch: i64,
        tiles: &[Tile],
    ) -> Result<Fetched, StoreError> {
        let mut fetched = Fetched::default();
        for tile in tiles {
            let Some(first) = tile.addresses().next() else { continue };
            let width = u64::from(tile.width);
            let hashes = if tile.level == 0 {
                let lines = self.log_lines(workspace, first.index, width).await?;
                let in_place = lines.iter().zip(first.index..).take_while(|(l, n)| l.seq == *n);
                in_place.map(|(line, _)| line.hash()).collect()
            } else {
                self.audit_nodes(workspace, epoch, first, width).await?
            };
            // Whoever asked for what is left out will be told that a node is missing.
            let _ = fetched.insert(*tile, hashes);
        }
        Ok(fetched)
    }
}

impl Tx {
    /// Stores complete nodes of the tree; those of levels that are not stored are not to be given.
    pub async fn insert_audit_nodes(
        &mut self,
        workspace: WorkspaceId,
        epoch: i64,
        nodes: &[(Address, Hash)],
    ) -> Result<(), StoreError> {
        let rows = Rows::of(nodes)
            .within(workspace)
            .int("epoch", |_| epoch)
            .int("level", |(address, _)| i64::from(address.level))
            .int("position", |(address, _)| place(address.index))
            .bytes("hash", |(_, hash)| hash.to_vec());
        let changed = self.change_rows(
            rows,
            "INSERT INTO audit_node (workspace_id, epoch, level, position, hash) \
             SELECT workspace_id, epoch, level, position, hash FROM j",
        );
        changed.await.map(drop)
    }
}
