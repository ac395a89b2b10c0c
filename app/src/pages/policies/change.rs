//! Writing a policy, or a new version of it.

use domain::permission::{self, Permission};
use engine::services::ServiceError;
use leptos::prelude::*;

use super::{crumbs, form};
use crate::{
    components::{
        app_frame::Section,
        page_header::{Crumb, PageHeader},
    },
    context::Page,
    fault::Fault,
    pages::in_workspace,
};

/// Refuses whoever may only look.
pub(super) fn must_manage(page: &Page) -> Result<(), Fault> {
    permission::require(page.caller.principal, Permission::ManagePolicies)
        .map_err(|refused| ServiceError::Refused(refused).into())
}

/// A new policy.
#[component]
pub fn NewPolicyPage() -> impl IntoView {
    in_workspace(Section::Policies, async |page| {
        page.check_query(&[])?;
        must_manage(&page)?;
        let form = form::fields(&page, None, page.place.new_policy(), page.place.policies());
        Ok(view! {
            <PageHeader
                title="New policy"
                crumbs=crumbs(&page)
                lead="It does nothing before it is switched on: save it, test it against what ran before, then \
                      decide."
                    .into_any()
            />
            <div class="settings">{form}</div>
        }
        .into_any())
    })
}

/// A new version of a policy.
#[component]
pub fn ChangePolicyPage() -> impl IntoView {
    in_workspace(Section::Policies, async |page| {
        page.check_query(&[])?;
        must_manage(&page)?;
        let key: String = page.param("policy")?;
        let detail = page.services.policy(page.caller, &key).await?;
        let latest = detail.versions.first().map(|version| &version.terms);
        let action = format!("{}/change", page.place.policy(&key));
        let form = form::fields(&page, latest, action, page.place.policy(&key));
        let mut crumbs = crumbs(&page);
        crumbs.push(Crumb::to(&detail.policy.name, page.place.policy(&key)));
        let title = format!("Version {} of {}", detail.policy.version + 1, detail.policy.name);
        let lead = match detail.policy.on {
            Some(on) => format!("Version {on} stays on until you switch to the new one."),
            None => "It does nothing before it is switched on.".to_owned(),
        };
        Ok(view! {
            <PageHeader title crumbs lead=lead.into_any() />
            <div class="settings">{form}</div>
        }
        .into_any())
    })
}
