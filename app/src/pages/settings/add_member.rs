//! Adding a member.

use domain::{
    member::Role,
    permission::{Permission, Refused},
};
use engine::services::ServiceError;
use leptos::prelude::*;

use super::{crumbs, role_options};
use crate::{
    components::{
        app_frame::Section,
        button::{Button, LinkButton, Variant},
        error_summary::ErrorSummary,
        field::{InputKind, SelectField, TextField},
        page_header::PageHeader,
    },
    context::Page,
    fault::Fault,
    pages::in_workspace,
};

/// Who is to be a member, and as what.
#[component]
pub fn AddMemberPage() -> impl IntoView {
    in_workspace(Section::Members, async |page| {
        page.check_query(&[])?;
        may(&page, Permission::ManageMembers)?;
        Ok(view! {
            <PageHeader
                title="Add a member"
                crumbs=crumbs(&page, None)
                lead="Somebody without a password gets a sign-in link, good once within seven days, \
                      which you hand over yourself: Assize sends no mail."
                    .into_any()
            />
            {form(&page)}
        }
        .into_any())
    })
}

/// A page that is nothing but a form is not there for those who may not send it.
pub(super) fn may(page: &Page, permission: Permission) -> Result<(), Fault> {
    match page.may(permission) {
        true => Ok(()),
        false => {
            let role = page.place.member.role.as_str();
            Err(ServiceError::Refused(Refused { role, permission, scoped: false }).into())
        }
    }
}

fn form(page: &Page) -> AnyView {
    let form = &page.form;
    let role = match form.value("role") {
        sent if !sent.is_empty() => sent,
        _ => Role::Viewer.to_string(),
    };
    view! {
        <form class="form" method="post" action=format!("{}/add", page.place.members())>
            <ErrorSummary errors=form.errors() />
            <TextField
                name="name"
                label="Name"
                hint="As it will stand beside everything they do."
                value=form.value("name")
                error=form.error("name")
                required=true
            />
            <TextField
                name="email"
                label="E-mail address"
                hint="They sign in with it."
                kind=InputKind::Email
                value=form.value("email")
                error=form.error("email")
                required=true
            />
            <SelectField
                name="role"
                label="Role"
                options=role_options()
                value=role
                error=form.error("role")
            />
            <div class="form-actions">
                <Button variant=Variant::Primary>"Add the member"</Button>
                <LinkButton href=page.place.members() variant=Variant::Quiet>
                    "Go back"
                </LinkButton>
            </div>
        </form>
    }
    .into_any()
}
