//! Windows: what auditors may look into. A row is written once and revoked once.

use chrono::NaiveDate;
use domain::{
    Timestamp,
    id::{MemberId, WindowId, WorkspaceId},
    period::Period,
    window::Window,
};
use uuid::Uuid;

use super::{Session, StoreError, Tx, change, sql};

/// Every query that gives windows begins like this.
macro_rules! select_window {
    ($rest:literal) => {
        concat!(
            "SELECT id, workspace_id, member_id, from_day, until_day, granted_by, granted_at, ",
            "revoked_by, revoked_at FROM auditor_window ",
            $rest
        )
    };
}

#[derive(sqlx::FromRow)]
struct WindowRow {
    id: Uuid,
    workspace_id: Uuid,
    member_id: Uuid,
    from_day: NaiveDate,
    until_day: NaiveDate,
    granted_by: Option<Uuid>,
    granted_at: Timestamp,
    revoked_by: Option<Uuid>,
    revoked_at: Option<Timestamp>,
}

impl TryFrom<WindowRow> for Window {
    type Error = StoreError;

    fn try_from(row: WindowRow) -> Result<Self, StoreError> {
        let period = Period::new(row.from_day, row.until_day);
        Ok(Self {
            id: WindowId::new(row.id),
            workspace: WorkspaceId::new(row.workspace_id),
            member: MemberId::new(row.member_id),
            period: period
                .map_err(|error| StoreError::inconsistent("auditor_window", "from_day", error))?,
            granted_by: row.granted_by.map(MemberId::new),
            granted_at: row.granted_at,
            revoked_by: row.revoked_by.map(MemberId::new),
            revoked_at: row.revoked_at,
        })
    }
}

fn all(found: Vec<WindowRow>) -> Result<Vec<Window>, StoreError> {
    found.into_iter().map(Window::try_from).collect()
}

impl Session {
    /// The windows of a member that were not revoked, earliest first.
    pub async fn open_windows(
        &mut self,
        workspace: WorkspaceId,
        member: MemberId,
    ) -> Result<Vec<Window>, StoreError> {
        let found = sql!(self, |c| sqlx::query_as(select_window!(
            "WHERE workspace_id = $1 AND member_id = $2 AND revoked_at IS NULL \
             ORDER BY from_day, id"
        ))
        .bind(workspace.uuid())
        .bind(member.uuid())
        .fetch_all(c))?;
        all(found)
    }

    /// Every window of the workspace, the revoked ones too, member by member, earliest first.
    pub async fn windows(&mut self, workspace: WorkspaceId) -> Result<Vec<Window>, StoreError> {
        let found = sql!(self, |c| sqlx::query_as(select_window!(
            "WHERE workspace_id = $1 ORDER BY member_id, from_day, id"
        ))
        .bind(workspace.uuid())
        .fetch_all(c))?;
        all(found)
    }

    /// A window by its id, in this workspace only.
    pub async fn window(
        &mut self,
        workspace: WorkspaceId,
        id: WindowId,
    ) -> Result<Option<Window>, StoreError> {
        let found: Option<WindowRow> =
            sql!(self, |c| sqlx::query_as(select_window!("WHERE workspace_id = $1 AND id = $2"))
                .bind(workspace.uuid())
                .bind(id.uuid())
                .fetch_optional(c))?;
        found.map(Window::try_from).transpose()
    }
}

impl Tx {
    /// Writes a window that was granted.
    pub async fn insert_window(&mut self, window: &Window) -> Result<(), StoreError> {
        change!(
            self,
            sqlx::query(
                "INSERT INTO auditor_window (id, workspace_id, member_id, from_day, until_day, \
                 granted_by, granted_at) VALUES ($1, $2, $3, $4, $5, $6, $7)"
            )
            .bind(window.id.uuid())
            .bind(window.workspace.uuid())
            .bind(window.member.uuid())
            .bind(window.period.from)
            .bind(window.period.until)
            .bind(window.granted_by.map(MemberId::uuid))
            .bind(window.granted_at)
        )
        .map(drop)
    }

    /// Revokes a window. Answers whether it was still open.
    pub async fn revoke_window(
        &mut self,
        workspace: WorkspaceId,
        id: WindowId,
        by: Option<MemberId>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = change!(
            self,
            sqlx::query(
                "UPDATE auditor_window SET revoked_by = $3, revoked_at = $4 \
                 WHERE workspace_id = $1 AND id = $2 AND revoked_at IS NULL"
            )
            .bind(workspace.uuid())
            .bind(id.uuid())
            .bind(by.map(MemberId::uuid))
            .bind(now)
        )?;
        Ok(changed == 1)
    }
}
