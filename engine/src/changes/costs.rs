//! What the items of a batch cost: reserved when they start, settled when they end, and written once
//! for each run and each period of a budget.

use std::collections::BTreeMap;

use domain::{
    Timestamp,
    budget::{Budget, Change, Exceeded, ItemCost, Spending, stays_reserved},
    id::{AutomationId, ItemId, RunId},
    item::Item,
    money::Usd,
    problem::Failure,
};

use super::Changes;
use crate::store::{BudgetPeriod, StoreError, Tx};

/// A period of a budget: as it was found, and what is to be changed.
#[derive(Debug, Clone, Copy, Default)]
struct Purse {
    found: Spending,
    change: Change,
    /// Of the version that takes something out.
    ceiling: Usd,
}

/// What a run's items change, and the ceiling of its version.
#[derive(Debug, Clone, Copy, Default)]
struct RunPurse {
    change: Change,
    ceiling: Option<Usd>,
}

/// All that a batch changes about money. Empty where no definition has a budget.
#[derive(Debug, Default)]
pub(super) struct Costs {
    runs: BTreeMap<RunId, RunPurse>,
    periods: BTreeMap<BudgetPeriod, Purse>,
    items: BTreeMap<ItemId, ItemCost>,
}

/// The period of a budget at an instant, if it has one.
pub(crate) fn period_of(
    automation: AutomationId,
    budget: &Budget,
    at: Timestamp,
) -> Option<BudgetPeriod> {
    let every = budget.per_period?.every;
    Some(BudgetPeriod { automation, every, begins: every.begin(at) })
}

impl Costs {
    /// A period as it stands before anything of this batch.
    fn period(&mut self, period: BudgetPeriod) -> &mut Purse {
        self.periods.entry(period).or_default()
    }

    fn change(&mut self, cost: &ItemCost, by: Change) {
        self.runs.entry(cost.run).or_default().change += by;
        if let Some((every, begins)) = cost.period {
            let period = BudgetPeriod { automation: cost.automation, every, begins };
            self.period(period).change += by;
        }
    }
}

impl Changes {
    /// Says how a period stood when the batch was worked out.
    pub(crate) fn found_period(&mut self, period: BudgetPeriod, spending: Spending) {
        self.costs.period(period).found = spending;
    }

    /// Reserves what an item is about to cost; refuses what would exceed a ceiling.
    pub(crate) fn reserve(
        &mut self,
        item: &Item,
        automation: AutomationId,
        budget: &Budget,
        amount: Usd,
        earlier: Option<ItemCost>,
    ) -> Result<ItemCost, Failure> {
        let period = period_of(automation, budget, self.now);
        let mut cost = earlier.unwrap_or(ItemCost {
            item: item.id,
            run: item.run,
            automation,
            period: None,
            spent: Usd::default(),
            reserved: Usd::default(),
        });
        if cost.reserved > Usd::default() {
            // An attempt of which nobody knows whether it acted, or that is tried again, has reserved it.
            return Ok(cost);
        }
        self.check(item.run, period, budget, amount)?;
        cost.period = period.map(|period| (period.every, period.begins));
        cost.reserved = amount;
        self.costs.change(&cost, Change::reserving(amount));
        self.costs.items.insert(cost.item, cost);
        Ok(cost)
    }

    fn check(
        &mut self,
        run: RunId,
        period: Option<BudgetPeriod>,
        budget: &Budget,
        amount: Usd,
    ) -> Result<(), Failure> {
        let spent = self.run(run).and_then(|run| run.cost).unwrap_or_default();
        let purse = self.costs.runs.entry(run).or_default();
        purse.ceiling = budget.per_run;
        if let Some(ceiling) = budget.per_run {
            let spent = spent.after(purse.change).unwrap_or(spent);
            spent.check(amount, ceiling).map_err(|exceeded| exceeded.failure(None))?;
        }
        let (Some(period), Some(ceiling)) = (period, budget.per_period) else { return Ok(()) };
        let purse = self.costs.period(period);
        purse.ceiling = ceiling.ceiling;
        let spent = purse.found.after(purse.change).unwrap_or(purse.found);
        let exceeded = |exceeded: Exceeded| exceeded.failure(Some(ceiling.every));
        spent.check(amount, ceiling.ceiling).map_err(exceeded)
    }

    /// Settles what was reserved for an item: this much it cost.
    pub(crate) fn settle_cost(&mut self, cost: ItemCost, spent: Usd) {
        self.costs.change(&cost, Change::settling(cost.reserved, spent));
        let settled = ItemCost { spent: cost.spent.plus(spent), reserved: Usd::default(), ..cost };
        self.costs.items.insert(cost.item, settled);
    }

    /// What a run will have cost when all of this is written.
    pub(crate) fn cost_of(&self, run: RunId) -> Option<Spending> {
        let found = self.run(run)?.cost?;
        let change = self.costs.runs.get(&run).map(|purse| purse.change).unwrap_or_default();
        found.after(change)
    }

    /// Frees what is reserved for items that end here without having been called, unless an earlier
    /// attempt may have acted.
    pub(super) async fn free_what_is_left(&mut self, tx: &mut Tx) -> Result<(), StoreError> {
        let budgeted = |run: RunId| self.run(run).is_some_and(|run| run.cost.is_some());
        let ended = self.items.values().map(|fenced| &fenced.after).filter(|item| {
            item.state.is_final() && !self.costs.items.contains_key(&item.id) && budgeted(item.run)
        });
        let free: Vec<ItemId> =
            ended.filter(|item| !stays_reserved(item)).map(|item| item.id).collect();
        if free.is_empty() {
            return Ok(());
        }
        let reserved = tx.item_costs(self.workspace, &free).await?;
        for cost in reserved.into_values().filter(|cost| cost.reserved > Usd::default()) {
            self.settle_cost(cost, Usd::default());
        }
        Ok(())
    }

    /// Adds up what the runs cost.
    ///
    /// # Errors
    /// `Stale` where meanwhile so much was spent in a run that there is not enough left.
    pub(super) fn cost_runs(&mut self) -> Result<(), StoreError> {
        const STALE: StoreError = StoreError::Stale { what: "budget", expected: 1, changed: 0 };
        for (id, RunPurse { change, ceiling }) in std::mem::take(&mut self.costs.runs) {
            let Some(run) = self.run_mut(id) else { continue };
            let after = run.cost.unwrap_or_default().after(change).ok_or(STALE)?;
            if change.takes() && ceiling.is_some_and(|ceiling| after.committed() > ceiling) {
                return Err(STALE);
            }
            run.cost = Some(after);
        }
        Ok(())
    }

    /// Writes what items cost and what periods have left, in the order of the periods: two writers
    /// never wait in a circle.
    pub(super) async fn write_costs(&mut self, tx: &mut Tx) -> Result<(), StoreError> {
        let Costs { periods, items, .. } = std::mem::take(&mut self.costs);
        for (period, Purse { change, ceiling, .. }) in periods {
            if change != Change::default() {
                tx.change_budget(self.workspace, period, change, ceiling).await?;
            }
        }
        let items: Vec<ItemCost> = items.into_values().collect();
        tx.upsert_item_costs(self.workspace, &items).await
    }
}
