//! Settings: who is in the workspace, and where its requests may go.

pub mod add_member;
pub mod destinations;
pub mod holds;
pub mod kill_switch;
pub mod link;
pub mod member;
pub mod members;
pub mod press_kill_switch;
pub mod prices;
pub mod release_hold;
pub mod release_kill_switch;
pub mod remove_destination;
pub mod remove_member;
pub mod retention;
pub mod retention_policy;
pub mod revoke_token;
pub mod sign_destination;
pub mod storage;
pub mod tokens;
mod windows;

use domain::{
    id::MemberId,
    member::{Member, Role},
};
use leptos::prelude::*;

use crate::{
    components::{alert::Alert, code_block::CodeBlock, page_header::Crumb, tone::Tone},
    context::Page,
    fault::Fault,
};

/// Under which name a page is told a sign-in link that was just issued.
pub const ISSUED_LINK: &str = "issued-link";

/// Under which name it is told until when that link is good.
pub const LINK_EXPIRES: &str = "link-expires";

/// Under which name it is told what was done, where there is no link to show.
pub const DONE: &str = "done";

/// What each role is for, in the order of [`Role::ALL`].
const fn role_means(role: Role) -> &'static str {
    match role {
        Role::Owner => "everything, members and destinations included",
        Role::Operator => "retries, cancels, requests runs, applies definitions",
        Role::Approver => "decides approvals",
        Role::Auditor => "reads what happened in the periods granted, with the audit log",
        Role::Viewer => "reads runs, registers and definitions",
    }
}

/// The roles as choices of a form.
fn role_options() -> Vec<(String, String)> {
    let option = |role: &Role| {
        let label = crate::format::label(role.as_str());
        (role.to_string(), format!("{label}: {}", role_means(*role)))
    };
    Role::ALL.iter().map(option).collect()
}

/// A present member of the workspace, and whether nobody else is an owner.
async fn member(page: &Page, id: MemberId) -> Result<(Member, bool), Fault> {
    let members = page.services.members(page.caller).await?;
    let owners = members.iter().filter(|m| m.role == Role::Owner && m.removed_at.is_none());
    let owners: Vec<_> = owners.map(|owner| owner.id).collect();
    let found = members.into_iter().find(|member| member.id == id && member.removed_at.is_none());
    let member = found.ok_or_else(|| Fault::not_found("member"))?;
    Ok((member, owners == [id]))
}

/// The way to a page about a member.
fn crumbs(page: &Page, member: Option<&Member>) -> Vec<Crumb> {
    let mut crumbs = vec![Crumb::group("Settings"), Crumb::to("Members", page.place.members())];
    crumbs.extend(member.map(|member| Crumb::to(&member.name, page.place.member(member.id))));
    crumbs
}

/// A link that was just issued. It is nowhere else, and is not shown again.
fn issued(page: &Page) -> Option<AnyView> {
    let link = page.form.told(ISSUED_LINK)?.to_owned();
    let title = match page.form.told(DONE) {
        Some(done) => format!("{done}. Here is the sign-in link, shown this once"),
        None => "The sign-in link, shown this once".to_owned(),
    };
    let expires = page.form.told(LINK_EXPIRES).unwrap_or_default().to_owned();
    Some(
        view! {
            <Alert tone=Tone::Success title=title>
                <p>
                    "Hand it over on a way only this person can read. It works once, until " {expires}
                    "."
                </p>
                <CodeBlock label="Sign-in link" text=link />
            </Alert>
        }
        .into_any(),
    )
}

/// What was just done, in a sentence, where there is no link to show with it.
fn done(page: &Page) -> Option<AnyView> {
    let words = page.form.told(DONE).filter(|_| page.form.told(ISSUED_LINK).is_none())?.to_owned();
    Some(view! { <Alert tone=Tone::Success title=words /> }.into_any())
}

/// Why the last owner stays as they are.
fn last_owner() -> AnyView {
    view! {
        <Alert tone=Tone::Warning title="This is the last owner">
            "A workspace without an owner could never have one again. Make somebody else an owner \
             first."
        </Alert>
    }
    .into_any()
}
