//! The form that orders a bundle.

use chrono::NaiveDate;
use domain::{automation::Automation, bundle::Period};
use leptos::prelude::*;

use crate::{
    components::{
        button::{Button, Variant},
        error_summary::ErrorSummary,
        field::{CheckField, InputKind, SelectField, TextField},
        panel::Panel,
    },
    context::Page,
    form_state::FormState,
};

/// The choice whose days are typed.
const DAYS: &str = "days";

pub(super) fn form(page: &Page, automations: &[Automation]) -> AnyView {
    let form = &page.form;
    let (action, errors) = (page.place.exports(), form.errors());
    let period = period(form, page.now.date_naive());
    let definitions = definitions(form, automations);
    view! {
        <Panel title="Order a bundle" id="order" boxed=true>
            <form class="form exports-order" method="post" action=action>
                <ErrorSummary errors />
                {period}
                {definitions}
                <div class="form-actions">
                    <Button variant=Variant::Primary>"Order the bundle"</Button>
                </div>
            </form>
        </Panel>
    }
    .into_any()
}

fn period(form: &FormState, today: NaiveDate) -> AnyView {
    let so_far = |period: Period| format!("{period}, so far");
    let option = |value: &str, label: String| (value.to_owned(), label);
    let options = vec![
        option("last-quarter", format!("Last quarter: {}", Period::quarter_before(today))),
        option("this-quarter", format!("This quarter: {}", so_far(Period::quarter_of(today)))),
        option("last-month", format!("Last month: {}", Period::month_before(today))),
        option("this-month", format!("This month: {}", so_far(Period::month_of(today)))),
        option(DAYS, "The days below".to_owned()),
    ];
    view! {
        <SelectField
            name="period"
            label="Period"
            hint="Whole days in UTC. The bundle holds the runs that started in it."
            options
            value=form.value("period")
            error=form.error("period")
        />
        <div class="exports-days">
            <TextField
                name="from"
                label="First day"
                kind=InputKind::Date
                value=form.value("from")
                error=form.error("from")
            />
            <TextField
                name="to"
                label="Last day"
                kind=InputKind::Date
                value=form.value("to")
                error=form.error("to")
            />
        </div>
    }
    .into_any()
}

fn definitions(form: &FormState, automations: &[Automation]) -> AnyView {
    if automations.is_empty() {
        return ().into_any();
    }
    let chosen: Vec<&str> = form.values_of("automation").collect();
    let open = !chosen.is_empty();
    let choices = automations
        .iter()
        .map(|automation| {
            let checked = chosen.contains(&automation.key.as_str());
            let (key, name) = (automation.key.clone(), automation.name.clone());
            view! {
                <CheckField name="automation" value=key checked>
                    {name}
                </CheckField>
            }
        })
        .collect_view();
    let wrong = form.error("automation").map(|error| view! { <p class="field-error">{error}</p> });
    view! {
        <details class="exports-definitions" open=open>
            <summary>"Only some definitions"</summary>
            <fieldset>
                <legend class="field-hint">
                    "With none ticked the bundle holds them all, which is what proves the most."
                </legend>
                {choices}
            </fieldset>
            {wrong}
        </details>
    }
    .into_any()
}
