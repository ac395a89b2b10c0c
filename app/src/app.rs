//! The route table of the pages, and nothing else. What a form posts to is in the server's router.

use leptos::prelude::*;
use leptos_router::{
    components::{FlatRoutes, Route, Router},
    path,
};

use crate::pages::{
    account::{
        accept_link::AcceptLinkPage, choose_workspace::ChooseWorkspacePage, setup::SetupPage,
        sign_in::SignInPage,
    },
    development::{DevelopmentStylePage, ReloadHook},
    not_found::NotFoundPage,
    runs::{
        cancel::CancelPage, close::ClosePage, item::ItemPage, list::RunsPage, retry::RetryPage,
        run::RunPage,
    },
};

/// Every page by its address.
#[component]
pub fn App() -> impl IntoView {
    view! {
        <Router>
            <FlatRoutes fallback=NotFoundPage>
                <Route path=path!("/") view=ChooseWorkspacePage />
                <Route path=path!("/sign-in") view=SignInPage />
                <Route path=path!("/setup") view=SetupPage />
                <Route path=path!("/accept-link") view=AcceptLinkPage />
                <Route path=path!("/w/:workspace/governance/automation/runs") view=RunsPage />
                <Route path=path!("/w/:workspace/governance/automation/runs/:run") view=RunPage />
                <Route
                    path=path!("/w/:workspace/governance/automation/runs/:run/items/:item")
                    view=ItemPage
                />
                <Route
                    path=path!("/w/:workspace/governance/automation/runs/:run/retry")
                    view=RetryPage
                />
                <Route
                    path=path!("/w/:workspace/governance/automation/runs/:run/cancel")
                    view=CancelPage
                />
                <Route
                    path=path!("/w/:workspace/governance/automation/runs/:run/close")
                    view=ClosePage
                />
                <Route path=path!("/dev/style") view=DevelopmentStylePage />
            </FlatRoutes>
        </Router>
        <ReloadHook />
    }
}
