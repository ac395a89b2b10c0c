//! What a policy would have done to what ran before, on the page of the policy.

use chrono::{Days, NaiveDate};
use domain::{period::Period, policy::PolicyVersion};
use engine::services::{BackTest, BackTested, Caught, PolicyUnderTest};
use leptos::prelude::*;

use super::words;
use crate::{
    components::{
        button::{Button, Variant},
        data_table::{Align, Cell, Column, DataTable, HeadCell, Row},
        field::{InputKind, TextField},
        panel::Panel,
        timestamp::Timestamp,
    },
    context::Page,
    fault::Fault,
    format,
    pages::mentions,
};

/// How far back a test looks unless it is told.
const DAYS: Days = Days::new(29);

/// The form, and the result where days were named.
pub(super) async fn show(
    page: &Page,
    key: &str,
    version: &PolicyVersion,
) -> Result<AnyView, Fault> {
    let period = period(page)?;
    let result = match period {
        Some(period) => {
            let what =
                PolicyUnderTest::Stored { key: key.to_owned(), version: Some(version.number) };
            let found = page.services.test_policy(page.caller, what, period).await?;
            Some(result(page, &found))
        }
        None => None,
    };
    let today = page.now.date_naive();
    let earlier = today.checked_sub_days(DAYS).unwrap_or(today);
    let (from, to) = period.map_or((earlier, today), |period| (period.from, period.last_day()));
    let (action, number) = (format!("{}#test", page.place.policy(key)), version.number);
    Ok(view! {
        <Panel title="Test it" id="test" note="against what ran before; changes nothing" boxed=true>
            <div class="stack">
                <form class="policies-test" method="get" action=action>
                    <input type="hidden" name="version" value=number.to_string() />
                    <TextField
                        name="from"
                        label="From"
                        kind=InputKind::Date
                        value=from.to_string()
                        required=true
                    />
                    <TextField
                        name="to"
                        label="To"
                        kind=InputKind::Date
                        value=to.to_string()
                        required=true
                    />
                    <Button variant=Variant::Primary>
                        {format!("Test version {number}")}
                    </Button>
                </form>
                {result}
            </div>
        </Panel>
    }
    .into_any())
}

/// The days that were asked for.
fn period(page: &Page) -> Result<Option<Period>, Fault> {
    let day = |name: &str| -> Result<Option<NaiveDate>, Fault> {
        let read = page.query_value(name).map(str::parse).transpose();
        read.map_err(|error| Fault::bad_request(name, error))
    };
    match (day("from")?, day("to")?) {
        (Some(from), Some(to)) => {
            let period = Period::of_days(from, to);
            period.map(Some).map_err(|error| Fault::bad_request("to", error))
        }
        _ => Ok(None),
    }
}

fn result(page: &Page, found: &BackTest) -> AnyView {
    let tables = (!found.automations.is_empty()).then(|| {
        view! {
            {automations(page, &found.automations)}
            {examples(page, &found.examples)}
        }
    });
    view! {
        <p>
            <strong>{sentence(found)}</strong>
        </p>
        {asides(found).into_iter().map(|aside| view! { <p class="quiet">{aside}</p> }).collect_view()}
        {tables}
    }
    .into_any()
}

fn sentence(found: &BackTest) -> String {
    let (looked_at, days) = (format::plural(found.looked_at, "item", "items"), found.period.days());
    let caught = format::count(found.caught);
    format!("Of {looked_at} in {days}, {caught} {}.", words::caught(found.effect))
}

/// What else has to be known about the figures.
fn asides(found: &BackTest) -> Vec<String> {
    let mut asides = Vec::new();
    if found.not_evaluated > 0 {
        asides.push(format!(
            "{} could not have been judged and would have been denied therefore.",
            format::count(found.not_evaluated)
        ));
    }
    if found.as_now > 0 {
        asides.push(format!(
            "{} judged with the subject as it is now: it has changed since.",
            format::plural(found.as_now, "item was", "items were")
        ));
    }
    if found.without_parameters > 0 {
        asides.push(format!(
            "{} left out: nobody knows what was to be done.",
            format::plural(found.without_parameters, "item was", "items were")
        ));
    }
    if !found.complete {
        asides.push("There was more than one test looks at; choose fewer days.".to_owned());
    }
    asides
}

fn automations(page: &Page, automations: &[BackTested]) -> AnyView {
    let mut columns = vec![Column::new("Definition")];
    columns.extend(["Looked at", "Caught", "Not judged"].map(Column::number));
    let row = |one: &BackTested| {
        let (href, name) =
            (page.place.definition(&one.automation.key), one.automation.name.clone());
        let count = |label: &'static str, count: i64| {
            view! {
                <Cell label align=Align::End fit=true>
                    {format::count(count)}
                </Cell>
            }
        };
        let counts = [
            count("Looked at", one.looked_at),
            count("Caught", one.caught),
            count("Not judged", one.not_evaluated),
        ];
        view! {
            <Row>
                <HeadCell href>{name}</HeadCell>
                {counts.into_iter().collect_view()}
            </Row>
        }
    };
    let rows = automations.iter().map(row).collect_view();
    view! {
        <DataTable caption="By definition" columns>
            {rows}
        </DataTable>
    }
    .into_any()
}

fn examples(page: &Page, examples: &[Caught]) -> Option<AnyView> {
    let row = |caught: &Caught| {
        let (href, now, at) = (page.place.item(caught.run, caught.item), page.now, caught.at);
        let subject = mentions::record(&page.place, &caught.subject.kind, &caught.subject.key);
        let why = caught.not_evaluated.clone();
        view! {
            <li>
                <a href=href>"Item"</a>
                " on "
                {subject}
                ", "
                <Timestamp at now />
                {why.map(|why| view! { <span class="quiet">": " {why}</span> })}
            </li>
        }
    };
    let rows = examples.iter().map(row).collect_view();
    (!examples.is_empty()).then(|| {
        view! {
            <div>
                <h3>"The first of them"</h3>
                <ul class="policies-examples">{rows}</ul>
            </div>
        }
        .into_any()
    })
}
