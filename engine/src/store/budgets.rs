//! What was spent: by item, and by automation and period.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::{
    budget::{Change, Every, ItemCost, PeriodSpending, Spending},
    id::{AutomationId, ItemId, RunId, WorkspaceId},
    money::Usd,
};
use uuid::Uuid;

use super::{Rows, Session, StoreError, Tx, change, sql};

/// A period of an automation's budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BudgetPeriod {
    pub automation: AutomationId,
    pub every: Every,
    pub begins: NaiveDate,
}

/// Spending as it is stored.
#[derive(Clone, Copy, sqlx::FromRow)]
struct SpendingRow {
    spent: i64,
    reserved: i64,
    overrun: i64,
}

#[derive(sqlx::FromRow)]
struct PeriodRow {
    automation_id: Uuid,
    every: String,
    begins: NaiveDate,
    ceiling: i64,
    #[sqlx(flatten)]
    spending: SpendingRow,
}

#[derive(sqlx::FromRow)]
struct CostRow {
    item_id: Uuid,
    run_id: Uuid,
    automation_id: Uuid,
    every: Option<String>,
    begins: Option<NaiveDate>,
    spent: i64,
    reserved: i64,
}

pub(super) fn usd(
    table: &'static str,
    column: &'static str,
    nanos: i64,
) -> Result<Usd, StoreError> {
    Usd::of_nanos(nanos)
        .ok_or_else(|| StoreError::inconsistent(table, column, "it is less than nothing"))
}

fn every(table: &'static str, word: &str) -> Result<Every, StoreError> {
    word.parse().map_err(|error| StoreError::inconsistent(table, "every", error))
}

impl SpendingRow {
    fn read(self, table: &'static str) -> Result<Spending, StoreError> {
        Ok(Spending {
            spent: usd(table, "spent", self.spent)?,
            reserved: usd(table, "reserved", self.reserved)?,
            overrun: usd(table, "overrun", self.overrun)?,
        })
    }
}

impl TryFrom<PeriodRow> for PeriodSpending {
    type Error = StoreError;

    fn try_from(row: PeriodRow) -> Result<Self, StoreError> {
        const TABLE: &str = "budget_period";
        Ok(Self {
            automation: AutomationId::new(row.automation_id),
            every: every(TABLE, &row.every)?,
            begins: row.begins,
            ceiling: usd(TABLE, "ceiling", row.ceiling)?,
            spending: row.spending.read(TABLE)?,
        })
    }
}

impl TryFrom<CostRow> for ItemCost {
    type Error = StoreError;

    fn try_from(row: CostRow) -> Result<Self, StoreError> {
        const TABLE: &str = "item_cost";
        let period = match row.every.zip(row.begins) {
            Some((word, begins)) => Some((every(TABLE, &word)?, begins)),
            None => None,
        };
        Ok(Self {
            item: ItemId::new(row.item_id),
            run: RunId::new(row.run_id),
            automation: AutomationId::new(row.automation_id),
            period,
            spent: usd(TABLE, "spent", row.spent)?,
            reserved: usd(TABLE, "reserved", row.reserved)?,
        })
    }
}

impl Session {
    /// How the periods of an automation's budget stand, the latest first.
    pub async fn budget_periods(
        &mut self,
        workspace: WorkspaceId,
        automation: AutomationId,
        limit: i64,
    ) -> Result<Vec<PeriodSpending>, StoreError> {
        let found: Vec<PeriodRow> = sql!(self, |c| sqlx::query_as(
            "SELECT automation_id, every, begins, ceiling, spent, reserved, overrun \
             FROM budget_period WHERE workspace_id = $1 AND automation_id = $2 \
             ORDER BY begins DESC, every LIMIT $3"
        )
        .bind(workspace.uuid())
        .bind(automation.uuid())
        .bind(limit)
        .fetch_all(c))?;
        found.into_iter().map(PeriodSpending::try_from).collect()
    }

    /// How one period stands; `None` where nothing was reserved in it yet.
    pub async fn budget_period(
        &mut self,
        workspace: WorkspaceId,
        period: BudgetPeriod,
    ) -> Result<Option<PeriodSpending>, StoreError> {
        let found: Option<PeriodRow> = sql!(self, |c| sqlx::query_as(
            "SELECT automation_id, every, begins, ceiling, spent, reserved, overrun \
             FROM budget_period WHERE workspace_id = $1 AND automation_id = $2 AND every = $3 \
             AND begins = $4"
        )
        .bind(workspace.uuid())
        .bind(period.automation.uuid())
        .bind(period.every.as_str())
        .bind(period.begins)
        .fetch_optional(c))?;
        found.map(PeriodSpending::try_from).transpose()
    }

