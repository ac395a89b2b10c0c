//! What cancelling a run would do at this moment, and the form that does it.

use domain::{cancel::CancelReceipt, id::RunId, permission::Permission, run::Run};
use leptos::prelude::*;

use super::{crumbs, words};
use crate::{
    components::{
        app_frame::Section,
        button::{LinkButton, Size, Variant},
        confirm_panel::ConfirmPanel,
        empty_state::EmptyState,
        error_summary::ErrorSummary,
        icon::Glyph,
        page_header::PageHeader,
        reason_field::ReasonField,
        stat::{Stat, Stats},
        status_badge::StatusBadge,
        tone::Tone,
    },
    context::Page,
    format,
    pages::in_workspace,
};

/// Runs → a run → cancel.
#[component]
pub fn CancelPage() -> impl IntoView {
    in_workspace(Section::Runs, async |page| {
        let id: RunId = page.param("run")?;
        page.check_query(&[])?;
        let detail = page.services.run(page.caller, id).await?;
        let preview = page.services.cancel_preview(page.caller, id).await?;
        let status = detail.run.status;
        let beside = view! { <StatusBadge status size=Size::Large /> };
        Ok(view! {
            <PageHeader
                title="Cancel this run"
                crumbs=crumbs::of(&page.place, id, &detail.automation.name)
                beside=beside.into_any()
                lead="What has not started never will; what has started finishes, and its outcome is \
                recorded. Looking at this page changes nothing."
                    .into_any()
            />
            <div class="stack">
                <ErrorSummary errors=page.form.errors() />
                {body(&page, &detail.run, &preview)}
            </div>
        }
        .into_any())
    })
}

fn body(page: &Page, run: &Run, preview: &CancelReceipt) -> AnyView {
    if run.status.is_terminal() || run.is_stopping() {
        return too_late(page, run);
    }
    let form = match page.may(Permission::CancelRuns) {
        true => form(page, run, preview),
        false => words::not_for(page, "Cancelling", Permission::CancelRuns),
    };
    view! {
        {numbers(preview)}
        {form}
    }
    .into_any()
}

fn numbers(preview: &CancelReceipt) -> AnyView {
    let unknown = if preview.unknown > 0 { Tone::Warning } else { Tone::Neutral };
    let CancelReceipt { finished, skipped, in_flight, unknown: lost, .. } = *preview;
    view! {
        <Stats>
            <Stat
                label="Finished"
                value=format::count(finished)
                note="stay as they are".to_owned()
            />
            <Stat
                label="Not started"
                value=format::count(skipped)
                note="will be skipped".to_owned()
            />
            <Stat
                label="In flight"
                value=format::count(in_flight)
                note="will finish".to_owned()
            />
            <Stat
                label="Unknown"
                value=format::count(lost)
                note="nobody knows what happened".to_owned()
                tone=unknown
            />
        </Stats>
    }
    .into_any()
}

fn form(page: &Page, run: &Run, preview: &CancelReceipt) -> AnyView {
    let skipped = match preview.skipped {
        0 => "No item is left to be skipped".to_owned(),
        1 => "1 item that has not started will be skipped".to_owned(),
        n => format!("{} items that have not started will be skipped", format::count(n)),
    };
    let in_flight = match preview.in_flight {
        0 => "nothing is in flight".to_owned(),
        1 => "1 in flight will finish".to_owned(),
        n => format!("{} in flight will finish", format::count(n)),
    };
    let matching = (!run.matched).then(|| {
        view! { <p>"Its subjects are still being looked at; no further one will be."</p> }
    });
    let (reason, error) = (page.form.value("reason"), page.form.error("reason"));
    view! {
        <ConfirmPanel
            title="Cancel it?"
            action=page.place.cancel(run.id)
            confirm="Cancel run"
            cancel_href=page.place.run(run.id)
            tone=Tone::Danger
        >
            <p>{skipped} "; " {in_flight} ". A cancelled run cannot be taken up again."</p>
            {matching}
            <ReasonField
                value=reason
                error
                hint="Kept with the run and shown on it, and in the audit log."
                required=true
            />
        </ConfirmPanel>
    }
    .into_any()
}

fn too_late(page: &Page, run: &Run) -> AnyView {
    let href = page.place.run(run.id);
    let text = match run.status.is_terminal() {
        true => "It has ended. What it did is on its page.",
        false => "It is stopping already: what had started is finishing.",
    };
    view! {
        <EmptyState title="There is nothing to cancel" text glyph=Glyph::Barred>
            <LinkButton href variant=Variant::Primary>
                "Back to the run"
            </LinkButton>
        </EmptyState>
    }
    .into_any()
}
