//! The items of a plan, one table a verdict: first those that need the member's word.

use domain::{
    permission::Permission,
    retry::{PlanItem, PlanVerdict, RetryPlan},
};
use leptos::prelude::*;

use super::super::words;
use crate::{
    components::{
        data_table::{Cell, Column, DataTable, HeadCell, Row},
        panel::Panel,
        status_badge::StatusBadge,
    },
    context::Page,
    format,
};

/// Items whose row is shown where none of them has to be ticked.
const SHOWN: usize = 100;

/// One table for each verdict that some item has.
pub fn tables(page: &Page, plan: &RetryPlan) -> AnyView {
    let tables = [PlanVerdict::Confirm, PlanVerdict::Pointless, PlanVerdict::Safe]
        .into_iter()
        .filter_map(|verdict| table(page, plan, verdict));
    tables.collect_view().into_any()
}

fn table(page: &Page, plan: &RetryPlan, verdict: PlanVerdict) -> Option<AnyView> {
    let of_it = || plan.items.iter().filter(|item| item.verdict == verdict);
    let count = of_it().count();
    if count == 0 {
        return None;
    }
    // A safe item needs no decision of its own, so a long list of them may end early.
    let ticked = verdict != PlanVerdict::Safe;
    let shown = if ticked { count } else { count.min(SHOWN) };
    let boxes = ticked && page.may(Permission::RetryItems);
    let acknowledged: Vec<&str> = page.form.values_of(verdict.as_str()).collect();
    let rows = of_it().take(shown).map(|item| {
        let checked = acknowledged.contains(&item.item.to_string().as_str());
        row(page, plan, item, boxes.then_some(checked))
    });
    let rows = rows.collect_view();
    let mut columns = vec![Column::new("Subject"), Column::new("Verdict"), Column::new("Reason")];
    if boxes {
        columns.push(Column::new("Retry it"));
    }
    let hidden = i64::try_from(count - shown).unwrap_or(i64::MAX);
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let (title, note) = headline(verdict);
    Some(
        view! {
            <Panel title=format!("{}: {}", title, format::plural(count, "item", "items")) note>
                <div class="runs-plan">
                    <DataTable caption=title columns>
                        {rows}
                    </DataTable>
                </div>
                {(hidden > 0)
                    .then(|| {
                        view! {
                            <p class="runs-hint">
                                {format!("and {} more, with the same verdict", format::count(hidden))}
                            </p>
                        }
                    })}
            </Panel>
        }
        .into_any(),
    )
}

const fn headline(verdict: PlanVerdict) -> (&'static str, &'static str) {
    match verdict {
        PlanVerdict::Safe => ("Safe", "nothing can happen twice"),
        PlanVerdict::Confirm => ("To confirm", "it could happen twice; tick what to retry"),
        PlanVerdict::Pointless => ("Pointless", "mend the cause first; tick what to retry anyway"),
        PlanVerdict::NotEligible => ("Not eligible", "nothing to retry here"),
    }
}

/// `checked` is `None` where nothing is to be ticked. The field is named for the verdict, so that a
/// tick that comes back counts only while the verdict is the same.
fn row(page: &Page, plan: &RetryPlan, item: &PlanItem, checked: Option<bool>) -> AnyView {
    let status = words::verdict_status(item.verdict);
    let tick = checked.map(|checked| {
        let label = format!("Retry {}", item.subject_key);
        let (name, value) = (item.verdict.as_str(), item.item.to_string());
        view! {
            <Cell label="Retry it" fit=true>
                <label class="field-check">
                    <input
                        type="checkbox"
                        name=name
                        value=value
                        checked=checked
                        aria-label=label
                    />
                </label>
            </Cell>
        }
    });
    let href = page.place.item(plan.run, item.item);
    let (key, reason) = (item.subject_key.clone(), item.reason.clone());
    view! {
        <Row>
            <HeadCell href>{key}</HeadCell>
            <Cell label="Verdict" fit=true>
                <StatusBadge status />
            </Cell>
            <Cell label="Reason">{reason}</Cell>
            {tick}
        </Row>
    }
    .into_any()
}
