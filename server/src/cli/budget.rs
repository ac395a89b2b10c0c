//! `assize budget`: what automations may spend, and what they have spent.

use domain::{
    budget::{Cost, Spending},
    money::Usd,
};
use engine::services::BudgetStanding;
use serde::Serialize;

use super::{
    CliError, Global, open,
    output::{Report, print, table},
};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List the budgets of the versions in effect, and how their present periods stand
    List,
}

/// A budget as programs read it.
#[derive(Serialize)]
struct Row {
    definition: String,
    cost: Cost,
    per_run: Option<Usd>,
    every: Option<&'static str>,
    ceiling: Option<Usd>,
    #[serde(flatten)]
    spending: Spending,
}

#[derive(Serialize)]
struct Budgets {
    budgets: Vec<Row>,
}

impl From<BudgetStanding> for Row {
    fn from(standing: BudgetStanding) -> Self {
        let period = standing.budget.per_period;
        Self {
            definition: standing.automation.key,
            cost: standing.budget.cost,
            per_run: standing.budget.per_run,
            every: period.map(|period| period.every.as_str()),
            ceiling: period.map(|period| period.ceiling),
            spending: standing.period.map(|period| period.spending).unwrap_or_default(),
        }
    }
}

impl Report for Budgets {
    fn text(&self) -> String {
        let dollars = |amount: Option<Usd>| amount.map_or_else(none, |amount| format!("${amount}"));
        let row = |row: &Row| {
            let left = row.ceiling.map(|ceiling| ceiling.minus(row.spending.committed()));
            [
                row.definition.clone(),
                dollars(row.per_run),
                row.every.map_or_else(none, str::to_owned),
                dollars(row.ceiling),
                dollars(Some(row.spending.total())),
                dollars(Some(row.spending.reserved)),
                dollars(left),
            ]
        };
        let head = ["definition", "per run", "every", "ceiling", "spent", "reserved", "left"];
        table(head, self.budgets.iter().map(row))
    }
}

fn none() -> String {
    "none".to_owned()
}

pub async fn run(global: &Global, command: Command) -> Result<(), CliError> {
    let services = open::services(global).await?;
    let caller = open::caller(global, &services).await?;
    let Command::List = command;
    let budgets = services.budgets(caller).await?;
    print(global.format, &Budgets { budgets: budgets.into_iter().map(Row::from).collect() })
}
