//! Where outbound requests of a workspace may go.

use domain::{Timestamp, destination::AllowedDestination, id::WorkspaceId};

use super::{Session, StoreError, Tx, change, sql};

#[derive(sqlx::FromRow)]
struct DestinationRow {
    scheme: String,
    host: String,
    port: i64,
    allow_private: bool,
}

impl TryFrom<DestinationRow> for AllowedDestination {
    type Error = StoreError;

    fn try_from(row: DestinationRow) -> Result<Self, StoreError> {
        let wrong = |error| StoreError::inconsistent("allowed_destination", "port", error);
        Ok(Self {
            scheme: row.scheme,
            host: row.host,
            port: u16::try_from(row.port).map_err(wrong)?,
            allow_private: row.allow_private,
        })
    }
}

impl Session {
    /// The allow-list of a workspace, by host.
    pub async fn destinations(
        &mut self,
        workspace: WorkspaceId,
    ) -> Result<Vec<AllowedDestination>, StoreError> {
        let rows: Vec<DestinationRow> = sql!(self, |c| sqlx::query_as(
            "SELECT scheme, host, port, allow_private FROM allowed_destination \
             WHERE workspace_id = $1 ORDER BY host, port, scheme"
        )
        .bind(workspace.uuid())
        .fetch_all(c))?;
        rows.into_iter().map(AllowedDestination::try_from).collect()
    }
}

impl Tx {
    /// Lists a destination, or changes whether it may be private. Answers whether anything changed.
    pub async fn put_destination(
        &mut self,
        workspace: WorkspaceId,
        destination: &AllowedDestination,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = change!(
            self,
            sqlx::query(
                "INSERT INTO allowed_destination \
                 (workspace_id, scheme, host, port, allow_private, created_at) \
                 VALUES ($1, $2, $3, $4, $5, $6) \
                 ON CONFLICT (workspace_id, scheme, host, port) \
                 DO UPDATE SET allow_private = excluded.allow_private \
                 WHERE allowed_destination.allow_private <> excluded.allow_private"
            )
            .bind(workspace.uuid())
            .bind(destination.scheme.as_str())
            .bind(destination.host.as_str())
            .bind(i64::from(destination.port))
            .bind(destination.allow_private)
            .bind(now)
        )?;
        Ok(changed == 1)
    }

    /// Takes a destination off the list and answers whether it stood there.
    pub async fn delete_destination(
        &mut self,
        workspace: WorkspaceId,
        destination: &AllowedDestination,
    ) -> Result<bool, StoreError> {
        let changed = change!(
            self,
            sqlx::query(
                "DELETE FROM allowed_destination \
                 WHERE workspace_id = $1 AND scheme = $2 AND host = $3 AND port = $4"
            )
            .bind(workspace.uuid())
            .bind(destination.scheme.as_str())
            .bind(destination.host.as_str())
            .bind(i64::from(destination.port))
        )?;
        Ok(changed == 1)
    }
}
