//! What a run has cost, against the ceiling of its version.

use domain::{automation::Version, run::Run};
use leptos::prelude::*;

use crate::{
    components::{budget_meter::BudgetMeter, panel::Panel},
    pages::definitions::budget,
};

/// The panel; nothing where nobody estimates a cost.
pub fn show(run: &Run, version: &Version) -> Option<AnyView> {
    let (spending, budget) = (run.cost?, version.definition.budget.as_ref()?);
    let (cost, ceiling) = (budget::cost(&budget.cost), budget.per_run);
    Some(
        view! {
            <Panel title="Cost" id="cost" boxed=true>
                <div class="stack">
                    <BudgetMeter of="This run" spending ceiling />
                    <p class="small quiet">"An action costs " {cost} "."</p>
                </div>
            </Panel>
        }
        .into_any(),
    )
}
