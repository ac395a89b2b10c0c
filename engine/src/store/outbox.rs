//! The outbox: deliveries are written in the transaction of what they tell of, and claimed under a
//! lease by whoever sends them.

use std::collections::{BTreeSet, HashMap};

use domain::{
    Timestamp,
    audit::Draft,
    id::{AutomationId, DeliveryId, RunId, WebhookId, WorkspaceId},
    webhook::{DeliveryState, Notice, Sender},
};
use uuid::Uuid;

use super::{Rows, Session, StoreError, Tx, change, sql, webhooks::events};
use crate::ids::Ids;

/// A webhook that may want to be told, and what its workspace is called.
#[derive(sqlx::FromRow)]
struct ListenerRow {
    id: Uuid,
    events: String,
    site: String,
    slug: String,
}

/// A delivery that is to be written.
struct Told {
    id: Uuid,
    webhook: Uuid,
    event: &'static str,
    body: String,
}

/// A delivery that a worker took, with what it needs to send it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedDelivery {
    pub id: DeliveryId,
    pub workspace: WorkspaceId,
    pub webhook: WebhookId,
    pub event: String,
    pub url: String,
    pub body: String,
    /// The fence: the number of this attempt.
    pub attempt: i64,
    /// Attempts since it was queued last, this one included.
    pub tries: i64,
    /// When a worker took it before who never said what became of it.
    pub interrupted: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct DueRow {
    id: Uuid,
    workspace_id: Uuid,
    webhook_id: Uuid,
    event: String,
    url: String,
    body: String,
    state: String,
    attempt: i64,
    tries: i64,
    claimed_at: Option<Timestamp>,
}

impl From<DueRow> for ClaimedDelivery {
    fn from(row: DueRow) -> Self {
        let interrupted = row.claimed_at.filter(|_| row.state == DeliveryState::Sending.as_str());
        Self {
            id: DeliveryId::new(row.id),
            workspace: WorkspaceId::new(row.workspace_id),
            webhook: WebhookId::new(row.webhook_id),
            event: row.event,
            url: row.url,
            body: row.body,
            attempt: row.attempt + 1,
            tries: row.tries + 1,
            interrupted,
        }
    }
}

impl Session {
    /// When the next delivery is due, or the lease of one ends.
    pub async fn next_delivery_due(&mut self) -> Result<Option<Timestamp>, StoreError> {
        let due: Option<Timestamp> = sql!(self, |c| sqlx::query_scalar(
            "SELECT MIN(due_at) FROM delivery WHERE due_at IS NOT NULL"
        )
        .fetch_one(c))?;
        Ok(due)
    }
}

impl Tx {
    /// Writes deliveries of what these entries say, to every webhook that listens to it.
    pub(super) async fn tell(
        &mut self,
        workspace: WorkspaceId,
        ids: &Ids,
        now: Timestamp,
        drafts: &[Draft],
    ) -> Result<(), StoreError> {
        let notices: Vec<Notice> = drafts.iter().filter_map(Notice::of).collect();
        self.announce(workspace, ids, now, notices).await
    }

    /// The same for happenings that have no entry.
    pub async fn announce(
        &mut self,
        workspace: WorkspaceId,
        ids: &Ids,
        now: Timestamp,
        notices: Vec<Notice>,
    ) -> Result<(), StoreError> {
        if notices.is_empty() {
            return Ok(());
        }
        let listeners = self.listeners(workspace).await?;
        if listeners.is_empty() {
            return Ok(());
        }
        let notices = self.with_definitions(workspace, notices).await?;
        let mut told = Vec::new();
        for listener in listeners {
            let heard = events(&listener.events)?;
            let wanted = notices.iter().filter(|notice| heard.contains(&notice.event));
            told.extend(wanted.map(|notice| tell_one(&listener, workspace, ids, now, notice)));
        }
        self.insert_told(workspace, now, &told).await
    }

