//! The start page of an account that is in several workspaces, or in none.

use domain::member::Workspace;
use leptos::prelude::*;

use crate::{
    components::{
        app_frame::Section,
        button::Button,
        empty_state::EmptyState,
        icon::Glyph,
        link_card::{LinkCard, LinkCards},
        plain_frame::PlainFrame,
    },
    context,
    fault::Fault,
    pages::fault::FaultPage,
};

/// A card for each workspace.
#[component]
pub fn ChooseWorkspacePage() -> impl IntoView {
    let request = context::request();
    Suspend::new(async move {
        let Some(visitor) = request.visitor else {
            return view! { <FaultPage fault=Fault::not_found("page") /> }.into_any();
        };
        match request.services.workspaces_of(visitor.account).await {
            Ok(workspaces) => chooser(visitor.email, workspaces).into_any(),
            Err(error) => view! { <FaultPage fault=error.into() /> }.into_any(),
        }
    })
}

fn chooser(email: String, workspaces: Vec<Workspace>) -> impl IntoView {
    let none = workspaces.is_empty();
    let cards = workspaces.into_iter().map(|workspace| {
        view! {
            <LinkCard href=Section::Runs.href(&workspace.slug) title=workspace.name>
                {workspace.slug}
            </LinkCard>
        }
    });
    let list = match none {
        false => view! { <LinkCards>{cards.collect_view()}</LinkCards> }.into_any(),
        true => view! {
            <EmptyState
                title="No workspace yet"
                text="Your account is in no workspace. Ask an owner to add you."
                glyph=Glyph::Members
            />
        }
        .into_any(),
    };
    view! {
        <PlainFrame title="Your workspaces">
            {list}
            <form method="post" action="/sign-out" class="cluster">
                <span class="muted">{email}</span>
                <Button>"Sign out"</Button>
            </form>
        </PlainFrame>
    }
}
