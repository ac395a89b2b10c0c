//! The audit log: appended to in the transaction of the change, dense and in commit order.

use domain::{
    Timestamp,
    audit::{Draft, MAX_LEAF, commitment},
    canonical,
    id::{MemberId, RunId, WorkspaceId},
    origin::Origin,
};
use ledger::{Frontier, leaf_hash};
use serde_json::Value;

use super::{Rows, Session, StoreError, Tx, change, sql};
use crate::ids::Ids;

/// What the database needs to know of the tree to append to it.
#[derive(sqlx::FromRow)]
struct HeadRow {
    size: i64,
    frontier: Vec<u8>,
}

impl HeadRow {
    fn frontier(&self) -> Result<Frontier, StoreError> {
        let wrong = |error: &dyn std::error::Error| {
            StoreError::inconsistent("audit_head", "frontier", error)
        };
        let size = u64::try_from(self.size).map_err(|error| wrong(&error))?;
        Frontier::from_bytes(size, &self.frontier).map_err(|error| wrong(&error))
    }
}

impl Tx {
    /// Appends entries to the log of a workspace, in this order, and queues what they say for the
    /// webhooks that listen to it.
    ///
    /// Call it last in a transaction: it locks the head of the log until the commit, which is what
    /// makes the order of the log the order of the commits.
    pub async fn append_audit(
        &mut self,
        workspace: WorkspaceId,
        ids: &Ids,
        now: Timestamp,
        drafts: &[Draft],
    ) -> Result<(), StoreError> {
        if drafts.is_empty() {
            return Ok(());
        }
        self.tell(workspace, ids, now, drafts).await?;
        let sealed: Vec<_> =
            drafts.iter().map(|draft| draft.payload.as_ref().map(|p| seal(ids, p))).collect();
        let mut tree = self.lock_audit_head(workspace).await?;
        let mut lines = Vec::with_capacity(drafts.len());
        for (draft, sealed) in drafts.iter().zip(sealed) {
            let line = Line::new(workspace, now, tree.size(), draft, sealed, self.origin)?;
            tree.push(line.hash);
            lines.push(line);
        }
        self.insert_entries(workspace, now, &lines).await?;
        self.insert_payloads(workspace, &lines).await?;
        self.store_audit_head(workspace, &tree).await
    }

    async fn lock_audit_head(&mut self, workspace: WorkspaceId) -> Result<Frontier, StoreError> {
        const SQL: [&str; 2] = [
            "SELECT size, frontier FROM audit_head WHERE workspace_id = $1",
            "SELECT size, frontier FROM audit_head WHERE workspace_id = $1 FOR UPDATE",
        ];
        let statement = self.pick(SQL);
        let head: HeadRow =
            sql!(self, |c| sqlx::query_as(statement).bind(workspace.uuid()).fetch_one(c))?;
        head.frontier()
    }

    /// Says how far the log has come.
    pub(crate) async fn store_audit_head(
        &mut self,
        workspace: WorkspaceId,
        tree: &Frontier,
    ) -> Result<(), StoreError> {
        let size = i64::try_from(tree.size())
            .map_err(|error| StoreError::inconsistent("audit_head", "size", error))?;
        let bytes = tree.to_bytes();
        change!(
            self,
            sqlx::query("UPDATE audit_head SET size = $2, frontier = $3 WHERE workspace_id = $1")
                .bind(workspace.uuid())
                .bind(size)
                .bind(bytes)
        )
        .map(drop)
    }

