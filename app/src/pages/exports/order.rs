//! The form that orders a bundle.

use chrono::NaiveDate;
use domain::{automation::Automation, period::Period, window::Sight};
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
    let period = period(form, &page.place.sight, page.now.date_naive());
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

fn period(form: &FormState, sight: &Sight, today: NaiveDate) -> AnyView {
    let so_far = |period: Period| format!("{period}, so far");
    let option = |value: &str, label: String| (value.to_owned(), label);
    let (quarter, month) = (Period::quarter_of(today), Period::month_of(today));
    let (last_quarter, last_month) = (Period::quarter_before(today), Period::month_before(today));
    let named = [
        ("last-quarter", last_quarter, format!("Last quarter: {last_quarter}")),
        ("this-quarter", quarter, format!("This quarter: {}", so_far(quarter))),
        ("last-month", last_month, format!("Last month: {last_month}")),
        ("this-month", month, format!("This month: {}", so_far(month))),
    ];
    let named = named.into_iter().filter(|(_, period, _)| sight.covers_period(*period));
    let mut options: Vec<_> = named.map(|(value, _, label)| option(value, label)).collect();
    options.push(option(DAYS, "The days below".to_owned()));
    // An auditor's latest window is what they mostly come for.
    let latest = sight.periods().and_then(<[_]>::last);
    let day = |name: &str, of: fn(&Period) -> NaiveDate| match form.value(name) {
        typed if typed.is_empty() => latest.map(of).map(|day| day.to_string()).unwrap_or_default(),
        typed => typed,
    };
    let (from, to) = (day("from", |period| period.from), day("to", Period::last_day));
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
                value=from
                error=form.error("from")
            />
            <TextField
                name="to"
                label="Last day"
                kind=InputKind::Date
                value=to
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
