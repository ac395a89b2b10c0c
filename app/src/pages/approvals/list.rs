//! The list of approvals, longest waiting first.

use domain::{
    approval::{Approval, ApprovalStatus},
    page::{DEFAULT_SIZE, Page as Rows},
    permission::Permission,
};
use engine::services::ExportedList;
use leptos::prelude::*;

use super::{facts::Facts, forms, table};
use crate::{
    components::{
        app_frame::Section,
        empty_state::EmptyState,
        export_menu::ExportMenu,
        icon::Glyph,
        page_header::{Crumb, PageHeader},
        pager::Pager,
        tabs::{Tab, Tabs},
    },
    context::{Page, Place},
    fault::Fault,
    format,
    pages::{
        in_workspace,
        paging::{CURSOR, Paging, with_query},
        windows,
    },
};

const STATUS: &str = "status";

/// Ticks every box of the page, in the address so that it needs no script.
const SELECT: &str = "select";

/// The approvals of one status.
#[component]
pub fn ApprovalsPage() -> impl IntoView {
    in_workspace(Section::Approvals, async |page| {
        page.check_query(&[STATUS, SELECT, CURSOR])?;
        let status = asked_status(&page)?;
        let paging = Paging::read(&page, page.place.approvals(), kept(status))?;
        let rows = page.services.approvals(page.caller, status, paging.seek, DEFAULT_SIZE).await?;
        let facts = Facts::load(&page, &rows.rows).await?;
        let content = match rows.rows.is_empty() {
            true => windows::nothing(&page, || nothing(&page.place, status, &paging)).await?,
            false => filled(&page, status, &paging, &rows, &facts)?,
        };
        let export = page.place.export(&ExportedList::Approvals(status));
        Ok(view! {
            <PageHeader
                title="Approvals"
                actions=view! { <ExportMenu href=export /> }.into_any()
                crumbs=vec![Crumb::group("Governance"), Crumb::group("Automation")]
                lead="Actions that wait for a person. Each decision is about the exact action and \
                      parameters shown, and is kept with its reason."
                    .into_any()
            />
            {windows::line(&page)}
            {tabs(&page.place, status)}
            {content}
        }
        .into_any())
    })
}

fn asked_status(page: &Page) -> Result<ApprovalStatus, Fault> {
    let Some(word) = page.query_value(STATUS) else { return Ok(ApprovalStatus::Open) };
    word.parse().map_err(|error| Fault::bad_request(STATUS, error))
}

/// What the address says; the open ones are what the list shows by itself.
fn kept(status: ApprovalStatus) -> Vec<(&'static str, String)> {
    let said = (status != ApprovalStatus::Open).then(|| (STATUS, status.to_string()));
    said.into_iter().collect()
}

fn tabs(place: &Place, current: ApprovalStatus) -> AnyView {
    let tabs = ApprovalStatus::ALL.iter().map(|&status| Tab {
        label: format::label(status.as_str()),
        href: with_query(&place.approvals(), &kept(status)),
        // The count stops at a hundred, and "100" would be a claim.
        count: (status == ApprovalStatus::Open && place.waiting < 100).then_some(place.waiting),
        current: status == current,
    });
    view! { <Tabs label="Approvals by status" tabs=tabs.collect() /> }.into_any()
}

fn filled(
    page: &Page,
    status: ApprovalStatus,
    paging: &Paging,
    rows: &Rows<Approval>,
    facts: &Facts,
) -> Result<AnyView, Fault> {
    let deciding = status == ApprovalStatus::Open && page.may(Permission::DecideApprovals);
    let all = match page.query_value(SELECT) {
        None => false,
        Some("all") => true,
        Some(_) => return Err(Fault::bad_request(SELECT, "expected all")),
    };
    let list = match deciding {
        true => {
            let table = table::selectable(page, &rows.rows, facts, all);
            forms::selection(page, paging, table)
        }
        false => table::plain(page, status, &rows.rows, facts),
    };
    let (previous, next) = paging.beside(rows);
    let summary = format::plural(rows.rows.len() as i64, "approval", "approvals");
    Ok(view! {
        {list}
        <Pager
            summary=format!("{summary}, longest waiting first")
            newer=previous
            older=next
            words=("Back", "Next")
        />
    }
    .into_any())
}

fn nothing(place: &Place, status: ApprovalStatus, paging: &Paging) -> AnyView {
    if paging.first() != paging.here() {
        let first = paging.first();
        return view! {
            <EmptyState
                title="Nothing more on this page"
                text="What was here has been decided meanwhile."
                glyph=Glyph::Approvals
            >
                <a href=first>"To the first page"</a>
            </EmptyState>
        }
        .into_any();
    }
    let (title, text) = match status {
        ApprovalStatus::Open => (
            "Nothing waits for a decision",
            "When a definition or an actioner asks for an approval, it stands here until somebody \
             decides or it expires.",
        ),
        ApprovalStatus::Approved => ("Nothing was approved yet", "Decisions are kept for good."),
        ApprovalStatus::Dismissed => ("Nothing was dismissed yet", "Decisions are kept for good."),
        ApprovalStatus::Expired => (
            "Nothing has expired yet",
            "An approval nobody decides in time ends by the default its rule states.",
        ),
        ApprovalStatus::Withdrawn => (
            "Nothing was withdrawn yet",
            "Approvals are withdrawn when their run is cancelled before anybody decides.",
        ),
    };
    let others = (status != ApprovalStatus::Open)
        .then(|| view! { <a href=place.approvals()>"Open approvals"</a> });
    view! {
        <EmptyState title text glyph=Glyph::Approvals>
            {others}
        </EmptyState>
    }
    .into_any()
}
