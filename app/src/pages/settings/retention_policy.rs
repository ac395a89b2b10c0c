//! The form that says how long the runs of a definition, or of all others, are kept.

use domain::retention::{Policy, Term};
use leptos::prelude::*;

use crate::{
    components::{
        app_frame::Section,
        button::{Button, Variant},
        error_summary::ErrorSummary,
        field::{InputKind, TextField},
        page_header::{Crumb, PageHeader},
        panel::Panel,
    },
    context::Page,
    fault::Fault,
    pages::in_workspace,
};

/// Settings → Retention → one policy.
#[component]
pub fn RetentionPolicyPage() -> impl IntoView {
    in_workspace(Section::Retention, async |page| {
        page.check_query(&["definition"])?;
        let key = page.query_value("definition").unwrap_or_default().to_owned();
        let held = page.services.retention(page.caller).await?.policies;
        let (name, effective, is_own) = if key.is_empty() {
            let of = "Every definition without its own".to_owned();
            (of, held.workspace, held.workspace.number > 0)
        } else {
            let known = page.services.automations(page.caller).await?.into_iter();
            let mut named = known.map(|known| known.automation);
            let found = named.find(|automation| automation.key == key);
            let automation = found.ok_or_else(|| Fault::not_found("definition"))?;
            let own = held.automations.contains_key(&automation.id);
            (automation.name, held.for_automation(automation.id), own)
        };
        let crumbs = vec![Crumb::group("Settings"), Crumb::to("Retention", page.place.retention())];
        Ok(view! {
            <PageHeader title="How long runs are kept" crumbs lead=name.into_any() />
            <div class="settings stack-wide">
                {form(&page, &key, &effective.policy)} {is_own.then(|| reset(&page, &key))}
            </div>
        }
        .into_any())
    })
}

fn form(page: &Page, key: &str, policy: &Policy) -> AnyView {
    let (form, action) = (&page.form, address(page, key));
    let (executed, reported) = (&policy.executed, &policy.reported);
    let failed = |term: Option<Term>| term.unwrap_or_default();
    let field = |name: &'static str, label: &'static str, stored: Option<u32>| {
        let value = match form.is_refused() {
            true => form.value(name),
            false => stored.map(|n| n.to_string()).unwrap_or_default(),
        };
        let error = form.error(name);
        view! { <TextField name label value kind=InputKind::Number error /> }
    };
    let executed = vec![
        field("executed", "Days of detail", executed.detail.days),
        field("executed_runs", "Last runs with detail", executed.detail.runs),
        field("executed_failed", "Days, of failed runs", failed(executed.failed).days),
        field("executed_failed_runs", "Last failed runs", failed(executed.failed).runs),
    ];
    let reported = vec![
        field("reported", "Days of detail", reported.detail.days),
        field("reported_runs", "Last runs with detail", reported.detail.runs),
        field("reported_failed", "Days, of failed runs", failed(reported.failed).days),
        field("reported_failed_runs", "Last failed runs", failed(reported.failed).runs),
        field("reported_stubs", "Days until the stub goes, too", policy.reported_stub_days),
    ];
    let (errors, key) = (form.errors(), key.to_owned());
    view! {
        <Panel title="Policy" boxed=true>
            <form class="form" method="post" action=action>
                <ErrorSummary errors />
                <p>
                    "Whichever limit is reached first ends the time of a run. What is left empty is no \
                     limit; runs without any limit are kept for ever. Of failed runs, what is left \
                     empty is as for the others."
                </p>
                <input type="hidden" name="definition" value=key />
                <fieldset class="settings-terms">
                    <legend>"Runs that Assize carries out"</legend>
                    {executed}
                </fieldset>
                <fieldset class="settings-terms">
                    <legend>"Runs that are reported"</legend>
                    {reported}
                </fieldset>
                <div class="form-actions">
                    <Button variant=Variant::Primary>"Set the policy"</Button>
                </div>
            </form>
        </Panel>
    }
    .into_any()
}

fn address(page: &Page, key: &str) -> String {
    match key.is_empty() {
        true => page.place.retention_policy(),
        false => page.place.retention_of(key),
    }
}

fn reset(page: &Page, key: &str) -> AnyView {
    let action = address(page, key);
    let words = match key.is_empty() {
        true => {
            "From then on the default holds again: executed runs 400 days, reported runs 30 days or \
                 the last 100."
        }
        false => "From then on the policy of the workspace holds for it again.",
    };
    let key = key.to_owned();
    view! {
        <Panel title="Take it back" boxed=true>
            <form class="form" method="post" action=action>
                <p>{words}</p>
                <input type="hidden" name="definition" value=key />
                <input type="hidden" name="act" value="reset" />
                <div class="form-actions">
                    <Button>"Take the policy back"</Button>
                </div>
            </form>
        </Panel>
    }
    .into_any()
}