    /// What these items have cost, by item; those that never cost anything are left out.
    pub async fn item_costs(
        &mut self,
        workspace: WorkspaceId,
        items: &[ItemId],
    ) -> Result<HashMap<ItemId, ItemCost>, StoreError> {
        let rows = Rows::of(items).within(workspace).uuid("id", |id| id.uuid());
        let found: Vec<CostRow> = self
            .fetch_rows(
                rows,
                "SELECT c.item_id, c.run_id, c.automation_id, c.every, c.begins, c.spent, \
                 c.reserved FROM j JOIN item_cost c ON c.workspace_id = j.workspace_id \
                 AND c.item_id = j.id",
            )
            .await?;
        let costs = found.into_iter().map(|row| {
            let cost = ItemCost::try_from(row)?;
            Ok((cost.item, cost))
        });
        costs.collect()
    }
}

impl Tx {
    /// Changes what was spent and reserved in a period, all at once. What takes something is refused
    /// where it would exceed the ceiling: the row is locked by its change, so whoever comes second
    /// sees what the first one left.
    pub async fn change_budget(
        &mut self,
        workspace: WorkspaceId,
        period: BudgetPeriod,
        by: Change,
        ceiling: Usd,
    ) -> Result<(), StoreError> {
        let changed = change!(
            self,
            sqlx::query(
                "UPDATE budget_period SET spent = spent + $5, reserved = reserved + $6, \
                 overrun = overrun + $7, ceiling = CASE WHEN $5 + $6 > 0 THEN $8 ELSE ceiling END \
                 WHERE workspace_id = $1 AND automation_id = $2 AND every = $3 AND begins = $4 \
                 AND ($5 + $6 <= 0 OR spent + reserved + overrun + $5 + $6 <= $8)"
            )
            .bind(workspace.uuid())
            .bind(period.automation.uuid())
            .bind(period.every.as_str())
            .bind(period.begins)
            .bind(by.spent)
            .bind(by.reserved)
            .bind(by.overrun)
            .bind(ceiling.nanos())
        )?;
        if changed == 1 {
            return Ok(());
        }
        // Nothing was reserved in this period yet, or there is not enough left.
        let inserted = change!(
            self,
            sqlx::query(
                "INSERT INTO budget_period (workspace_id, automation_id, every, begins, ceiling, \
                 spent, reserved, overrun) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
                 ON CONFLICT DO NOTHING"
            )
            .bind(workspace.uuid())
            .bind(period.automation.uuid())
            .bind(period.every.as_str())
            .bind(period.begins)
            .bind(ceiling.nanos())
            .bind(by.spent)
            .bind(by.reserved)
            .bind(by.overrun)
        )?;
        StoreError::expect("budget", 1, inserted)
    }

    /// Stores what items have cost.
    pub async fn upsert_item_costs(
        &mut self,
        workspace: WorkspaceId,
        costs: &[ItemCost],
    ) -> Result<(), StoreError> {
        let rows = Rows::of(costs)
            .within(workspace)
            .uuid("item_id", |cost| cost.item.uuid())
            .uuid("run_id", |cost| cost.run.uuid())
            .uuid("automation_id", |cost| cost.automation.uuid())
            .text("every", |cost| cost.period.map(|(every, _)| every.as_str()))
            .day("begins", |cost| cost.period.map(|(_, begins)| begins))
            .int("spent", |cost| cost.spent.nanos())
            .int("reserved", |cost| cost.reserved.nanos());
        let changed = self.change_rows(
            rows,
            "INSERT INTO item_cost (workspace_id, item_id, run_id, automation_id, every, begins, \
             spent, reserved) SELECT workspace_id, item_id, run_id, automation_id, every, begins, \
             spent, reserved FROM j WHERE true ON CONFLICT (workspace_id, item_id) DO UPDATE \
             SET every = excluded.every, begins = excluded.begins, spent = excluded.spent, \
             reserved = excluded.reserved",
        );
        StoreError::expect("item_cost", costs.len(), changed.await?)
    }
}
