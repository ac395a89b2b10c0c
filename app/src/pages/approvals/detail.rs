//! One approval: the exact action, the rule, what was decided so far, and the forms to decide.

use domain::{
    approval::{Approval, ApprovalStatus, Decision},
    id::ApprovalId,
};
use engine::services::ItemDetail;
use leptos::prelude::*;

use super::{facts::Facts, forms, obstacle, words};
use crate::{
    components::{
        alert::Alert,
        app_frame::Section,
        button::{LinkButton, Size},
        digest::Digest,
        json_view::JsonView,
        key_value::{Entry, KeyValue},
        page_header::{Crumb, PageHeader},
        panel::Panel,
        status_badge::StatusBadge,
        timeline::{Step, Timeline},
        timestamp::{Precision, Timestamp},
        tone::Tone,
    },
    context::Page,
    format,
    pages::{in_workspace, mentions},
};

/// One approval.
#[component]
pub fn ApprovalPage() -> impl IntoView {
    in_workspace(Section::Approvals, async |page| {
        page.check_query(&[])?;
        let id: ApprovalId = page.param("approval")?;
        let (approval, decisions) = page.services.approval(page.caller, id).await?;
        let item = page.services.item(page.caller, approval.run, approval.item).await?;
        let facts = Facts::load(&page, std::slice::from_ref(&approval)).await?;
        Ok(view! {
            {header(&page, &approval, &item)}
            <div class="approval">
                <div class="stack-wide">
                    {action(&approval)} {twice(&page, &approval, &item)}
                    {decide(&page, &approval, &decisions)}
                    {so_far(&page, &approval, &decisions, &facts)}
                </div>
                <aside class="stack-wide">
                    {request(&page, &approval, &item, &facts)} {rule(&page, &approval, &facts)}
                </aside>
            </div>
        }
        .into_any())
    })
}

fn header(page: &Page, approval: &Approval, item: &ItemDetail) -> AnyView {
    let Approval { status, .. } = approval;
    let title = format!("{} on {}", approval.actioner, item.subject.reference());
    let crumbs = vec![
        Crumb::group("Governance"),
        Crumb::group("Automation"),
        Crumb::to("Approvals", page.place.approvals()),
    ];
    let beside = view! { <StatusBadge status=*status size=Size::Large /> };
    let href = page.place.item(approval.run, approval.item);
    let actions = view! { <LinkButton href>"Open the run item"</LinkButton> };
    view! {
        <PageHeader
            title
            crumbs
            lead=approval.question.clone().into_any()
            beside=beside.into_any()
            actions=actions.into_any()
        />
    }
    .into_any()
}

fn action(approval: &Approval) -> AnyView {
    let Approval { actioner, action_digest, parameters, .. } = approval.clone();
    view! {
        <Panel title="The action" note="exactly what is decided on">
            <div class="stack">
                <KeyValue>
                    <Entry term="Actioner">
                        <code>{actioner}</code>
                    </Entry>
                    <Entry term="Digest of the action">
                        <Digest value=action_digest whole=true />
                    </Entry>
                </KeyValue>
                <JsonView label="Parameters, as they will be sent" value=parameters />
                <p class="small quiet">
                    "The digest covers the actioner and these parameters. A decision carries it, and \
                     it is compared again just before the action starts."
                </p>
            </div>
        </Panel>
    }
    .into_any()
}

/// A warning where approving could make the receiver act a second time.
fn twice(page: &Page, approval: &Approval, item: &ItemDetail) -> Option<AnyView> {
    let open = approval.status == ApprovalStatus::Open;
    (open && item.item.may_act_twice(page.now)).then(|| {
        view! {
            <Alert tone=Tone::Warning title="This could happen twice">
                <p>{words::MAY_ACT_TWICE}</p>
            </Alert>
        }
        .into_any()
    })
}

fn decide(page: &Page, approval: &Approval, earlier: &[Decision]) -> Option<AnyView> {
    if approval.status != ApprovalStatus::Open {
        // A form that came back because it was too late still says so.
        let errors = page.form.errors();
        return (!errors.is_empty()).then(|| {
            view! { <crate::components::error_summary::ErrorSummary errors /> }.into_any()
        });
    }
    let form = forms::decision(page, approval, obstacle(page, approval, earlier));
    Some(view! { <Panel title="Decide" boxed=true>{form}</Panel> }.into_any())
}

