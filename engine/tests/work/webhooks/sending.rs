//! Tries, pauses, interruptions, and sending again.

use std::collections::HashSet;

use chrono::TimeDelta;
use domain::{
    audit::Verb,
    id::DeliveryId,
    lease::LEASE,
    webhook::{DeliveryState, DisabledBecause, EventKind},
};
use engine::both_databases;

use super::{
    house::{Telling, outbox},
    listener::Plan,
};

/// Moves the clock to the next try and sends.
async fn next_try(house: &Telling, id: DeliveryId) -> TimeDelta {
    let due = house.delivery(id).await.delivery.due_at.unwrap();
    let pause = due - house.clock.now();
    house.clock.advance_to(due);
    assert_eq!(house.tick().await, 1);
    pause
}

both_databases! {
    async fn a_refused_delivery_is_tried_again_after_a_pause_with_the_same_id_and_bytes(db: TestStore) {
        let house = Telling::new(&db).await;
        let webhook = house.webhook(&[EventKind::RunFinished]).await.webhook;
        house.listener.plan([Plan::Status(500), Plan::Busy("900"), Plan::Hang]);
        let id = house.test(&webhook).await;
        assert_eq!(house.tick().await, 1);
        assert_eq!(house.tick().await, 0, "not before its time");
        let first = next_try(&house, id).await;
        assert!((5..=6).contains(&first.num_seconds()), "{first}");
        let second = next_try(&house, id).await;
        assert_eq!(second.num_seconds(), 900, "as the receiver asked");
        next_try(&house, id).await;
        let detail = house.delivery(id).await;
        assert_eq!((detail.delivery.state, detail.delivery.attempt), (DeliveryState::Delivered, 4));
        let statuses: Vec<_> = detail.attempts.iter().map(|attempt| attempt.status).collect();
        assert_eq!(statuses, [Some(500), Some(503), None, Some(204)]);
        let codes: Vec<_> = detail.attempts.iter().map(|attempt| {
            attempt.failure.as_ref().map(|failure| failure.code.clone()).unwrap_or_default()
        }).collect();
        assert_eq!(codes, ["http-500", "http-503", "net-reply-lost", ""]);
        assert_eq!(detail.attempts[0].response.as_deref(), Some("not like\u{FFFD}this"));
        let heard = house.listener.heard();
        let body = &heard[0].body;
        assert!(heard.iter().all(|heard| heard.id == id.to_string() && heard.body == *body));
        let sent: Vec<_> = heard.iter().map(|heard| heard.signature.clone()).collect();
        let kept: Vec<_> = detail.attempts.iter().filter_map(|a| a.signature.clone()).collect();
        assert_eq!(sent, kept);
    }

    async fn a_delivery_that_nobody_takes_for_three_days_is_given_up_and_can_be_sent_again(db: TestStore) {
        let house = Telling::new(&db).await;
        let webhook = house.webhook(&[EventKind::RunFinished]).await.webhook;
        house.listener.plan([Plan::Status(404); 10]);
        let begun = house.clock.now();
        let id = house.test(&webhook).await;
        house.tick().await;
        for _ in 0..9 {
            next_try(&house, id).await;
        }
        let detail = house.delivery(id).await;
        assert_eq!((detail.delivery.state, detail.delivery.due_at), (DeliveryState::Failed, None));
        assert_eq!(detail.attempts.len(), 10);
        let days = (house.clock.now() - begun).num_hours() as f64 / 24.0;
        assert!((3.0..4.0).contains(&days), "{days}");
        let entry = house.entered(Verb::DeliveryFailed).await.remove(0);
        assert_eq!(entry.payload.unwrap()["attempts"], 10);
        assert_eq!(house.tick().await, 0);

        house.services.replay_delivery(house.host, id).await.unwrap();
        assert_eq!(house.tick().await, 1);
        let again = house.delivery(id).await;
        assert_eq!((again.delivery.state, again.attempts.len()), (DeliveryState::Delivered, 11));
        let heard = house.listener.heard();
        assert_eq!(heard[10].body, heard[0].body);
        assert!(heard.iter().all(|heard| heard.id == id.to_string()));
        let entry = house.entered(Verb::DeliveryReplayed).await.remove(0);
        assert_eq!(entry.payload.unwrap()["before"]["state"], "failed");
    }

    async fn a_receiver_that_is_gone_is_left_alone_until_somebody_enables_it(db: TestStore) {
        let house = Telling::new(&db).await;
        let webhook = house.webhook(&[EventKind::RunFinished]).await.webhook;
        house.listener.plan([Plan::Status(503), Plan::Status(410)]);
        let waiting = house.test(&webhook).await;
        house.tick().await;
        let gone = house.test(&webhook).await;
        house.tick().await;
        let detail = house.services.webhook(house.host, webhook.id).await.unwrap();
        assert_eq!(detail.webhook.disabled.unwrap().because, DisabledBecause::Gone);
        assert_eq!(house.delivery(gone).await.delivery.state, DeliveryState::Failed);
        let held = house.delivery(waiting).await.delivery;
        assert_eq!((held.state, held.due_at), (DeliveryState::Queued, None));
        house.clock.advance(TimeDelta::days(1));
        assert_eq!(house.tick().await, 0);
        let entry = house.entered(Verb::WebhookGone).await.remove(0);
        assert_eq!((entry.actor_kind.as_str(), entry.object.id), ("system", webhook.id.to_string()));
        house.services.set_webhook_enabled(house.host, webhook.id, true).await.unwrap();
        assert_eq!(house.tick().await, 1);
        assert_eq!(house.delivery(waiting).await.delivery.state, DeliveryState::Delivered);
    }

    async fn two_workers_never_send_the_same_attempt(db: TestStore) {
        let house = Telling::new(&db).await;
        let webhook = house.webhook(&[EventKind::RunFinished]).await.webhook;
        for _ in 0..40 {
            house.test(&webhook).await;
        }
        let (other, now) = (outbox(&house.services), house.clock.now());
        loop {
            let (one, two) = tokio::join!(house.outbox.tick(now), other.tick(now));
            if one.unwrap() + two.unwrap() == 0 {
                break;
            }
        }
        let heard = house.listener.heard();
        let ids: HashSet<_> = heard.iter().map(|heard| heard.id.clone()).collect();
        assert_eq!((heard.len(), ids.len()), (40, 40));
    }

    async fn what_a_dead_worker_had_taken_is_sent_by_the_next_under_the_same_id(db: TestStore) {
        let house = Telling::new(&db).await;
        let webhook = house.webhook(&[EventKind::RunFinished]).await.webhook;
        let id = house.test(&webhook).await;
        let now = house.clock.now();
        let mut tx = db.store.begin().await.unwrap();
        let claimed = tx.claim_deliveries(now, now + LEASE, 10).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(claimed.len(), 1);
        assert_eq!(house.delivery(id).await.delivery.state, DeliveryState::Sending);
        let refused = house.services.replay_delivery(house.host, id).await.unwrap_err();
        assert_eq!(refused.code(), "delivery-under-way");
        assert_eq!(house.tick().await, 0, "it is the other's");
        house.clock.advance(LEASE);
        assert_eq!(house.tick().await, 1);
        assert_eq!(house.listener.only().id, id.to_string());
        let detail = house.delivery(id).await;
        let found: Vec<_> = detail.attempts.iter().map(|attempt| {
            (attempt.number, attempt.failure.as_ref().map(|failure| failure.code.clone()))
        }).collect();
        assert_eq!(found, [(1, Some("interrupted".to_owned())), (2, None)]);

        // The dead one comes back: its answer changes nothing.
        let mut tx = db.store.begin().await.unwrap();
        let late = tx.finish_delivery(&claimed[0], DeliveryState::Failed, None, Some(now)).await;
        assert!(matches!(late, Err(engine::store::StoreError::Stale { .. })), "{late:?}");
    }
}
