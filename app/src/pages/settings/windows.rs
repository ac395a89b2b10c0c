//! The windows of an auditor: what they may look into, and the forms that grant and revoke.

use chrono::NaiveDate;
use domain::{
    filter::query,
    id::MemberId,
    member::Member,
    period::Period,
    permission::Permission,
    window::{Sight, Window},
};
use leptos::prelude::*;

use crate::{
    components::{
        button::{Button, Size, Variant},
        data_table::{Align, Cell, Column, DataTable, HeadCell, Row},
        field::{InputKind, TextField},
        panel::Panel,
        timestamp::Timestamp,
    },
    context::Page,
    pages::mentions::{self, Names},
};

/// What an auditor sees, in a few words.
pub(super) fn seen(windows: &[Window], member: MemberId) -> String {
    let open = windows.iter().filter(|window| window.member == member && window.is_open());
    match Sight::through(open.map(|window| window.period)) {
        none if none.is_blind() => "Nothing yet".to_owned(),
        some => some.to_string(),
    }
}

/// The open windows of one auditor; with the forms, for whoever may change them.
pub(super) fn panel(page: &Page, member: &Member, windows: &[Window], names: &Names) -> AnyView {
    let open: Vec<_> =
        windows.iter().filter(|w| w.member == member.id && w.is_open()).copied().collect();
    let may = page.may(Permission::ManageMembers);
    let list = match open.is_empty() {
        true => view! {
            <p class="muted">"No window is open: this auditor sees nothing of what happened."</p>
        }
        .into_any(),
        false => table(page, &open, names, may),
    };
    let form = may.then(|| grant(page, member));
    view! {
        <Panel title="Windows" id="windows" boxed=open.is_empty()>
            {list}
        </Panel>
        {form}
    }
    .into_any()
}

fn table(page: &Page, windows: &[Window], names: &Names, may: bool) -> AnyView {
    let mut columns = vec![Column::new("Window"), Column::new("Granted"), Column::new("By")];
    if may {
        columns.push(Column::number("Revoke"));
    }
    let now = page.now;
    let rows = windows
        .iter()
        .map(|window| {
            let (days, at) = (window.period.days(), window.granted_at);
            let by = mentions::member(names, window.granted_by);
            let revoke = may.then(|| revoke(page, window));
            view! {
                <Row>
                    <HeadCell>{days}</HeadCell>
                    <Cell label="Granted" fit=true>
                        <Timestamp at now />
                    </Cell>
                    <Cell label="By">{by}</Cell>
                    {revoke}
                </Row>
            }
        })
        .collect_view();
    view! {
        <DataTable caption="Windows" columns>
            {rows}
        </DataTable>
    }
    .into_any()
}

fn revoke(page: &Page, window: &Window) -> AnyView {
    let action = format!("{}/{}/revoke", page.place.windows(window.member), window.id);
    let days = window.period.days();
    view! {
        <Cell label="Revoke" align=Align::End fit=true>
            <form method="post" action=action>
                <Button size=Size::Small variant=Variant::Quiet>
                    "Revoke" <span class="visually-hidden">" " {days}</span>
                </Button>
            </form>
        </Cell>
    }
    .into_any()
}

fn grant(page: &Page, member: &Member) -> AnyView {
    let (action, quarters) = (page.place.windows(member.id), quarters(page, member));
    let value = |name: &str| match page.form.value(name) {
        typed if typed.is_empty() => page.query_value(name).unwrap_or_default().to_owned(),
        typed => typed,
    };
    let (from, to) = (value("from"), value("to"));
    let (wrong_from, wrong_to) = (page.form.error("from"), page.form.error("to"));
    view! {
        <Panel title="Grant a window" id="grant" boxed=true>
            <form class="form" method="post" action=action>
                <p class="field-hint">
                    "Whole days in UTC. It holds from the auditor’s next request on, until it is \
                     revoked."
                </p>
                {quarters}
                <div class="settings-days">
                    <TextField
                        name="from"
                        label="First day"
                        kind=InputKind::Date
                        value=from
                        error=wrong_from
                        required=true
                    />
                    <TextField
                        name="to"
                        label="Last day"
                        kind=InputKind::Date
                        value=to
                        error=wrong_to
                        required=true
                    />
                </div>
                <div class="form-actions">
                    <Button variant=Variant::Primary>"Grant the window"</Button>
                </div>
            </form>
        </Panel>
    }
    .into_any()
}

/// Quarters that fill in the days: links to this very page, so that they need no script.
fn quarters(page: &Page, member: &Member) -> AnyView {
    let at = page.place.member(member.id);
    let links = around(page.now.date_naive())
        .map(|quarter| {
            let (from, to) = (quarter.from.to_string(), quarter.last_day().to_string());
            let pairs = [("from", from.as_str()), ("to", to.as_str())];
            let href = format!("{at}?{}#grant", query(pairs));
            view! {
                <a href=href>{quarter.to_string()}</a>
                " "
            }
        })
        .collect_view();
    view! { <p class="settings-quarters">"Fill in a quarter: " {links}</p> }.into_any()
}

/// The quarter before last, the last, this one and the next.
fn around(today: NaiveDate) -> [Period; 4] {
    let last = Period::quarter_before(today);
    let next = Period::quarter_of(Period::quarter_of(today).until);
    [Period::quarter_before(last.from), last, Period::quarter_of(today), next]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quarters_on_offer_are_those_around_today() {
        let offered = around("2026-11-21".parse().unwrap()).map(|quarter| quarter.to_string());
        assert_eq!(offered, ["Q2 2026", "Q3 2026", "Q4 2026", "Q1 2027"]);
    }
}
