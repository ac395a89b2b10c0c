//! Members: accounts in workspaces, each with one role. A removed member keeps its row.

use domain::{
    Timestamp,
    id::{AccountId, MemberId, WorkspaceId},
    member::{Member, Role},
};
use uuid::Uuid;

use super::{Session, StoreError, Tx, change, dialect::locking, sql};

/// Every query that gives members begins like this.
macro_rules! select_member {
    ($rest:literal) => {
        concat!(
            "SELECT m.id, m.workspace_id, m.account_id, a.email, m.name, m.role, m.created_at, ",
            "m.removed_at FROM member m JOIN account a ON a.id = m.account_id ",
            $rest
        )
    };
}

#[derive(sqlx::FromRow)]
struct MemberRow {
    id: Uuid,
    workspace_id: Uuid,
    account_id: Uuid,
    email: String,
    name: String,
    role: String,
    created_at: Timestamp,
    removed_at: Option<Timestamp>,
}

impl TryFrom<MemberRow> for Member {
    type Error = StoreError;

    fn try_from(row: MemberRow) -> Result<Self, StoreError> {
        let role = row.role.parse();
        Ok(Self {
            id: MemberId::new(row.id),
            workspace: WorkspaceId::new(row.workspace_id),
            account: AccountId::new(row.account_id),
            email: row.email,
            name: row.name,
            role: role.map_err(|error| StoreError::inconsistent("member", "role", error))?,
            created_at: row.created_at,
            removed_at: row.removed_at,
        })
    }
}

impl Session {
    /// A member of this workspace, removed or not.
    pub async fn member(
        &mut self,
        workspace: WorkspaceId,
        id: MemberId,
    ) -> Result<Option<Member>, StoreError> {
        let row: Option<MemberRow> = sql!(self, |c| sqlx::query_as(select_member!(
            "WHERE m.workspace_id = $1 AND m.id = $2"
        ))
        .bind(workspace.uuid())
        .bind(id.uuid())
        .fetch_optional(c))?;
        row.map(Member::try_from).transpose()
    }

    /// The place of an account in this workspace, removed or not.
    pub async fn member_of(
        &mut self,
        workspace: WorkspaceId,
        account: AccountId,
    ) -> Result<Option<Member>, StoreError> {
        let row: Option<MemberRow> = sql!(self, |c| sqlx::query_as(select_member!(
            "WHERE m.workspace_id = $1 AND m.account_id = $2"
        ))
        .bind(workspace.uuid())
        .bind(account.uuid())
        .fetch_optional(c))?;
        row.map(Member::try_from).transpose()
    }

    /// All members of a workspace by name, those who were removed too.
    pub async fn members(&mut self, workspace: WorkspaceId) -> Result<Vec<Member>, StoreError> {
        let rows: Vec<MemberRow> = sql!(self, |c| sqlx::query_as(select_member!(
            "WHERE m.workspace_id = $1 ORDER BY m.name, m.id"
        ))
        .bind(workspace.uuid())
        .fetch_all(c))?;
        rows.into_iter().map(Member::try_from).collect()
    }

    /// Wherever an account is a member now, in the order of workspaces: the order in which their
    /// audit logs are locked.
    pub async fn memberships(&mut self, account: AccountId) -> Result<Vec<Member>, StoreError> {
        let rows: Vec<MemberRow> = sql!(self, |c| sqlx::query_as(select_member!(
            "WHERE m.account_id = $1 AND m.removed_at IS NULL ORDER BY m.workspace_id"
        ))
        .bind(account.uuid())
        .fetch_all(c))?;
        rows.into_iter().map(Member::try_from).collect()
    }

    /// Whether any workspace has an owner.
    pub async fn has_owner(&mut self) -> Result<bool, StoreError> {
        let found: Option<i64> = sql!(self, |c| sqlx::query_scalar(
            "SELECT CAST(1 AS BIGINT) FROM member \
             WHERE role = 'owner' AND removed_at IS NULL LIMIT 1"
        )
        .fetch_optional(c))?;
        Ok(found.is_some())
    }
}

impl Tx {
    /// The owners of a workspace, who stay so until the transaction ends.
    pub async fn lock_owners(
        &mut self,
        workspace: WorkspaceId,
    ) -> Result<Vec<MemberId>, StoreError> {
        const SQL: [&str; 2] = locking!(
            "SELECT id FROM member WHERE workspace_id = $1 AND role = 'owner' \
             AND removed_at IS NULL ORDER BY id"
        );
        let statement = self.pick(SQL);
        let ids: Vec<Uuid> =
            sql!(self, |c| sqlx::query_scalar(statement).bind(workspace.uuid()).fetch_all(c))?;
        Ok(ids.into_iter().map(MemberId::new).collect())
    }

    /// Adds a member, or brings a removed one back under its old id with what is new.
    pub async fn put_member(&mut self, member: &Member) -> Result<(), StoreError> {
        let changed = change!(
            self,
            sqlx::query(
                "INSERT INTO member (id, workspace_id, account_id, name, role, created_at) \
                 VALUES ($1, $2, $3, $4, $5, $6) \
                 ON CONFLICT (id) DO UPDATE SET name = excluded.name, role = excluded.role, \
                 removed_at = NULL WHERE member.removed_at IS NOT NULL"
            )
            .bind(member.id.uuid())
            .bind(member.workspace.uuid())
            .bind(member.account.uuid())
            .bind(member.name.as_str())
            .bind(member.role.as_str())
            .bind(member.created_at)
        )?;
        StoreError::expect("a member to add", 1, changed)
    }

    pub async fn set_member_role(
        &mut self,
        workspace: WorkspaceId,
        id: MemberId,
        role: Role,
    ) -> Result<(), StoreError> {
        let changed = change!(
            self,
            sqlx::query(
                "UPDATE member SET role = $3 \
                 WHERE workspace_id = $1 AND id = $2 AND removed_at IS NULL"
            )
            .bind(workspace.uuid())
            .bind(id.uuid())
            .bind(role.as_str())
        )?;
        StoreError::expect("a member to give a role", 1, changed)
    }

    pub async fn remove_member(
        &mut self,
        workspace: WorkspaceId,
        id: MemberId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let changed = change!(
            self,
            sqlx::query(
                "UPDATE member SET removed_at = $3 \
                 WHERE workspace_id = $1 AND id = $2 AND removed_at IS NULL"
            )
            .bind(workspace.uuid())
            .bind(id.uuid())
            .bind(now)
        )?;
        StoreError::expect("a member to remove", 1, changed)
    }
}
