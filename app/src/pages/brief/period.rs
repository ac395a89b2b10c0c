//! Which period the brief is about.

use domain::{
    filter::{RunFilter, query},
    period::Period,
};
use leptos::prelude::*;

use crate::{
    components::{
        app_frame::Section,
        button::Button,
        tabs::{Tab, Tabs},
    },
    context::Page,
    fault::Fault,
};

/// What the address says.
pub struct Asked {
    pub period: Period,
}

impl Asked {
    /// The last full quarter, unless days are named; for an auditor who does not see it, the latest
    /// period that they see. A period needs both of its ends.
    pub fn read(page: &Page) -> Result<Self, Fault> {
        page.check_query(&["from", "to"])?;
        let pairs = page.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let days = RunFilter::parse(pairs, &[])?;
        let period = match (days.from, days.to) {
            (None, None) => usual(page),
            (Some(from), Some(to)) => Period::new(from, to.succ_opt().unwrap_or(to))
                .map_err(|error| Fault::bad_request("from", error))?,
            (Some(_), None) => return Err(Fault::bad_request("to", "a period has a last day")),
            (None, Some(_)) => return Err(Fault::bad_request("from", "a period has a first day")),
        };
        Ok(Self { period })
    }
}

fn usual(page: &Page) -> Period {
    let (quarter, sight) = (Period::quarter_before(page.now.date_naive()), &page.place.sight);
    let latest = sight.periods().and_then(<[_]>::last);
    latest.filter(|_| !sight.covers_period(quarter)).copied().unwrap_or(quarter)
}

/// The brief of a period.
fn href(page: &Page, period: Period) -> String {
    let (from, to) = (period.from.to_string(), period.last_day().to_string());
    let path = Section::Brief.href(&page.place.workspace.slug);
    format!("{path}?{}", query([("from", from.as_str()), ("to", to.as_str())]))
}

/// Ready-made periods, newest first, and any other.
pub fn choice(page: &Page, asked: &Asked) -> AnyView {
    let today = page.now.date_naive();
    let (month, quarter) = (Period::month_of(today), Period::quarter_before(today));
    let mut periods = vec![
        month,
        Period::month_of(month.from.pred_opt().unwrap_or(month.from)),
        Period::quarter_of(today),
        quarter,
        Period::quarter_before(quarter.from),
    ];
    periods.retain(|period| page.place.sight.covers_period(*period));
    for &period in page.place.sight.periods().unwrap_or_default().iter().chain([&asked.period]) {
        if !periods.contains(&period) {
            periods.push(period);
        }
    }
    let tab = |period: Period| Tab {
        label: period.to_string(),
        href: href(page, period),
        count: None,
        current: period == asked.period,
    };
    let tabs = periods.into_iter().map(tab).collect();
    let action = Section::Brief.href(&page.place.workspace.slug);
    let (from, to) = (asked.period.from.to_string(), asked.period.last_day().to_string());
    view! {
        <div class="screen-only">
            <Tabs label="Periods" tabs />
            <form class="brief-period" method="get" action=action>
                <label>"From" <input type="date" name="from" value=from required /></label>
                <label>"To" <input type="date" name="to" value=to required /></label>
                <Button>"Show"</Button>
                <span class="quiet small">"Print it with your browser: it fits A4."</span>
            </form>
        </div>
    }
    .into_any()
}
