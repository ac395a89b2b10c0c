//! One member: their role, a new way in for them, and the way out.

use domain::{
    filter::query,
    id::MemberId,
    member::{Member, Role},
    permission::Permission,
};
use leptos::prelude::*;

use super::{crumbs, last_owner, role_means, role_options, windows};
use crate::{
    components::{
        app_frame::Section,
        button::{Button, LinkButton},
        error_summary::ErrorSummary,
        field::SelectField,
        key_value::{Entry, KeyValue},
        page_header::PageHeader,
        panel::Panel,
        tag::Tag,
        timestamp::Timestamp,
    },
    context::Page,
    fault::Fault,
    format,
    pages::in_workspace,
};

/// One member.
#[component]
pub fn MemberPage() -> impl IntoView {
    in_workspace(Section::Members, async |page| {
        // Days that a link fills in.
        page.check_query(&["from", "to"])?;
        let id: MemberId = page.param("member")?;
        let (member, last) = super::member(&page, id).await?;
        let windows = match member.role {
            Role::Auditor => Some(looking(&page, &member).await?),
            _ => None,
        };
        let manage = page.may(Permission::ManageMembers).then(|| manage(&page, &member, last));
        Ok(view! {
            <PageHeader title=member.name.clone() crumbs=crumbs(&page, None) />
            <div class="stack-wide settings">
                <ErrorSummary errors=page.form.errors() />
                {facts(&page, &member)}
                {windows}
                {manage}
            </div>
        }
        .into_any())
    })
}

/// What an auditor may look into.
async fn looking(page: &Page, member: &Member) -> Result<AnyView, Fault> {
    let windows = page.services.windows(page.caller).await?;
    let names = page.services.member_names(page.caller).await?;
    Ok(windows::panel(page, member, &windows, &names))
}

fn facts(page: &Page, member: &Member) -> AnyView {
    let now = page.now;
    let id = member.id.to_string();
    let did = page.place.audit_log(&query([("actor", id.as_str())]));
    let about = page.place.audit_log(&query([("object", id.as_str())]));
    let Member { email, role, created_at, .. } = member.clone();
    view! {
        <Panel title="The member" boxed=true>
            <KeyValue>
                <Entry term="E-mail">{email}</Entry>
                <Entry term="Role">
                    <Tag>{format::label(role.as_str())}</Tag> " "
                    <span class="quiet">{role_means(role)}</span>
                </Entry>
                <Entry term="Since">
                    <Timestamp at=created_at now relative=true />
                </Entry>
                <Entry term="Audit log">
                    <a href=did>"What they did"</a> ", " <a href=about>"what was done about them"</a>
                </Entry>
            </KeyValue>
        </Panel>
    }
    .into_any()
}

fn manage(page: &Page, member: &Member, last: bool) -> AnyView {
    let at = page.place.member(member.id);
    let value = match page.form.value("role") {
        sent if !sent.is_empty() => sent,
        _ => member.role.to_string(),
    };
    let (remove, link) = (format!("{at}/remove"), format!("{at}/link"));
    let remove = (!last).then(|| {
        view! { <LinkButton href=remove>"Remove this member"</LinkButton> }
    });
    let error = page.form.error("role");
    view! {
        {last.then(last_owner)}
        <Panel title="Role" boxed=true>
            <form class="form" method="post" action=at>
                <SelectField
                    name="role"
                    label="Role in this workspace"
                    hint="It holds from the member’s next request on."
                    options=role_options()
                    value
                    error
                />
                <div class="form-actions">
                    <Button disabled=last>"Change the role"</Button>
                </div>
            </form>
        </Panel>
        <Panel title="Way in and way out" boxed=true>
            <div class="cluster">
                <LinkButton href=link>"Issue a new sign-in link"</LinkButton>
                {remove}
            </div>
        </Panel>
    }
    .into_any()
}
