//! Removing a member: what it means, and the form that does it.

use domain::{id::MemberId, permission::Permission};
use leptos::prelude::*;

use super::{add_member::may, crumbs, last_owner};
use crate::{
    components::{
        app_frame::Section, confirm_panel::ConfirmPanel, error_summary::ErrorSummary,
        page_header::PageHeader, tone::Tone,
    },
    pages::in_workspace,
};

/// Asks before a member is removed.
#[component]
pub fn RemoveMemberPage() -> impl IntoView {
    in_workspace(Section::Members, async |page| {
        page.check_query(&[])?;
        may(&page, Permission::ManageMembers)?;
        let id: MemberId = page.param("member")?;
        let (member, last) = super::member(&page, id).await?;
        let (at, email) = (page.place.member(id), member.email.clone());
        let own = (id == page.place.member.id).then(|| {
            view! { <p><strong>"This is you: you lose access at once."</strong></p> }
        });
        let content = match last {
            true => last_owner(),
            false => view! {
                <ConfirmPanel
                    title=format!("Remove {}?", member.name)
                    action=format!("{at}/remove")
                    confirm="Remove the member"
                    cancel_href=at
                    tone=Tone::Danger
                >
                    {own}
                    <p>
                        <strong>{email}</strong>
                        " can no longer open this workspace. Approvals that name them as the only approver \
                         wait until they expire."
                    </p>
                    <p class="muted">
                        "What they did stays in the audit log under their name. They can be added again."
                    </p>
                </ConfirmPanel>
            }
            .into_any(),
        };
        Ok(view! {
            <PageHeader title="Remove a member" crumbs=crumbs(&page, Some(&member)) />
            <div class="stack settings">
                <ErrorSummary errors=page.form.errors() />
                {content}
            </div>
        }
        .into_any())
    })
}
