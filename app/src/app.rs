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
    approvals::{decided::DecidedPage, detail::ApprovalPage, list::ApprovalsPage},
    audit_log::{list::AuditLogPage, single::AuditEntryPage},
    brief::BriefPage,
    definitions::{detail::DefinitionPage, list::DefinitionsPage, version::VersionPage},
    development::{DevelopmentStylePage, ReloadHook},
    events::{detail::EventPage, list::EventsPage},
    exports::list::ExportsPage,
    health::{AutomationHealthPage, HealthPage},
    incidents::{detail::IncidentPage, list::IncidentsPage},
    not_found::NotFoundPage,
    overview::OverviewPage,
    policies::{
        change::{ChangePolicyPage, NewPolicyPage},
        detail::PolicyPage,
        list::PoliciesPage,
        switch::SwitchPolicyPage,
    },
    registers::{index::RegistersPage, record::RecordPage, register::RegisterPage},
    runs::{
        cancel::CancelPage, close::ClosePage, erase::ErasePage, item::ItemPage, list::RunsPage,
        retry::RetryPage, run::RunPage,
    },
    settings::{
        add_member::AddMemberPage, destinations::DestinationsPage, holds::HoldsPage,
        kill_switch::KillSwitchPage, link::LinkPage, member::MemberPage, members::MembersPage,
        press_kill_switch::PressKillSwitchPage, prices::PricesPage, release_hold::ReleaseHoldPage,
        release_kill_switch::ReleaseKillSwitchPage, remove_destination::RemoveDestinationPage,
        remove_member::RemoveMemberPage, retention::RetentionPage,
        retention_policy::RetentionPolicyPage, revoke_token::RevokeTokenPage,
        sign_destination::SignDestinationPage, storage::StoragePage, tokens::TokensPage,
    },
    webhooks::{
        confirm::{RemoveWebhookPage, RotateSecretPage},
        delivery::DeliveryPage,
        detail::WebhookPage,
        inbound::{InboundPage, detail::InboundEndpointPage},
        list::WebhooksPage,
        log::DeliveriesPage,
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
                <Route path=path!("/w/:workspace/governance/automation") view=OverviewPage />
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
                <Route
                    path=path!("/w/:workspace/governance/automation/runs/:run/erase")
                    view=ErasePage
                />
                <Route path=path!("/w/:workspace/governance/automation/approvals") view=ApprovalsPage />
                <Route
                    path=path!("/w/:workspace/governance/automation/approvals/decided")
                    view=DecidedPage
                />
                <Route
                    path=path!("/w/:workspace/governance/automation/approvals/:approval")
                    view=ApprovalPage
                />
                <Route
                    path=path!("/w/:workspace/governance/automation/definitions")
                    view=DefinitionsPage
                />
                <Route
                    path=path!("/w/:workspace/governance/automation/definitions/:key")
                    view=DefinitionPage
                />
                <Route
                    path=path!("/w/:workspace/governance/automation/definitions/:key/versions/:version")
                    view=VersionPage
                />
                <Route path=path!("/w/:workspace/governance/automation/events") view=EventsPage />
                <Route path=path!("/w/:workspace/governance/automation/events/:event") view=EventPage />
                <Route path=path!("/w/:workspace/governance/automation/health") view=HealthPage />
                <Route
                    path=path!("/w/:workspace/governance/automation/health/:key")
                    view=AutomationHealthPage
                />
                <Route path=path!("/w/:workspace/governance/automation/incidents") view=IncidentsPage />
                <Route
                    path=path!("/w/:workspace/governance/automation/incidents/:incident")
                    view=IncidentPage
                />
                <Route path=path!("/w/:workspace/governance/automation/brief") view=BriefPage />
                <Route path=path!("/w/:workspace/registers") view=RegistersPage />
                <Route path=path!("/w/:workspace/registers/:kind") view=RegisterPage />
                <Route path=path!("/w/:workspace/registers/:kind/:key") view=RecordPage />
                <Route path=path!("/w/:workspace/audit-log") view=AuditLogPage />
                <Route path=path!("/w/:workspace/audit-log/:seq") view=AuditEntryPage />
                <Route path=path!("/w/:workspace/exports") view=ExportsPage />
                <Route path=path!("/w/:workspace/settings/members") view=MembersPage />
                <Route path=path!("/w/:workspace/settings/members/add") view=AddMemberPage />
                <Route path=path!("/w/:workspace/settings/members/:member") view=MemberPage />
                <Route path=path!("/w/:workspace/settings/members/:member/link") view=LinkPage />
                <Route path=path!("/w/:workspace/settings/members/:member/windows") view=MemberPage />
                <Route
                    path=path!("/w/:workspace/settings/members/:member/remove")
                    view=RemoveMemberPage
                />
                <Route path=path!("/w/:workspace/settings/destinations") view=DestinationsPage />
                <Route
                    path=path!("/w/:workspace/settings/destinations/remove")
                    view=RemoveDestinationPage
                />
                <Route
                    path=path!("/w/:workspace/settings/destinations/sign")
                    view=SignDestinationPage
                />
                <Route path=path!("/w/:workspace/settings/inbound") view=InboundPage />
                <Route
                    path=path!("/w/:workspace/settings/inbound/:endpoint")
                    view=InboundEndpointPage
                />
                <Route path=path!("/w/:workspace/settings/webhooks") view=WebhooksPage />
                <Route path=path!("/w/:workspace/settings/webhooks/:webhook") view=WebhookPage />
                <Route
                    path=path!("/w/:workspace/settings/webhooks/:webhook/remove")
                    view=RemoveWebhookPage
                />
                <Route
                    path=path!("/w/:workspace/settings/webhooks/:webhook/rotate")
                    view=RotateSecretPage
                />
                <Route path=path!("/w/:workspace/settings/deliveries") view=DeliveriesPage />
                <Route path=path!("/w/:workspace/settings/deliveries/:delivery") view=DeliveryPage />
                <Route path=path!("/w/:workspace/settings/prices") view=PricesPage />
                <Route path=path!("/w/:workspace/settings/retention") view=RetentionPage />
                <Route
                    path=path!("/w/:workspace/settings/retention/policy")
                    view=RetentionPolicyPage
                />
                <Route path=path!("/w/:workspace/settings/storage") view=StoragePage />
                <Route path=path!("/w/:workspace/settings/holds") view=HoldsPage />
                <Route path=path!("/w/:workspace/settings/holds/:hold/release") view=ReleaseHoldPage />
                <Route path=path!("/w/:workspace/settings/policies") view=PoliciesPage />
                <Route path=path!("/w/:workspace/settings/new-policy") view=NewPolicyPage />
                <Route path=path!("/w/:workspace/settings/policies/:policy") view=PolicyPage />
                <Route
                    path=path!("/w/:workspace/settings/policies/:policy/change")
                    view=ChangePolicyPage
                />
                <Route
                    path=path!("/w/:workspace/settings/policies/:policy/switch")
                    view=SwitchPolicyPage
                />
                <Route path=path!("/w/:workspace/settings/kill-switch") view=KillSwitchPage />
                <Route
                    path=path!("/w/:workspace/settings/kill-switch/press")
                    view=PressKillSwitchPage
                />
                <Route
                    path=path!("/w/:workspace/settings/kill-switch/:switch/release")
                    view=ReleaseKillSwitchPage
                />
                <Route path=path!("/w/:workspace/settings/tokens") view=TokensPage />
                <Route
                    path=path!("/w/:workspace/settings/tokens/:token/revoke")
                    view=RevokeTokenPage
                />
                <Route path=path!("/dev/style") view=DevelopmentStylePage />
            </FlatRoutes>
        </Router>
        <ReloadHook />
    }
}
