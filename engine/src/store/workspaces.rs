//! Workspaces.

use domain::{
    Timestamp,
    id::{AccountId, WorkspaceId},
    member::Workspace,
};
use uuid::Uuid;

use super::{Session, StoreError, Tx, change, sql};

#[derive(sqlx::FromRow)]
struct WorkspaceRow {
    id: Uuid,
    slug: String,
    name: String,
    created_at: Timestamp,
}

impl From<WorkspaceRow> for Workspace {
    fn from(row: WorkspaceRow) -> Self {
        Self {
            id: WorkspaceId::new(row.id),
            slug: row.slug,
            name: row.name,
            created_at: row.created_at,
        }
    }
}

impl Tx {
    /// Adds a workspace; a conflict says that its slug is taken. Its audit log is begun apart.
    pub async fn insert_workspace(&mut self, workspace: &Workspace) -> Result<(), StoreError> {
        change!(
            self,
            sqlx::query(
                "INSERT INTO workspace (id, slug, name, created_at) VALUES ($1, $2, $3, $4)"
            )
            .bind(workspace.id.uuid())
            .bind(workspace.slug.as_str())
            .bind(workspace.name.as_str())
            .bind(workspace.created_at)
        )
        .map(drop)
    }
}

impl Session {
    pub async fn workspace(&mut self, id: WorkspaceId) -> Result<Option<Workspace>, StoreError> {
        let row: Option<WorkspaceRow> = sql!(self, |c| sqlx::query_as(
            "SELECT id, slug, name, created_at FROM workspace WHERE id = $1"
        )
        .bind(id.uuid())
        .fetch_optional(c))?;
        Ok(row.map(Workspace::from))
    }

    pub async fn workspace_by_slug(&mut self, slug: &str) -> Result<Option<Workspace>, StoreError> {
        let row: Option<WorkspaceRow> = sql!(self, |c| sqlx::query_as(
            "SELECT id, slug, name, created_at FROM workspace WHERE slug = $1"
        )
        .bind(slug)
        .fetch_optional(c))?;
        Ok(row.map(Workspace::from))
    }

    /// All workspaces, by slug.
    pub async fn workspaces(&mut self) -> Result<Vec<Workspace>, StoreError> {
        let rows: Vec<WorkspaceRow> = sql!(self, |c| sqlx::query_as(
            "SELECT id, slug, name, created_at FROM workspace ORDER BY slug"
        )
        .fetch_all(c))?;
        Ok(rows.into_iter().map(Workspace::from).collect())
    }

    /// The workspaces an account is a member of, by slug.
    pub async fn workspaces_of(
        &mut self,
        account: AccountId,
    ) -> Result<Vec<Workspace>, StoreError> {
        let rows: Vec<WorkspaceRow> = sql!(self, |c| sqlx::query_as(
            "SELECT w.id, w.slug, w.name, w.created_at FROM workspace w \
             JOIN member m ON m.workspace_id = w.id \
             WHERE m.account_id = $1 AND m.removed_at IS NULL ORDER BY w.slug"
        )
        .bind(account.uuid())
        .fetch_all(c))?;
        Ok(rows.into_iter().map(Workspace::from).collect())
    }
}
