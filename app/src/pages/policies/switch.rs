//! Switching a policy on or off: what it means, and why.

use leptos::prelude::*;

use super::{change::must_manage, crumbs};
use crate::{
    components::{
        app_frame::Section,
        confirm_panel::ConfirmPanel,
        error_summary::ErrorSummary,
        page_header::{Crumb, PageHeader},
        reason_field::ReasonField,
        tone::Tone,
    },
    pages::in_workspace,
};

const ON: &str = "From the entry in the audit log on, nothing is started that was not judged under this \
                  version. What waits is judged just before it acts.";

const OFF: &str = "From the entry in the audit log on, nobody asks it. What it denied stays denied, and \
                   approvals it asked for stay open.";

/// Asks before a policy is switched: to the version in the query, or off without one.
#[component]
pub fn SwitchPolicyPage() -> impl IntoView {
    in_workspace(Section::Policies, async |page| {
        page.check_query(&["version"])?;
        must_manage(&page)?;
        let key: String = page.param("policy")?;
        let policy = page.services.policy(page.caller, &key).await?.policy;
        let sent = Some(page.form.value("version")).filter(|version| !version.is_empty());
        let version = sent.or(page.query_value("version").map(str::to_owned));
        let (title, means) = match &version {
            Some(version) => (format!("Switch version {version} on"), ON),
            None => ("Switch it off".to_owned(), OFF),
        };
        let tone = if version.is_some() { Tone::Info } else { Tone::Danger };
        let (reason, error) = (page.form.value("reason"), page.form.error("reason"));
        let back = page.place.policy(&key);
        let mut crumbs = crumbs(&page);
        crumbs.push(Crumb::to(&policy.name, back.clone()));
        let version = version.unwrap_or_default();
        Ok(view! {
            <PageHeader title=format!("{title}: {}", policy.name) crumbs />
            <div class="stack settings">
                <ErrorSummary errors=page.form.errors() />
                <ConfirmPanel
                    title=format!("{title} now?")
                    action=format!("{back}/switch")
                    confirm=title
                    cancel_href=back
                    tone
                >
                    <input type="hidden" name="version" value=version />
                    <p>{means}</p>
                    <ReasonField value=reason error required=true />
                </ConfirmPanel>
            </div>
        }
        .into_any())
    })
}
