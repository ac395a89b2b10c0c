//! The forms of decisions: one approval on its own page, or several of the list at once.

use domain::approval::{Approval, Verdict};
use leptos::prelude::*;

use crate::{
    components::{
        alert::Alert,
        button::{Button, Variant},
        error_summary::ErrorSummary,
        field::{FieldFrame, described_by},
        icon::Glyph,
        reason_field::{REASON_LIMIT, ReasonField},
        safe_textarea::SafeTextarea,
        tone::Tone,
    },
    context::Page,
    form_state::FormState,
    pages::paging::Paging,
};

/// The list inside a form that decides whatever is ticked in it.
pub fn selection(page: &Page, paging: &Paging, table: AnyView) -> AnyView {
    let form = &page.form;
    let select = if paging.here().contains('?') { '&' } else { '?' };
    let all = format!("{}{select}select=all", paging.here());
    view! {
        <form class="approvals-form" method="post" action=paging.here()>
            <ErrorSummary errors=form.errors() />
            {table}
            <section class="approvals-decide" aria-label="Decide what is selected">
                <ReasonField
                    label="Reason"
                    hint="For all that are selected. Needed to dismiss; kept with each decision."
                    value=form.value("reason")
                    error=form.error("reason")
                />
                <div class="form-actions">
                    <Button variant=Variant::Primary icon=Glyph::Check name="verdict" value="approve">
                        "Approve selected"
                    </Button>
                    <Button variant=Variant::Danger name="verdict" value="dismiss">
                        "Dismiss selected"
                    </Button>
                    <a class="approvals-all" href=all>
                        "Select all on this page"
                    </a>
                </div>
            </section>
        </form>
    }
    .into_any()
}

/// Both ways to decide one approval, side by side; with an obstacle, why neither can be gone.
pub fn decision(page: &Page, approval: &Approval, obstacle: Option<String>) -> AnyView {
    let stuck = obstacle.is_some();
    let alert = obstacle.map(
        |why| view! { <Alert tone=Tone::Warning title="You cannot decide this">{why}</Alert> },
    );
    let (approve, dismiss) = (Verdict::Approve, Verdict::Dismiss);
    view! {
        <div class="stack">
            <ErrorSummary errors=summary(&page.form) />
            {alert}
            <div class="approval-verdicts">
                {verdict_form(page, approval, approve, stuck)}
                {verdict_form(page, approval, dismiss, stuck)}
            </div>
        </div>
    }
    .into_any()
}

fn verdict_form(page: &Page, approval: &Approval, verdict: Verdict, stuck: bool) -> AnyView {
    let (title, variant, hint) = match verdict {
        Verdict::Approve => ("Approve", Variant::Primary, "Why, if it needs saying."),
        Verdict::Dismiss => ("Dismiss", Variant::Danger, "Kept with the item that is skipped."),
    };
    let field = (!stuck).then(|| reason(&page.form, verdict, hint));
    view! {
        <form
            class="approval-verdict"
            method="post"
            action=page.place.approval(approval.id)
            data-verdict=verdict.as_str()
        >
            <input type="hidden" name="verdict" value=verdict.as_str() />
            <input type="hidden" name="action_digest" value=approval.action_digest.clone() />
            {field}
            <div class="form-actions">
                <Button variant disabled=stuck>
                    {title}
                </Button>
            </div>
        </form>
    }
    .into_any()
}

/// The two forms stand on one page, so the field's id says which of them it is in.
fn reason(form: &FormState, verdict: Verdict, hint: &str) -> AnyView {
    let id = format!("{verdict}-reason");
    let sent = form.value("verdict") == verdict.as_str();
    let value = if sent { form.value("reason") } else { String::new() };
    let error = form.error("reason").filter(|_| sent);
    let (invalid, required) = (error.is_some(), verdict == Verdict::Dismiss);
    let described = described_by(&id, true, invalid);
    let label = match verdict {
        Verdict::Approve => "Reason for approving",
        Verdict::Dismiss => "Reason for dismissing",
    };
    view! {
        <FieldFrame
            id=id.clone()
            label=label.to_owned()
            hint=Some(hint.to_owned())
            error
            required
        >
            <SafeTextarea
                id
                name="reason"
                value
                maxlength=REASON_LIMIT
                required
                described_by=described
                invalid
            />
        </FieldFrame>
    }
    .into_any()
}

/// The errors, with links that lead to the field of the form that was sent.
fn summary(form: &FormState) -> Vec<(String, String)> {
    let sent = form.value("verdict");
    let errors = form.errors().into_iter();
    errors
        .map(|(field, message)| match field.as_str() {
            "reason" => (format!("{sent}-reason"), message),
            _ => (String::new(), message),
        })
        .collect()
}
