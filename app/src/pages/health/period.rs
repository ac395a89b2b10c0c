//! Which days a page of health is about, and whether they are put beside those before.

use domain::{
    health::{Compare, HealthQuery, USUAL_DAYS},
    period::Period,
};
use leptos::prelude::*;

use super::Asked;
use crate::components::{
    button::{Button, LinkButton, Size, Variant},
    tabs::{Tab, Tabs},
};

/// Periods that are a press away, in days.
const READY: [u64; 4] = [7, 30, 90, 365];

/// Ready-made periods, any other, and the comparison.
pub fn choice(asked: &Asked, period: Period) -> AnyView {
    let query = &asked.query;
    let custom = query.from.is_some();
    let tab = |days: u64| Tab {
        label: if days == 365 { "A year".to_owned() } else { format!("{days} days") },
        href: asked.href(HealthQuery { since: Some(days), from: None, to: None, ..query.clone() }),
        count: None,
        current: !custom && query.since.unwrap_or(USUAL_DAYS) == days,
    };
    let tabs = READY.into_iter().map(tab).collect();
    let (from, to) = (period.from.to_string(), period.last_day().to_string());
    let compared = query.compare.is_some();
    let other = (!compared).then_some(Compare::Previous);
    let toggle = asked.href(HealthQuery { compare: other, ..query.clone() });
    let kept = query.compare.map(|compare| {
        view! { <input type="hidden" name="compare" value=compare.as_str() /> }
    });
    let variant = if compared { Variant::Primary } else { Variant::Secondary };
    let toggled = if compared { "Stop comparing" } else { "Compare with the period before" };
    let before = compared.then(|| {
        view! { <span class="quiet small">"Beside " {period.before().days()}</span> }
    });
    view! {
        <div class="health-period">
            <Tabs label="Periods" tabs />
            <div class="health-period-row">
                <form class="health-days" method="get" action=asked.path.clone()>
                    <label>"From" <input type="date" name="from" value=from required /></label>
                    <label>"To" <input type="date" name="to" value=to required /></label>
                    {kept}
                    <Button>"Show"</Button>
                </form>
                <div class="health-compare">
                    {before}
                    <LinkButton href=toggle variant size=Size::Small>
                        {toggled}
                    </LinkButton>
                </div>
            </div>
        </div>
    }
    .into_any()
}