    /// Writes one delivery to one webhook, whatever it listens to; none if it is not there or is
    /// disabled.
    pub async fn announce_to(
        &mut self,
        workspace: WorkspaceId,
        webhook: WebhookId,
        ids: &Ids,
        now: Timestamp,
        notice: &Notice,
    ) -> Result<Option<DeliveryId>, StoreError> {
        let listeners = self.listeners(workspace).await?;
        let found = listeners.iter().find(|listener| listener.id == webhook.uuid());
        let Some(listener) = found else { return Ok(None) };
        let told = tell_one(listener, workspace, ids, now, notice);
        let id = DeliveryId::new(told.id);
        self.insert_told(workspace, now, &[told]).await?;
        Ok(Some(id))
    }

    /// Adds what the runs are runs of.
    async fn with_definitions(
        &mut self,
        workspace: WorkspaceId,
        notices: Vec<Notice>,
    ) -> Result<Vec<Notice>, StoreError> {
        let runs: BTreeSet<RunId> = notices.iter().filter_map(|notice| notice.run).collect();
        let runs: Vec<RunId> = runs.into_iter().collect();
        let rows = Rows::of(&runs).within(workspace).uuid("id", |run| run.uuid());
        let found: Vec<(Uuid, Uuid, String)> = self
            .fetch_rows(
                rows,
                "SELECT j.id, a.id, a.key FROM j \
                 JOIN run r ON r.workspace_id = j.workspace_id AND r.id = j.id \
                 JOIN automation a ON a.workspace_id = r.workspace_id AND a.id = r.automation_id",
            )
            .await?;
        let found: HashMap<Uuid, (Uuid, String)> =
            found.into_iter().map(|(run, id, key)| (run, (id, key))).collect();
        let named = |notice: Notice| match notice.run.and_then(|run| found.get(&run.uuid())) {
            Some((id, key)) => notice.of_automation(AutomationId::new(*id), key),
            None => notice,
        };
        Ok(notices.into_iter().map(named).collect())
    }

    async fn listeners(&mut self, workspace: WorkspaceId) -> Result<Vec<ListenerRow>, StoreError> {
        let listeners: Vec<ListenerRow> = sql!(self, |c| sqlx::query_as(
            "SELECT h.id, h.events, h.site, w.slug FROM webhook h \
             JOIN workspace w ON w.id = h.workspace_id \
             WHERE h.workspace_id = $1 AND h.removed_at IS NULL AND h.disabled_at IS NULL \
             ORDER BY h.id"
        )
        .bind(workspace.uuid())
        .fetch_all(c))?;
        Ok(listeners)
    }

    async fn insert_told(
        &mut self,
        workspace: WorkspaceId,
        now: Timestamp,
        told: &[Told],
    ) -> Result<(), StoreError> {
        let rows = Rows::of(told)
            .within(workspace)
            .all_at("at", now)
            .uuid("id", |told| told.id)
            .uuid("webhook_id", |told| told.webhook)
            .text("event", |told| told.event)
            .text("body", |told| told.body.as_str());
        let changed = self.change_rows(
            rows,
            "INSERT INTO delivery (id, workspace_id, webhook_id, event, body, state, attempt, tries, \
             due_at, created_at) \
             SELECT id, workspace_id, webhook_id, event, body, 'queued', 0, 0, at, at FROM j",
        );
        changed.await.map(drop)
    }

