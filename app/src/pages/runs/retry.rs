//! The plan of a retry, item by item, before anything is done; and the form that asks for it.

mod plan;

use domain::{
    automation::Automation,
    id::RunId,
    permission::Permission,
    retry::{PlanVerdict, RetryPlan},
};
use leptos::prelude::*;

use super::{crumbs, words};
use crate::{
    components::{
        alert::Alert,
        app_frame::Section,
        button::{Button, LinkButton, Variant},
        code_block::CodeBlock,
        empty_state::EmptyState,
        error_summary::ErrorSummary,
        icon::Glyph,
        page_header::PageHeader,
        panel::Panel,
        reason_field::ReasonField,
        stat::{Stat, Stats},
        tone::Tone,
    },
    context::Page,
    format,
    pages::in_workspace,
};

/// Runs → a run → retry.
#[component]
pub fn RetryPage() -> impl IntoView {
    in_workspace(Section::Runs, async |page| {
        let id: RunId = page.param("run")?;
        page.check_query(&[])?;
        let detail = page.services.run(page.caller, id).await?;
        let plan = page.services.retry_plan(page.caller, id).await?;
        Ok(view! {
            <PageHeader
                title="Retry plan"
                crumbs=crumbs::of(&page.place, id, &detail.automation.name)
                lead=lead(&detail.automation, &plan).into_any()
            />
            <div class="stack">
                {refused(&page, &plan)}
                {body(&page, &plan)}
            </div>
        }
        .into_any())
    })
}

fn lead(automation: &Automation, plan: &RetryPlan) -> String {
    format!(
        "What a retry would do to each failed item of this run of {}. It would open round {}. Looking \
         at the plan changes nothing.",
        automation.name, plan.round
    )
}

/// The plan that was sent is not the one that stands now, or something else was wrong.
fn refused(page: &Page, plan: &RetryPlan) -> Option<AnyView> {
    if !page.form.is_refused() {
        return None;
    }
    let outdated = page.form.value("plan") != plan.digest;
    let notice = outdated.then(|| {
        view! {
            <Alert tone=Tone::Warning title="This is the new plan">
                <p>
                    "It replaces the one you were looking at. Your reason is still there; what you \
                     ticked is ticked again only where the verdict is the same. Read it, then decide \
                     again."
                </p>
            </Alert>
        }
    });
    Some(
        view! {
            <ErrorSummary errors=page.form.errors() />
            {notice}
        }
        .into_any(),
    )
}

fn body(page: &Page, plan: &RetryPlan) -> AnyView {
    if plan.items.is_empty() {
        return nothing(page, plan);
    }
    let tables = plan::tables(page, plan);
    let may = page.may(Permission::RetryItems);
    let content = view! {
        {numbers(plan)}
        {approval_note(plan)}
        {tables}
    };
    match may {
        true => view! {
            <form class="stack" method="post" action=page.place.retry(plan.run)>
                <input type="hidden" name="plan" value=plan.digest.clone() />
                {content}
                {decide(page, plan)}
            </form>
        }
        .into_any(),
        false => view! {
            {content}
            {words::not_for(page, "Retrying", Permission::RetryItems)}
        }
        .into_any(),
    }
}

fn numbers(plan: &RetryPlan) -> AnyView {
    let count = |verdict| i64::try_from(plan.count(verdict)).unwrap_or(i64::MAX);
    let (safe, confirm) = (count(PlanVerdict::Safe), count(PlanVerdict::Confirm));
    let (pointless, not_eligible) = (count(PlanVerdict::Pointless), plan.not_eligible);
    let tone = if confirm > 0 { Tone::Warning } else { Tone::Neutral };
    view! {
        <Stats>
            <Stat
                label="Safe"
                value=format::count(safe)
                note="retried".to_owned()
            />
            <Stat
                label="To confirm"
                value=format::count(confirm)
                note="only if you tick them".to_owned()
                tone
            />
            <Stat
                label="Pointless"
                value=format::count(pointless)
                note="only if you tick them".to_owned()
            />
            <Stat
                label="Not eligible"
                value=format::count(not_eligible)
                note="left as they are".to_owned()
            />
        </Stats>
    }
    .into_any()
}

fn approval_note(plan: &RetryPlan) -> Option<AnyView> {
    plan.needs_approval.then(|| {
        view! {
            <Alert tone=Tone::Warning title="A retry of this automation needs approval first">
                <p>
                    "Its definition says so. Each retried item waits until somebody other than you \
                     approves it; nothing is sent before."
                </p>
            </Alert>
        }
        .into_any()
    })
}

fn decide(page: &Page, plan: &RetryPlan) -> AnyView {
    let safe = i64::try_from(plan.count(PlanVerdict::Safe)).unwrap_or(i64::MAX);
    let all = plan.count(PlanVerdict::Safe) == plan.items.len();
    let words = match (safe, all) {
        (0, _) => "Retry the ticked items".to_owned(),
        (safe, true) => format!("Retry {}", format::plural(safe, "item", "items")),
        (safe, false) => {
            format!("Retry {} and those ticked", format::plural(safe, "safe item", "safe items"))
        }
    };
    let (reason, error) = (page.form.value("reason"), page.form.error("reason"));
    let back = page.place.run(plan.run);
    view! {
        <Panel title="Decide" boxed=true>
            <div class="form">
                <ReasonField value=reason error />
                <p class="muted">
                    "The retry uses your rights, not those of whoever or whatever started the run. \
                     Attempts are added; nothing is overwritten."
                </p>
                <div class="form-actions">
                    <Button variant=Variant::Primary icon=Glyph::Replay>
                        {words}
                    </Button>
                    <LinkButton href=back variant=Variant::Quiet>
                        "Go back"
                    </LinkButton>
                </div>
            </div>
        </Panel>
    }
    .into_any()
}

fn nothing(page: &Page, plan: &RetryPlan) -> AnyView {
    let back = page.place.run(plan.run);
    let typed = page.form.value("reason");
    let typed = (!typed.is_empty())
        .then(|| view! { <CodeBlock label="The reason you typed" text=typed /> });
    view! {
        {typed}
        <EmptyState
            title="There is nothing to retry"
            text="No item of this run has failed, or the run is one that allows no retry: it was \
            stopped, or it is still matching its subjects."
            glyph=Glyph::Replay
        >
            <LinkButton href=back variant=Variant::Primary>
                "Back to the run"
            </LinkButton>
        </EmptyState>
    }
    .into_any()
}
