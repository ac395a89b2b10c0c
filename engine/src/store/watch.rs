//! What those who watch over an instance ask: sums over all workspaces.

use domain::{
    Timestamp,
    budget::{Every, Spending},
    money::Usd,
};

use super::{Session, StoreError, sql};

/// Work that waits: items to be carried out, deliveries to be made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Queue {
    pub items: i64,
    /// Since when the one waits that could have been begun first. In the future where all of them are
    /// put off.
    pub due_since: Option<Timestamp>,
}

/// What holds automations back at this moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Guards {
    pub switches_pressed: i64,
    pub policies_on: i64,
}

/// The budgets of one kind of period, of those that are under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BudgetsUnderWay {
    pub every: Every,
    pub ceiling: Usd,
    pub spending: Spending,
}

impl Session {
    /// How many kill switches are pressed, and how many policies are on.
    pub async fn guards(&mut self) -> Result<Guards, StoreError> {
        Ok(sql!(self, |c| sqlx::query_as(
            "SELECT (SELECT COUNT(*) FROM kill_switch WHERE released_at IS NULL) \
             AS switches_pressed, \
             (SELECT COUNT(*) FROM policy WHERE on_version IS NOT NULL) AS policies_on"
        )
        .fetch_one(c))?)
    }

    /// What the periods that are under way may spend and have spent, added up by how long they last.
    pub async fn budgets_under_way(
        &mut self,
        now: Timestamp,
    ) -> Result<Vec<BudgetsUnderWay>, StoreError> {
        let mut found = Vec::with_capacity(Every::ALL.len());
        for &every in Every::ALL {
            let (ceiling, spent, reserved, overrun): (i64, i64, i64, i64) =
                sql!(self, |c| sqlx::query_as(
                    "SELECT CAST(COALESCE(SUM(ceiling), 0) AS BIGINT), \
                     CAST(COALESCE(SUM(spent), 0) AS BIGINT), \
                     CAST(COALESCE(SUM(reserved), 0) AS BIGINT), \
                     CAST(COALESCE(SUM(overrun), 0) AS BIGINT) FROM budget_period \
                     WHERE every = $1 AND begins = $2"
                )
                .bind(every.as_str())
                .bind(every.begin(now))
                .fetch_one(c))?;
            let [ceiling, spent, reserved, overrun] = [ceiling, spent, reserved, overrun]
                .map(|nanos| Usd::of_nanos(nanos).unwrap_or_default());
            let spending = Spending { spent, reserved, overrun };
            found.push(BudgetsUnderWay { every, ceiling, spending });
        }
        Ok(found)
    }

    /// The items that wait, counted along the index of the queue.
    pub async fn queue(&mut self) -> Result<Queue, StoreError> {
        Ok(sql!(self, |c| sqlx::query_as(
            "SELECT COUNT(*) AS items, MIN(not_before) AS due_since FROM run_item \
             WHERE state = 'queued'"
        )
        .fetch_one(c))?)
    }

    /// The deliveries that wait, for their turn, their next try, or the end of the present one.
    pub async fn waiting_deliveries(&mut self) -> Result<Queue, StoreError> {
        Ok(sql!(self, |c| sqlx::query_as(
            "SELECT COUNT(*) AS items, MIN(due_at) AS due_since FROM delivery \
             WHERE due_at IS NOT NULL"
        )
        .fetch_one(c))?)
    }
}