    /// Takes deliveries that are due, those that wait longest first.
    pub async fn claim_deliveries(
        &mut self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: i64,
    ) -> Result<Vec<ClaimedDelivery>, StoreError> {
        macro_rules! due {
            ($lock:literal) => {
                concat!(
                    "SELECT d.id, d.workspace_id, d.webhook_id, d.event, h.url, d.body, d.state, \
                     d.attempt, d.tries, d.claimed_at FROM delivery d \
                     JOIN webhook h ON h.workspace_id = d.workspace_id AND h.id = d.webhook_id \
                     WHERE d.due_at IS NOT NULL AND d.due_at <= $1 ORDER BY d.due_at, d.id LIMIT $2",
                    $lock
                )
            };
        }
        let statement = self.pick([due!(""), due!(" FOR UPDATE OF d SKIP LOCKED")]);
        let found: Vec<DueRow> =
            sql!(self, |c| sqlx::query_as(statement).bind(now).bind(limit).fetch_all(c))?;
        let claimed: Vec<ClaimedDelivery> = found.into_iter().map(ClaimedDelivery::from).collect();
        let rows = Rows::of(&claimed)
            .all_at("claimed_at", now)
            .all_at("due_at", lease_until)
            .uuid("id", |claim| claim.id.uuid())
            .uuid("workspace_id", |claim| claim.workspace.uuid())
            .int("attempt", |claim| claim.attempt)
            .int("tries", |claim| claim.tries);
        let changed = self.change_rows(
            rows,
            "UPDATE delivery SET state = 'sending', attempt = j.attempt, tries = j.tries, \
             due_at = j.due_at, claimed_at = j.claimed_at FROM j \
             WHERE delivery.workspace_id = j.workspace_id AND delivery.id = j.id",
        );
        StoreError::expect("delivery", claimed.len(), changed.await?)?;
        Ok(claimed)
    }

    /// Stores how far a claimed delivery has come. If it was claimed again meanwhile, nothing is
    /// stored.
    pub async fn finish_delivery(
        &mut self,
        claim: &ClaimedDelivery,
        state: DeliveryState,
        due_at: Option<Timestamp>,
        ended_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let changed = change!(
            self,
            sqlx::query(
                "UPDATE delivery SET state = $4, due_at = $5, ended_at = $6 \
                 WHERE workspace_id = $1 AND id = $2 AND attempt = $3 AND state = 'sending'"
            )
            .bind(claim.workspace.uuid())
            .bind(claim.id.uuid())
            .bind(claim.attempt)
            .bind(state.as_str())
            .bind(due_at)
            .bind(ended_at)
        )?;
        StoreError::expect("delivery", 1, changed)
    }

    /// Queues a delivery anew, with all its tries; false while it is being sent.
    pub async fn requeue_delivery(
        &mut self,
        workspace: WorkspaceId,
        id: DeliveryId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = change!(
            self,
            sqlx::query(
                "UPDATE delivery SET state = 'queued', tries = 0, due_at = $3, ended_at = NULL \
                 WHERE workspace_id = $1 AND id = $2 AND state <> 'sending'"
            )
            .bind(workspace.uuid())
            .bind(id.uuid())
            .bind(now)
        )?;
        Ok(changed == 1)
    }

    /// Has what is queued for a webhook wait until it is enabled, or go on now that it is.
    pub async fn hold_deliveries(
        &mut self,
        workspace: WorkspaceId,
        webhook: WebhookId,
        due_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        change!(
            self,
            sqlx::query(
                "UPDATE delivery SET due_at = $3 \
                 WHERE workspace_id = $1 AND webhook_id = $2 AND state = 'queued'"
            )
            .bind(workspace.uuid())
            .bind(webhook.uuid())
            .bind(due_at)
        )
        .map(drop)
    }

    /// Gives up what is queued for a webhook, and answers how much that was.
    pub async fn give_up_deliveries(
        &mut self,
        workspace: WorkspaceId,
        webhook: WebhookId,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        change!(
            self,
            sqlx::query(
                "UPDATE delivery SET state = 'failed', due_at = NULL, ended_at = $3 \
                 WHERE workspace_id = $1 AND webhook_id = $2 AND state = 'queued'"
            )
            .bind(workspace.uuid())
            .bind(webhook.uuid())
            .bind(now)
        )
    }
}

fn tell_one(
    listener: &ListenerRow,
    workspace: WorkspaceId,
    ids: &Ids,
    now: Timestamp,
    notice: &Notice,
) -> Told {
    let sender = Sender { workspace, slug: &listener.slug, site: &listener.site };
    Told {
        id: ids.uuid(now),
        webhook: listener.id,
        event: notice.event.as_str(),
        body: notice.body(sender, now),
    }
}
