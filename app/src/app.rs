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
                <Route path=path!("/dev/style") view=DevelopmentStylePage />
            </FlatRoutes>
        </Router>
        <ReloadHook />
    }
}
