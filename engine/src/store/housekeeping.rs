//! What only grows and is no evidence: it goes some time after it ended, in small batches.

use domain::{Timestamp, id::TriggerEventId};
use uuid::Uuid;

use super::{Rows, Session, StoreError, Tx, change, sql};

/// Rows of one statement.
macro_rules! batch {
    () => {
        "500"
    };
}

/// Trigger events that are looked at in one transaction.
const EVENTS: i64 = 500;

/// What the sweeps of all processes did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Sweeps {
    /// When nothing was left to do; `None` before the first time.
    pub finished_at: Option<Timestamp>,
    /// Runs pruned since the instance began.
    pub runs: i64,
    /// Stubs removed since then.
    pub stubs: i64,
}

impl Session {
    pub async fn sweeps(&mut self) -> Result<Sweeps, StoreError> {
        Ok(sql!(self, |c| sqlx::query_as(
            "SELECT finished_at, runs, stubs FROM sweep WHERE id = 1"
        )
        .fetch_one(c))?)
    }
}

/// A method that deletes a batch of what ended before an instant.
macro_rules! forget {
    ($(#[$doc:meta])* $name:ident, $table:literal, $key:literal, $when:literal) => {
        $(#[$doc])*
        pub async fn $name(&mut self, before: Timestamp) -> Result<u64, StoreError> {
            let statement = concat!(
                "DELETE FROM ", $table, " WHERE (", $key, ") IN (SELECT ", $key, " FROM ", $table,
                " WHERE ", $when, " < $1 ORDER BY ", $when, " LIMIT ", batch!(), ")"
            );
            change!(self, sqlx::query(statement).bind(before))
        }
    };
}

/// Deletes a batch of checkpoints from before an instant whose successor is of the same day.
macro_rules! older_checkpoints {
    ($same_day:literal) => {
        concat!(
            "DELETE FROM checkpoint WHERE (workspace_id, number) IN ( \
                SELECT c.workspace_id, c.number FROM workspace w CROSS JOIN checkpoint c \
                CROSS JOIN checkpoint n WHERE c.workspace_id = w.id AND c.signed_at < $1 \
                AND n.workspace_id = c.workspace_id AND n.epoch = c.epoch \
                AND n.number = (SELECT MIN(m.number) FROM checkpoint m \
                    WHERE m.workspace_id = c.workspace_id AND m.number > c.number) AND ",
            $same_day,
            " AND NOT EXISTS (SELECT 1 FROM checkpoint_stamp s \
                    WHERE s.workspace_id = c.workspace_id AND s.checkpoint_number = c.number) \
                ORDER BY c.signed_at LIMIT ",
            batch!(),
            ")"
        )
    };
}

impl Tx {
    forget! {
        /// Forgets sessions that ended by themselves.
        forget_sessions, "session", "token_hash", "expires_at"
    }
    forget! {
        /// Forgets sign-in links, used or not.
        forget_sign_in_links, "sign_in_link", "token_hash", "expires_at"
    }
    forget! {
        /// Forgets answers to writes with a key.
        forget_old_answers, "idempotency_key", "workspace_id, principal, key", "created_at"
    }

    /// Forgets checkpoints from before an instant that a later one of the same day makes dispensable: it
    /// says all that they said. One with a time stamp stays.
    pub async fn forget_checkpoints(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        let statement = self.pick([
            older_checkpoints!("substr(n.signed_at, 1, 10) = substr(c.signed_at, 1, 10)"),
            older_checkpoints!(
                "(n.signed_at AT TIME ZONE 'UTC')::date = (c.signed_at AT TIME ZONE 'UTC')::date"
            ),
        ]);
        change!(self, sqlx::query(statement).bind(before))
    }

    /// Deletes deliveries that ended before an instant, with their attempts.
    pub async fn forget_deliveries(
        &mut self,
        before: Timestamp,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let ended: Vec<Uuid> = sql!(self, |c| sqlx::query_scalar(concat!(
            "SELECT id FROM delivery WHERE due_at IS NULL AND ended_at IS NOT NULL \
             AND ended_at < $1 AND state IN ('delivered', 'failed') ORDER BY ended_at, id LIMIT ",
            batch!()
        ))
        .bind(before)
        .fetch_all(c))?;
        let rows = || Rows::of(&ended).all_at("now", now).uuid("id", |id| *id);
        for statement in [
            "UPDATE delivery SET expired_at = j.now FROM j WHERE delivery.id = j.id \
             AND delivery.expired_at IS NULL",
            "DELETE FROM delivery_attempt WHERE delivery_id IN (SELECT id FROM j)",
        ] {
            self.change_rows(rows(), statement).await?;
        }
        self.change_rows(rows(), "DELETE FROM delivery WHERE id IN (SELECT id FROM j)").await
    }

    /// Deletes trigger events from before an instant that set nothing off, looking at some of them at
    /// a time, oldest first. What old events set off is settled, so each is looked at once. Answers
    /// with how many were looked at, and how many of those went.
    pub async fn forget_idle_events(
        &mut self,
        before: Timestamp,
    ) -> Result<(usize, u64), StoreError> {
        let seen: Vec<(Uuid, Timestamp)> = sql!(self, |c| sqlx::query_as(
            "SELECT e.id, e.received_at FROM trigger_event e \
             WHERE e.id > COALESCE((SELECT events_to FROM sweep WHERE id = 1), $1) \
             ORDER BY e.id LIMIT $2"
        )
        .bind(Uuid::nil())
        .bind(EVENTS)
        .fetch_all(c))?;
        let old: Vec<_> = seen.into_iter().take_while(|(_, at)| *at < before).collect();
        let Some(&(last, _)) = old.last() else { return Ok((0, 0)) };
        let events: Vec<_> = old.iter().map(|(id, _)| TriggerEventId::new(*id)).collect();
        let rows = Rows::of(&events).uuid("id", |event| event.uuid());
        let forgotten = self.change_rows(
            rows,
            "DELETE FROM trigger_event WHERE id IN (SELECT id FROM j) \
             AND NOT EXISTS (SELECT 1 FROM run r WHERE r.workspace_id = trigger_event.workspace_id \
                AND r.trigger_event_id = trigger_event.id) \
             AND NOT EXISTS (SELECT 1 FROM refused_firing f \
                WHERE f.trigger_event_id = trigger_event.id)",
        );
        let forgotten = forgotten.await?;
        change!(self, sqlx::query("UPDATE sweep SET events_to = $1 WHERE id = 1").bind(last))?;
        Ok((old.len(), forgotten))
    }

    /// Remembers that nothing was left to do.
    pub async fn finish_sweep(&mut self, now: Timestamp) -> Result<(), StoreError> {
        change!(self, sqlx::query("UPDATE sweep SET finished_at = $1 WHERE id = 1").bind(now))
            .map(drop)
    }
}
