//! Budgets: what automations may spend, and what they have spent. Reserving and settling is in
//! `changes/costs.rs`, with the attempts it is for.

use domain::{
    automation::Automation,
    budget::{Budget, ItemCost, PeriodSpending},
    id::{AutomationId, ItemId, RunId},
    permission::Permission,
};

use super::{Caller, ServiceError, Services};
use crate::changes::period_of;

/// A budget of a version in effect, and how its present period stands.
#[derive(Debug, Clone, PartialEq)]
pub struct BudgetStanding {
    pub automation: Automation,
    pub budget: Budget,
    /// `None` where there is no ceiling for periods, or nothing was spent in the present one.
    pub period: Option<PeriodSpending>,
}

impl Services {
    /// The budgets of the versions in effect, by key of their definitions.
    pub async fn budgets(&self, caller: Caller) -> Result<Vec<BudgetStanding>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        let now = self.clock.now();
        let mut found = Vec::new();
        for state in session.automations(caller.workspace).await? {
            let Some(budget) = state.definition.budget else { continue };
            let automation = state.automation;
            let period = match period_of(automation.id, &budget, now) {
                Some(period) => session.budget_period(caller.workspace, period).await?,
                None => None,
            };
            found.push(BudgetStanding { automation, budget, period });
        }
        Ok(found)
    }

    /// What an automation spent in its periods, the latest first.
    pub async fn budget_periods(
        &self,
        caller: Caller,
        automation: AutomationId,
    ) -> Result<Vec<PeriodSpending>, ServiceError> {
        const MOST: i64 = 12;
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        Ok(session.budget_periods(caller.workspace, automation, MOST).await?)
    }

    /// What an item has cost and what is reserved for it; `None` where nobody estimates it.
    pub async fn item_cost(
        &self,
        caller: Caller,
        run: RunId,
        item: ItemId,
    ) -> Result<Option<ItemCost>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        let found = session.run(caller.workspace, run).await?;
        found.ok_or(ServiceError::NotFound("run"))?;
        let mut costs = session.item_costs(caller.workspace, &[item]).await?;
        Ok(costs.remove(&item).filter(|cost| cost.run == run))
    }
}
