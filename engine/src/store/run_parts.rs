//! Groups of columns of a run that are one value in the domain.

use domain::{Timestamp, budget::Spending, counts::Counts, report::Tally, run::Told};

use super::{StoreError, budgets::usd};

/// The stored counts.
#[derive(Clone, Copy, sqlx::FromRow)]
pub(super) struct CountsRow {
    subjects_matched: i64,
    actions_invoked: i64,
    open_items: i64,
    succeeded: i64,
    failed: i64,
    skipped: i64,
    awaiting_approval: i64,
    idempotent_replay: i64,
}

impl From<CountsRow> for Counts {
    fn from(row: CountsRow) -> Self {
        Self {
            subjects_matched: row.subjects_matched,
            actions_invoked: row.actions_invoked,
            open: row.open_items,
            succeeded: row.succeeded,
            failed: row.failed,
            skipped: row.skipped,
            awaiting_approval: row.awaiting_approval,
            idempotent_replay: row.idempotent_replay,
        }
    }
}

/// What a run has cost; null where nobody estimates it.
#[derive(Clone, Copy, sqlx::FromRow)]
pub(super) struct CostRow {
    cost_spent: Option<i64>,
    cost_reserved: Option<i64>,
    cost_overrun: Option<i64>,
}

impl CostRow {
    pub(super) fn read(self) -> Result<Option<Spending>, StoreError> {
        let (Some(spent), Some(reserved), Some(overrun)) =
            (self.cost_spent, self.cost_reserved, self.cost_overrun)
        else {
            return Ok(None);
        };
        Ok(Some(Spending {
            spent: usd("run", "cost_spent", spent)?,
            reserved: usd("run", "cost_reserved", reserved)?,
            overrun: usd("run", "cost_overrun", overrun)?,
        }))
    }
}

/// What a reported run tells at its head; null for one that is executed.
#[derive(Clone, Copy, sqlx::FromRow)]
pub(super) struct ToldRow {
    steps: Option<i64>,
    failed_steps: Option<i64>,
    silent_since: Option<Timestamp>,
}

impl From<ToldRow> for Option<Told> {
    fn from(row: ToldRow) -> Self {
        let ToldRow { steps, failed_steps, silent_since } = row;
        let (steps, failed_steps) = steps.zip(failed_steps)?;
        Some(Told { steps, failed_steps, silent_since })
    }
}

/// What reports tell beyond the outcomes.
#[derive(Clone, Copy, sqlx::FromRow)]
pub(super) struct TallyRow {
    tool_invocations: i64,
    memory_writes: i64,
    incidents: i64,
    reports: i64,
}

impl From<TallyRow> for Tally {
    fn from(row: TallyRow) -> Self {
        let TallyRow { tool_invocations, memory_writes, incidents, reports } = row;
        Self { tool_invocations, memory_writes, incidents, reports }
    }
}
