//! What a definition may spend, and what it has spent in its periods.

use domain::{
    budget::{Budget, Cost, Every, PeriodSpending, Spending},
    period::Period,
};
use engine::store::InEffect;
use leptos::prelude::*;

use crate::{
    components::{
        budget_meter::BudgetMeter,
        key_value::{Entry, KeyValue},
        panel::Panel,
    },
    context::Page,
    fault::Fault,
};

/// The panel; nothing for a definition without a budget.
pub async fn show(page: &Page, state: &InEffect) -> Result<Option<AnyView>, Fault> {
    let Some(budget) = &state.definition.budget else { return Ok(None) };
    let id = state.automation.id;
    let periods = page.services.budget_periods(page.caller, id).await?;
    let meters = meters(page, budget, periods);
    let per_run = budget.per_run.map_or("no ceiling".to_owned(), |ceiling| format!("${ceiling}"));
    let per_period = match budget.per_period {
        Some(period) => format!("${} every {}", period.ceiling, period.every),
        None => "no ceiling".to_owned(),
    };
    let cost = cost(&budget.cost);
    Ok(Some(
        view! {
            <Panel
                title="Budget"
                id="budget"
                note="reserved when an attempt starts, settled when it ends; never exceeded"
                boxed=true
            >
                <div class="stack">
                    <KeyValue>
                        <Entry term="An action costs">{cost}</Entry>
                        <Entry term="A run may spend">{per_run}</Entry>
                        <Entry term="A period may spend">{per_period}</Entry>
                    </KeyValue>
                    {meters}
                </div>
            </Panel>
        }
        .into_any(),
    ))
}

/// What one action costs, in words.
pub fn cost(cost: &Cost) -> AnyView {
    match cost {
        Cost::Fixed { amount } => format!("${amount}").into_any(),
        Cost::PerUnit { price, units } => {
            let (price, units) = (format!("${price} for each unit of "), units.clone());
            view! { {price} <code>{units}</code> }.into_any()
        }
        Cost::Reported { at_most } => {
            format!("what the receiver reports; ${at_most} is reserved until then").into_any()
        }
    }
}

/// The present period, whether or not anything was spent in it, and those before.
fn meters(page: &Page, budget: &Budget, mut periods: Vec<PeriodSpending>) -> AnyView {
    let Some(now) = budget.per_period else { return ().into_any() };
    let begins = now.every.begin(page.now);
    if !periods.iter().any(|period| (period.every, period.begins) == (now.every, begins)) {
        let Some(last) = periods.first().copied() else {
            let (of, ceiling) = (named(now.every, begins), Some(now.ceiling));
            return view! { <BudgetMeter of spending=Spending::default() ceiling /> }.into_any();
        };
        let present = PeriodSpending {
            every: now.every,
            begins,
            ceiling: now.ceiling,
            spending: Spending::default(),
            ..last
        };
        periods.insert(0, present);
    }
    let meter = |period: PeriodSpending| {
        let of = named(period.every, period.begins);
        view! { <BudgetMeter of spending=period.spending ceiling=Some(period.ceiling) /> }
    };
    periods.into_iter().map(meter).collect_view().into_any()
}

/// What a period is called: `November 2026`, `Q4 2026`, or its first day.
fn named(every: Every, begins: chrono::NaiveDate) -> String {
    match every {
        Every::Day => begins.format("%-d %b %Y").to_string(),
        Every::Week => format!("Week of {}", begins.format("%-d %b %Y")),
        Every::Month => Period::month_of(begins).to_string(),
        Every::Quarter => Period::quarter_of(begins).to_string(),
    }
}