fn so_far(page: &Page, approval: &Approval, decisions: &[Decision], facts: &Facts) -> AnyView {
    let now = page.now;
    let steps = decisions.iter().map(|decision| {
        let name = mentions::member(facts.names(), Some(decision.member));
        let verdict = match decision.verdict {
            domain::approval::Verdict::Approve => "approved",
            domain::approval::Verdict::Dismiss => "dismissed",
        };
        let meta = view! {
            <Timestamp at=decision.decided_at now precision=Precision::Second />
        };
        let reason = match decision.reason.is_empty() {
            true => view! { <p class="quiet">"No reason given."</p> }.into_any(),
            false => view! { <p class="approval-reason">{decision.reason.clone()}</p> }.into_any(),
        };
        view! {
            <Step status=decision.verdict title=format!("{name} {verdict}") meta=meta.into_any()>
                {reason}
            </Step>
        }
    }).collect_view();
    let content = match decisions.is_empty() {
        true => view! { <p class="quiet">{undecided(approval.status)}</p> }.into_any(),
        false => view! { <Timeline>{steps}</Timeline> }.into_any(),
    };
    let note = format!("{} of {} approved", facts.approved(approval), approval.rule.quorum);
    view! { <Panel title="Decisions" note>{content}</Panel> }.into_any()
}

/// Why there are no decisions.
const fn undecided(status: ApprovalStatus) -> &'static str {
    match status {
        ApprovalStatus::Expired => "Nobody decided in time.",
        ApprovalStatus::Withdrawn => "The run was cancelled before anybody decided.",
        _ => "Nobody has decided yet.",
    }
}

fn request(page: &Page, approval: &Approval, item: &ItemDetail, facts: &Facts) -> AnyView {
    let now = page.now;
    let place = &page.place;
    let ended = approval.decided_at.map(|at| {
        view! { <Entry term="Ended"><Timestamp at now relative=true /></Entry> }
    });
    let subject = mentions::record(place, &item.subject.kind, &item.subject.key);
    let (automation, version) = (facts.automation(place, approval), item.run.version);
    let version_href = place.version(&item.automation.key, version);
    let (item_href, item_name) = (place.item(approval.run, approval.item), item_name(item));
    let (run, asker) = (mentions::run(place, approval.run), facts.asker(place, approval));
    let (at, why) = (approval.requested_at, words::why(approval.kind));
    view! {
        <Panel title="The request" boxed=true>
            <KeyValue>
                <Entry term="Subject">{subject}</Entry>
                <Entry term="Automation">
                    {automation} ", " <a href=version_href>"version " {version}</a>
                </Entry>
                <Entry term="Run">{run}</Entry>
                <Entry term="Run item">
                    <a href=item_href>{item_name}</a>
                </Entry>
                <Entry term="Asked by">{asker}</Entry>
                <Entry term="Asked">
                    <Timestamp at now relative=true />
                </Entry>
                {ended}
            </KeyValue>
            <p class="small quiet approval-why">{why}</p>
        </Panel>
    }
    .into_any()
}

/// `item 3, awaiting approval`.
fn item_name(item: &ItemDetail) -> String {
    let state = format::label(item.item.state.as_str()).to_lowercase();
    format!("item {}, {state}", item.item.position + 1)
}

fn rule(page: &Page, approval: &Approval, facts: &Facts) -> AnyView {
    let now = page.now;
    let (rule, at) = (&approval.rule, approval.expires_at);
    let (deciders, quorum) = (words::deciders(rule), words::quorum(rule));
    let (progress, by_default) = (facts.progress(approval), words::by_default(rule.on_expiry));
    view! {
        <Panel title="The rule" boxed=true>
            <KeyValue>
                <Entry term="Who decides">
                    {deciders} <span class="quiet">", never who asked"</span>
                </Entry>
                <Entry term="How many">{quorum}</Entry>
                <Entry term="So far">{progress} " approved"</Entry>
                <Entry term="Expires">
                    <Timestamp at now relative=true /> ", " {by_default}
                </Entry>
            </KeyValue>
        </Panel>
    }
    .into_any()
}