    async fn insert_entries<'a>(
        &mut self,
        workspace: WorkspaceId,
        now: Timestamp,
        lines: &'a [Line<'a>],
    ) -> Result<(), StoreError> {
        let rows = Rows::of(lines)
            .within(workspace)
            .int("seq", |line| line.seq)
            .all_at("at", now)
            .text("actor_kind", |line| line.draft.actor.kind())
            .uuid("actor_id", |line| line.draft.actor.member().map(MemberId::uuid))
            .text("verb", |line| line.draft.verb.as_str())
            .text("object_kind", |line| line.draft.object.kind.as_str())
            .text("object_id", |line| line.draft.object.id.as_str())
            .uuid("run_id", |line| line.draft.run.map(RunId::uuid))
            .text("leaf", |line| line.leaf.as_str())
            .bytes("leaf_hash", |line| line.hash.to_vec());
        let changed = self.change_rows(
            rows,
            "INSERT INTO audit_entry (workspace_id, seq, at, actor_kind, actor_id, verb, \
             object_kind, object_id, run_id, leaf, leaf_hash) \
             SELECT workspace_id, seq, at, actor_kind, actor_id, verb, object_kind, object_id, \
             run_id, leaf, leaf_hash FROM j ORDER BY seq",
        );
        changed.await.map(drop)
    }

    async fn insert_payloads<'a>(
        &mut self,
        workspace: WorkspaceId,
        lines: &'a [Line<'a>],
    ) -> Result<(), StoreError> {
        let sealed: Vec<(i64, &Sealed)> =
            lines.iter().filter_map(|line| Some((line.seq, line.sealed.as_ref()?))).collect();
        let rows = Rows::of(&sealed)
            .within(workspace)
            .int("seq", |(seq, _)| *seq)
            .bytes("salt", |(_, sealed)| sealed.salt.to_vec())
            .text("payload", |(_, sealed)| sealed.text.as_str());
        let changed = self.change_rows(
            rows,
            "INSERT INTO audit_payload (workspace_id, seq, salt, payload) \
             SELECT workspace_id, seq, salt, payload FROM j",
        );
        changed.await.map(drop)
    }

    /// Begins the log of a new workspace.
    pub async fn create_audit_head(&mut self, workspace: WorkspaceId) -> Result<(), StoreError> {
        change!(
            self,
            sqlx::query("INSERT INTO audit_head (workspace_id, size, frontier) VALUES ($1, 0, $2)")
                .bind(workspace.uuid())
                .bind(Vec::<u8>::new())
        )
        .map(drop)
    }
}

/// A payload and what its leaf says of it.
struct Sealed {
    salt: [u8; 32],
    text: String,
    commitment: String,
}

fn seal(ids: &Ids, payload: &Value) -> Sealed {
    let (salt, text) = (ids.salt(), canonical::text(payload));
    Sealed { commitment: commitment(&salt, text.as_bytes()), salt, text }
}

/// An entry in its place.
struct Line<'a> {
    seq: i64,
    draft: &'a Draft,
    sealed: Option<Sealed>,
    leaf: String,
    hash: ledger::Hash,
}

impl<'a> Line<'a> {
    fn new(
        workspace: WorkspaceId,
        now: Timestamp,
        size: u64,
        draft: &'a Draft,
        sealed: Option<Sealed>,
        origin: Origin,
    ) -> Result<Self, StoreError> {
        let seq = i64::try_from(size)
            .map_err(|error| StoreError::inconsistent("audit_head", "size", error))?;
        let commitment = sealed.as_ref().map(|sealed| sealed.commitment.as_str());
        let leaf = draft.leaf(workspace, seq, now, commitment, origin);
        if leaf.len() > MAX_LEAF {
            return Err(StoreError::inconsistent("audit_entry", "leaf", "it is too long"));
        }
        let hash = leaf_hash(leaf.as_bytes());
        Ok(Self { seq, draft, sealed, leaf, hash })
    }
}

impl Session {
    /// Size and root of a workspace's log.
    pub async fn audit_root(
        &mut self,
        workspace: WorkspaceId,
    ) -> Result<(u64, ledger::Hash), StoreError> {
        let head: HeadRow = sql!(self, |c| sqlx::query_as(
            "SELECT size, frontier FROM audit_head WHERE workspace_id = $1"
        )
        .bind(workspace.uuid())
        .fetch_one(c))?;
        let tree = head.frontier()?;
        Ok((tree.size(), tree.root()))
    }
}
