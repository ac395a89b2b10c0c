//! Webhooks. One that was removed stays as a row, for what was delivered to it; nobody finds it.

use domain::{
    Timestamp,
    id::{WebhookId, WorkspaceId},
    webhook::{Disabled, DisabledBecause, EventKind, Webhook},
};
use uuid::Uuid;

use super::{Session, StoreError, Tx, change, sql};

/// Every query that gives webhooks begins like this.
macro_rules! select_webhook {
    ($rest:literal) => {
        concat!(
            "SELECT id, workspace_id, url, name, events, site, created_at, disabled_at, ",
            "disabled_because FROM webhook WHERE removed_at IS NULL AND ",
            $rest
        )
    };
}

#[derive(sqlx::FromRow)]
struct WebhookRow {
    id: Uuid,
    workspace_id: Uuid,
    url: String,
    name: String,
    events: String,
    site: String,
    created_at: Timestamp,
    disabled_at: Option<Timestamp>,
    disabled_because: Option<String>,
}

impl TryFrom<WebhookRow> for Webhook {
    type Error = StoreError;

    fn try_from(row: WebhookRow) -> Result<Self, StoreError> {
        let because = row.disabled_because.as_deref().map(str::parse::<DisabledBecause>);
        let because = because
            .transpose()
            .map_err(|error| StoreError::inconsistent("webhook", "disabled_because", error))?;
        Ok(Self {
            id: WebhookId::new(row.id),
            workspace: WorkspaceId::new(row.workspace_id),
            url: row.url,
            name: row.name,
            events: events(&row.events)?,
            site: row.site,
            created_at: row.created_at,
            disabled: row.disabled_at.zip(because).map(|(at, because)| Disabled { at, because }),
        })
    }
}

pub(super) fn events(text: &str) -> Result<Vec<EventKind>, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::inconsistent("webhook", "events", error))
}

fn words(events: &[EventKind]) -> Result<String, StoreError> {
    serde_json::to_string(events)
        .map_err(|error| StoreError::inconsistent("webhook", "events", error))
}

impl Session {
    /// The webhooks of a workspace, oldest first.
    pub async fn webhooks(&mut self, workspace: WorkspaceId) -> Result<Vec<Webhook>, StoreError> {
        let rows: Vec<WebhookRow> =
            sql!(self, |c| sqlx::query_as(select_webhook!("workspace_id = $1 ORDER BY id"))
                .bind(workspace.uuid())
                .fetch_all(c))?;
        rows.into_iter().map(Webhook::try_from).collect()
    }

    pub async fn webhook(
        &mut self,
        workspace: WorkspaceId,
        id: WebhookId,
    ) -> Result<Option<Webhook>, StoreError> {
        let row: Option<WebhookRow> =
            sql!(self, |c| sqlx::query_as(select_webhook!("workspace_id = $1 AND id = $2"))
                .bind(workspace.uuid())
                .bind(id.uuid())
                .fetch_optional(c))?;
        row.map(Webhook::try_from).transpose()
    }
}

impl Tx {
    /// A webhook, for whoever changes it: nobody else does until the commit.
    pub async fn lock_webhook(
        &mut self,
        workspace: WorkspaceId,
        id: WebhookId,
    ) -> Result<Option<Webhook>, StoreError> {
        // SQLite writes one transaction at a time. In Postgres this lock lets deliveries to the
        // webhook be written meanwhile: they stand in transactions that hold the head of the log.
        const SQL: [&str; 2] = [
            select_webhook!("workspace_id = $1 AND id = $2"),
            select_webhook!("workspace_id = $1 AND id = $2 FOR NO KEY UPDATE"),
        ];
        let statement = self.pick(SQL);
        let row: Option<WebhookRow> = sql!(self, |c| sqlx::query_as(statement)
            .bind(workspace.uuid())
            .bind(id.uuid())
            .fetch_optional(c))?;
        row.map(Webhook::try_from).transpose()
    }

    pub async fn insert_webhook(&mut self, webhook: &Webhook) -> Result<(), StoreError> {
        let events = words(&webhook.events)?;
        change!(
            self,
            sqlx::query(
                "INSERT INTO webhook (id, workspace_id, url, name, events, site, created_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7)"
            )
            .bind(webhook.id.uuid())
            .bind(webhook.workspace.uuid())
            .bind(webhook.url.as_str())
            .bind(webhook.name.as_str())
            .bind(events)
            .bind(webhook.site.as_str())
            .bind(webhook.created_at)
        )
        .map(drop)
    }

    /// Stores what became of a webhook that is locked.
    pub async fn update_webhook(&mut self, webhook: &Webhook) -> Result<(), StoreError> {
        let events = words(&webhook.events)?;
        let disabled = webhook.disabled;
        let changed = change!(
            self,
            sqlx::query(
                "UPDATE webhook SET url = $3, name = $4, events = $5, site = $6, disabled_at = $7, \
                 disabled_because = $8 WHERE workspace_id = $1 AND id = $2 AND removed_at IS NULL"
            )
            .bind(webhook.workspace.uuid())
            .bind(webhook.id.uuid())
            .bind(webhook.url.as_str())
            .bind(webhook.name.as_str())
            .bind(events)
            .bind(webhook.site.as_str())
            .bind(disabled.map(|disabled| disabled.at))
            .bind(disabled.map(|disabled| disabled.because.as_str()))
        )?;
        StoreError::expect("webhook", 1, changed)
    }

    pub async fn remove_webhook(
        &mut self,
        workspace: WorkspaceId,
        id: WebhookId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let changed = change!(
            self,
            sqlx::query(
                "UPDATE webhook SET removed_at = $3 \
                 WHERE workspace_id = $1 AND id = $2 AND removed_at IS NULL"
            )
            .bind(workspace.uuid())
            .bind(id.uuid())
            .bind(now)
        )?;
        StoreError::expect("webhook", 1, changed)
    }
}
