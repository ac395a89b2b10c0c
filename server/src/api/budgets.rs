//! Budgets: what automations may spend, and what they have spent.

use axum::Json;
use domain::{
    budget::{Cost, Spending},
    money::Usd,
    permission::Permission,
};
use engine::services::BudgetStanding;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    asked::{Asked, Listed},
    describe::{Api, get},
    problem::Problem,
    schema,
};

/// What was spent, in US dollars as exact decimals
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Spending)]
pub struct Spent {
    /// Settled, with what receivers reported beyond what had been reserved
    #[schema(examples("12.80"))]
    spent: String,
    /// For attempts that have not ended, or of which nobody knows whether they acted
    reserved: String,
    /// The part of `spent` that had not been reserved
    overrun: String,
}

impl From<Spending> for Spent {
    fn from(spending: Spending) -> Self {
        Self {
            spent: spending.total().to_string(),
            reserved: spending.reserved.to_string(),
            overrun: spending.overrun.to_string(),
        }
    }
}

/// How much may be spent in a period, and how the present one stands
#[derive(Debug, Serialize, ToSchema)]
pub struct BudgetPeriod {
    every: schema::Every,
    ceiling: String,
    /// What is left of it
    left: String,
    spending: Spent,
}

/// The budget of the version in effect of a definition; amounts are US dollars as exact decimals
#[derive(Debug, Serialize, ToSchema)]
pub struct Budget {
    automation: schema::AutomationId,
    definition: String,
    version: i64,
    /// What one action costs, where that is always the same
    cost: Option<String>,
    /// What one unit costs
    cost_per_unit: Option<String>,
    /// What is reserved until the receiver reports what it cost
    reported_at_most: Option<String>,
    per_run: Option<String>,
    per_period: Option<BudgetPeriod>,
}

impl From<BudgetStanding> for Budget {
    fn from(standing: BudgetStanding) -> Self {
        let BudgetStanding { automation, budget, period } = standing;
        let spending = period.map(|period| period.spending).unwrap_or_default();
        let written = |amount: &Usd| Some(amount.to_string());
        let (cost, cost_per_unit, reported_at_most) = match &budget.cost {
            Cost::Fixed { amount } => (written(amount), None, None),
            Cost::PerUnit { price, .. } => (None, written(price), None),
            Cost::Reported { at_most } => (None, None, written(at_most)),
        };
        Self {
            automation: automation.id.into(),
            definition: automation.key,
            version: automation.version,
            cost,
            cost_per_unit,
            reported_at_most,
            per_run: budget.per_run.as_ref().and_then(written),
            per_period: budget.per_period.map(|period| BudgetPeriod {
                every: period.every.into(),
                ceiling: period.ceiling.to_string(),
                left: period.ceiling.minus(spending.committed()).to_string(),
                spending: spending.into(),
            }),
        }
    }
}

pub fn routes(api: Api) -> Api {
    api.add(
        "Budgets",
        get("/budgets", "listBudgets", "What automations may spend, and what they have spent")
            .about(
                "Cost is reserved when an attempt starts and settled when it ends; spent and reserved \
                 together never exceed a ceiling, however many processes there are.",
            )
            .needs(Permission::ViewRuns)
            .lists::<Budget>(),
        list,
    )
}

async fn list(asked: Asked) -> Result<Json<Listed<Budget>>, Problem> {
    let found = asked.services().budgets(asked.caller()).await?;
    Ok(Json(Listed::whole(found.into_iter().map(Budget::from))))
}
