//! The members of the workspace, and those who were.

use domain::{
    filter::query,
    member::{Member, Role},
    permission::Permission,
    window::Window,
};
use leptos::prelude::*;

use super::{done, issued, windows};
use crate::{
    components::{
        app_frame::Section,
        button::{LinkButton, Variant},
        data_table::{Cell, Column, DataTable, HeadCell, Row},
        page_header::{Crumb, PageHeader},
        panel::Panel,
        tag::Tag,
        timestamp::Timestamp,
    },
    context::Page,
    format,
    pages::in_workspace,
};

/// The members by name.
#[component]
pub fn MembersPage() -> impl IntoView {
    in_workspace(Section::Members, async |page| {
        page.check_query(&[])?;
        let members = page.services.members(page.caller).await?;
        let windows = page.services.windows(page.caller).await?;
        let (gone, here): (Vec<_>, Vec<_>) =
            members.into_iter().partition(|member| member.removed_at.is_some());
        let add = page.may(Permission::ManageMembers).then(|| {
            let href = format!("{}/add", page.place.members());
            view! {
                <LinkButton href variant=Variant::Primary>
                    "Add a member"
                </LinkButton>
            }
            .into_any()
        });
        let log = page.place.audit_log(&query([("verb", "member.added")]));
        Ok(view! {
            <PageHeader
                title="Members"
                crumbs=vec![Crumb::group("Settings")]
                lead=view! {
                    "Who may do what here. Every change is in the "
                    <a href=log>"audit log"</a>
                    "; what a member did keeps their name after they are removed."
                }
                    .into_any()
                actions=add
            />
            <div class="stack-wide">
                {issued(&page)} {done(&page)} {present(&page, &here, &windows)} {removed(&page, &gone)}
            </div>
        }
        .into_any())
    })
}

fn present(page: &Page, members: &[Member], windows: &[Window]) -> AnyView {
    let now = page.now;
    let columns = ["Name", "E-mail", "Role", "Sees", "Since"].map(Column::new).into();
    let rows = members
        .iter()
        .map(|member| {
            let own = (member.id == page.place.member.id)
                .then(|| view! { <span class="quiet">" you"</span> });
            let Member { id, name, email, role, created_at, .. } = member.clone();
            let href = page.place.member(id);
            let sees = match role {
                Role::Auditor => windows::seen(windows, id),
                _ => "All periods".to_owned(),
            };
            view! {
                <Row>
                    <HeadCell href>{name} {own}</HeadCell>
                    <Cell label="E-mail">{email}</Cell>
                    <Cell label="Role" fit=true>
                        <Tag>{format::label(role.as_str())}</Tag>
                    </Cell>
                    <Cell label="Sees">{sees}</Cell>
                    <Cell label="Since" fit=true>
                        <Timestamp at=created_at now />
                    </Cell>
                </Row>
            }
        })
        .collect_view();
    view! {
        <DataTable caption="Members" columns>
            {rows}
        </DataTable>
    }
    .into_any()
}

fn removed(page: &Page, members: &[Member]) -> Option<AnyView> {
    let now = page.now;
    let columns = vec![Column::new("Name"), Column::new("E-mail"), Column::new("Removed")];
    let rows = members
        .iter()
        .map(|member| {
            let Member { name, email, removed_at, .. } = member.clone();
            view! {
                <Row>
                    <HeadCell>{name}</HeadCell>
                    <Cell label="E-mail">{email}</Cell>
                    <Cell label="Removed" fit=true>
                        {removed_at.map(|at| view! { <Timestamp at now /> })}
                    </Cell>
                </Row>
            }
        })
        .collect_view();
    (!members.is_empty()).then(|| {
        view! {
            <Panel title="Removed" note=format::plural(members.len() as i64, "member", "members")>
                <DataTable caption="Removed members" columns>
                    {rows}
                </DataTable>
            </Panel>
        }
        .into_any()
    })
}
