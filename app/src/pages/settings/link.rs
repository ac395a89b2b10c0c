//! A new sign-in link for a member who cannot come in: what it does, and once, the link.

use domain::{id::MemberId, permission::Permission};
use leptos::prelude::*;

use super::{add_member::may, crumbs, issued};
use crate::{
    components::{
        app_frame::Section, button::LinkButton, confirm_panel::ConfirmPanel,
        error_summary::ErrorSummary, page_header::PageHeader,
    },
    pages::in_workspace,
};

/// Asks before it ends all sessions of an account, then shows the link.
#[component]
pub fn LinkPage() -> impl IntoView {
    in_workspace(Section::Members, async |page| {
        page.check_query(&[])?;
        may(&page, Permission::ManageMembers)?;
        let id: MemberId = page.param("member")?;
        let (member, _) = super::member(&page, id).await?;
        let (at, email) = (page.place.member(id), member.email.clone());
        let members = page.place.members();
        let content = match issued(&page) {
            Some(link) => view! {
                {link}
                <LinkButton href=members>"To the members"</LinkButton>
            }
            .into_any(),
            None => view! {
                <ErrorSummary errors=page.form.errors() />
                <ConfirmPanel
                    title=format!("Issue a sign-in link for {}?", member.name)
                    action=format!("{at}/link")
                    confirm="Issue the link"
                    cancel_href=at
                >
                    <p>
                        "All sessions of " <strong>{email}</strong>
                        " end, and links issued earlier stop working. The new link works once within 30 \
                         minutes. You hand it over yourself."
                    </p>
                    <p class="muted">
                        "A link opens every workspace of the account, so it can only be issued for an \
                         account all of whose workspaces you own. It is entered into the audit log of \
                         each, without its secret."
                    </p>
                </ConfirmPanel>
            }
            .into_any(),
        };
        Ok(view! {
            <PageHeader title="New sign-in link" crumbs=crumbs(&page, Some(&member)) />
            <div class="stack settings">{content}</div>
        }
        .into_any())
    })
}
