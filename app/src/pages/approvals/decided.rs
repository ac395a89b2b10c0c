//! What came of deciding several approvals at once: read from where they stand now, so that the
//! address can be loaded again, and nobody can write a result into it.

use domain::approval::{Approval, Decision};
use leptos::prelude::*;

use super::{facts::Facts, obstacle, table, ticket::Ticket, words};
use crate::{
    components::{
        app_frame::Section,
        button::LinkButton,
        data_table::{Cell, Column, DataTable, Row},
        icon::Glyph,
        page_header::{Crumb, PageHeader},
        stat::{Stat, Stats},
        status_badge::{Status, StatusBadge},
        tone::Tone,
    },
    context::Page,
    fault::Fault,
    format,
    pages::in_workspace,
};

/// The name of each ticket in the address.
pub const TICKET: &str = "approval";

/// The most approvals one result lists; a page of the list has as many.
pub const MOST: usize = 50;

/// The result for the member who looks.
#[component]
pub fn DecidedPage() -> impl IntoView {
    in_workspace(Section::Approvals, async |page| {
        page.check_query(&[TICKET])?;
        let tickets = tickets(&page)?;
        let ids: Vec<_> = tickets.iter().map(|ticket| ticket.approval).collect();
        let known = page.services.approvals_by_ids(page.caller, &ids).await?;
        let found = |id| known.get(id).cloned().ok_or_else(|| Fault::not_found("approval"));
        let approvals = ids.iter().map(found).collect::<Result<Vec<_>, _>>()?;
        let facts = Facts::load(&page, &approvals).await?;
        let asked = tickets.into_iter().zip(approvals);
        let results: Vec<_> =
            asked.map(|(ticket, approval)| Outcome::of(&page, &ticket, approval, &facts)).collect();
        Ok(view! {
            {header(&page)} <div class="stack">{totals(&results)} {listed(&page, results, &facts)}</div>
        }
        .into_any())
    })
}

fn tickets(page: &Page) -> Result<Vec<Ticket>, Fault> {
    let sent = page.query.iter().filter(|(name, _)| name == TICKET);
    let read = |(_, text): &(String, String)| {
        text.parse().map_err(|error: &str| Fault::bad_request(TICKET, error))
    };
    let tickets: Vec<Ticket> = sent.map(read).collect::<Result<_, _>>()?;
    if tickets.is_empty() || tickets.len() > MOST {
        return Err(Fault::bad_request(TICKET, format_args!("expected 1 to {MOST} of them")));
    }
    Ok(tickets)
}

/// What became of one approval, as far as the member who looks is concerned.
struct Outcome {
    approval: Approval,
    status: Status,
    decided: bool,
    words: String,
}

impl Outcome {
    fn of(page: &Page, ticket: &Ticket, approval: Approval, facts: &Facts) -> Self {
        let decisions = facts.decisions(&approval);
        let own = decisions.iter().find(|decision| decision.member == page.place.member.id);
        match own {
            Some(own) => {
                let (status, words) = (own.verdict.into(), follows(&approval, own, facts));
                Self { status, words, decided: true, approval }
            }
            None => {
                let words = match ticket.is_about(&approval) {
                    true => obstacle(page, &approval, decisions).unwrap_or_else(|| {
                        "It is still open: nothing was decided about it.".to_owned()
                    }),
                    false => words::refused(domain::approval::NotAllowed::OtherAction, &approval),
                };
                let status = Status::new("not-decided", Glyph::Warning, Tone::Warning);
                Self { status, words, decided: false, approval }
            }
        }
    }
}

/// What follows from the member's decision.
fn follows(approval: &Approval, own: &Decision, facts: &Facts) -> String {
    use domain::approval::{ApprovalStatus as S, Verdict};
    match (own.verdict, approval.status) {
        (Verdict::Approve, S::Open) => {
            let missing = approval.rule.quorum - facts.approved(approval);
            format!("Waits for {} more.", format::plural(missing, "approval", "approvals"))
        }
        (Verdict::Approve, S::Approved) => "The item goes on.".to_owned(),
        (Verdict::Dismiss, _) => "The item is skipped.".to_owned(),
        (Verdict::Approve, status) => {
            format!("It ended all the same: {}.", format::label(status.as_str()).to_lowercase())
        }
    }
}

fn header(page: &Page) -> AnyView {
    let crumbs = vec![
        Crumb::group("Governance"),
        Crumb::group("Automation"),
        Crumb::to("Approvals", page.place.approvals()),
    ];
    let href = page.place.approvals();
    let actions = view! { <LinkButton href>"Open approvals"</LinkButton> };
    view! { <PageHeader title="What you decided" crumbs actions=actions.into_any() /> }.into_any()
}

fn totals(results: &[Outcome]) -> AnyView {
    let count = |word: &str| {
        format::count(results.iter().filter(|result| result.status.word == word).count() as i64)
    };
    let (approved, dismissed) = (count("approved"), count("dismissed"));
    let stuck = results.iter().filter(|result| !result.decided).count();
    let tone = if stuck > 0 { Tone::Warning } else { Tone::Neutral };
    view! {
        <Stats>
            <Stat label="Approved" value=approved />
            <Stat label="Dismissed" value=dismissed />
            <Stat label="Not decided" value=format::count(stuck as i64) tone />
        </Stats>
    }
    .into_any()
}

fn listed(page: &Page, results: Vec<Outcome>, facts: &Facts) -> AnyView {
    let columns = vec![
        Column::new("Question"),
        Column::new("Action"),
        Column::new("Decision"),
        Column::new("What follows"),
    ];
    let rows = results
        .into_iter()
        .map(|Outcome { approval, status, words, .. }| {
            let head = table::head(page, &approval);
            let action = table::action(page, &approval, facts);
            view! {
                <Row>
                    {head} {action}
                    <Cell label="Decision" fit=true>
                        <StatusBadge status />
                    </Cell>
                    <Cell label="What follows">{words}</Cell>
                </Row>
            }
        })
        .collect_view();
    view! {
        <DataTable caption="What you decided, approval by approval" columns>
            {rows}
        </DataTable>
    }
    .into_any()
}
