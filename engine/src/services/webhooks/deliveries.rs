//! The log of deliveries, and sending one again.

use domain::{
    audit::{Draft, Object, Verb},
    id::DeliveryId,
    page::{Page, Seek},
    permission::Permission,
    webhook::{Delivery, DeliveryAttempt, DeliveryFilter, DeliveryState, Webhook},
};
use serde_json::json;

use super::{disabled, shown};
use crate::services::{Caller, ServiceError, Services};

/// A delivery and everything that is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryDetail {
    pub delivery: Delivery,
    /// None once it was removed.
    pub webhook: Option<Webhook>,
    /// Oldest first.
    pub attempts: Vec<DeliveryAttempt>,
}

impl Services {
    /// One page of the deliveries a filter finds, newest first.
    pub async fn deliveries(
        &self,
        caller: Caller,
        filter: &DeliveryFilter,
        seek: Seek,
        size: i64,
    ) -> Result<Page<Delivery>, ServiceError> {
        self.require(caller, Permission::ViewWebhooks).await?;
        let mut session = self.store.read().await?;
        Ok(session.delivery_page(caller.workspace, filter, seek, size).await?)
    }

    /// One delivery with all its attempts.
    pub async fn delivery(
        &self,
        caller: Caller,
        id: DeliveryId,
    ) -> Result<DeliveryDetail, ServiceError> {
        self.require(caller, Permission::ViewWebhooks).await?;
        let mut session = self.store.read().await?;
        let delivery = session.delivery(caller.workspace, id).await?;
        let delivery = delivery.ok_or(ServiceError::NotFound("delivery"))?;
        let webhook = session.webhook(caller.workspace, delivery.webhook).await?;
        let attempts = session.delivery_attempts(caller.workspace, id).await?;
        Ok(DeliveryDetail { delivery, webhook: webhook.map(|hook| shown(caller, hook)), attempts })
    }

    /// Sends a delivery again: the same bytes under the same id, with all its tries before it.
    ///
    /// # Errors
    /// The conflicts `webhook-removed`, `webhook-disabled` and `delivery-under-way`.
    pub async fn replay_delivery(
        &self,
        caller: Caller,
        id: DeliveryId,
    ) -> Result<Delivery, ServiceError> {
        self.require(caller, Permission::ManageWebhooks).await?;
        let (ids, now) = (self.ids.clone(), self.clock.now());
        self.write(move |tx| {
            Box::pin(async move {
                let missing = || ServiceError::NotFound("delivery");
                let before = tx.delivery(caller.workspace, id).await?.ok_or_else(missing)?;
                let webhook = tx.lock_webhook(caller.workspace, before.webhook).await?;
                let webhook = webhook.ok_or_else(removed)?;
                if webhook.disabled.is_some() {
                    return Err(disabled());
                }
                if !tx.requeue_delivery(caller.workspace, id, now).await? {
                    return Err(under_way());
                }
                let object = Object::new("delivery", id);
                let draft = Draft::new(caller.principal, Verb::DeliveryReplayed, object);
                let draft = draft.with(json!({
                    "webhook": before.webhook,
                    "event": before.event,
                    "before": {"state": before.state},
                }));
                tx.append_audit(caller.workspace, &ids, now, &[draft]).await?;
                let (state, due_at) = (DeliveryState::Queued, Some(now));
                Ok(Delivery { state, due_at, ended_at: None, ..before })
            })
        })
        .await
    }
}

fn removed() -> ServiceError {
    let message = "the webhook was removed, so there is nobody to send it to";
    ServiceError::conflict("webhook-removed", message)
}

fn under_way() -> ServiceError {
    let message = "the delivery is being sent at this moment; look at what becomes of it first";
    ServiceError::conflict("delivery-under-way", message)
}
