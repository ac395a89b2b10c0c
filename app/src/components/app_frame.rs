//! The frame of every signed-in page: bar, sections, content.

use domain::{
    member::Role,
    permission::{self, Permission},
};
use leptos::prelude::*;

use super::{
    button::{Button, Size, Variant},
    icon::{Glyph, Icon, Mark},
    kill_banner::{KillBanner, Stopped},
};
use crate::{
    format,
    islands::{approvals_badge::ApprovalsBadge, live::Stream, local_time::LocalTime},
    shell::IslandScripts,
};

/// Who looks, at which workspace: what the frame shows on every page.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// The workspace's name.
    pub workspace: String,
    /// Its part of the address.
    pub slug: String,
    /// The member's name.
    pub member: String,
    /// The member's role, in DESIGN's word.
    pub role: &'static str,
    /// Approvals that wait for this member.
    pub waiting: i64,
    /// Where what happens is told, if it is.
    pub stream: Option<Stream>,
    /// What kill switches stop.
    pub stopped: Vec<Stopped>,
}

/// A section of the workspace, as the navigation lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// Governance → Automation → Overview.
    Overview,
    /// Governance → Automation → Runs.
    Runs,
    /// Governance → Automation → Approvals.
    Approvals,
    /// Governance → Automation → Health.
    Health,
    /// Governance → Automation → Incidents.
    Incidents,
    /// Governance → Automation → Definitions.
    Definitions,
    /// Governance → Automation → Events.
    Events,
    /// Governance → Automation → Brief.
    Brief,
    /// Registers of records.
    Registers,
    /// The audit log.
    AuditLog,
    /// Bundles to take home.
    Exports,
    /// Settings → Members.
    Members,
    /// Settings → Destinations.
    Destinations,
    /// Settings → Webhooks.
    Webhooks,
    /// Settings → Tokens.
    Tokens,
    /// Settings → Prices.
    Prices,
    /// Settings → Holds.
    Holds,
    /// Settings → Policies.
    Policies,
    /// Settings → Retention.
    Retention,
    /// Settings → Storage.
    Storage,
    /// Settings → Kill switch.
    KillSwitch,
}

impl Section {
    /// Its name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Runs => "Runs",
            Self::Approvals => "Approvals",
            Self::Health => "Health",
            Self::Incidents => "Incidents",
            Self::Definitions => "Definitions",
            Self::Events => "Events",
            Self::Brief => "Brief",
            Self::Registers => "Registers",
            Self::AuditLog => "Audit log",
            Self::Exports => "Exports",
            Self::Members => "Members",
            Self::Destinations => "Destinations",
            Self::Webhooks => "Webhooks",
            Self::Tokens => "Tokens",
            Self::Prices => "Prices",
            Self::Holds => "Holds",
            Self::Policies => "Policies",
            Self::Retention => "Retention",
            Self::Storage => "Storage",
            Self::KillSwitch => "Kill switch",
        }
    }

    /// Its address in the workspace with this slug.
    pub fn href(self, slug: &str) -> String {
        let path = match self {
            Self::Overview => "governance/automation",
            Self::Runs => "governance/automation/runs",
            Self::Approvals => "governance/automation/approvals",
            Self::Health => "governance/automation/health",
            Self::Incidents => "governance/automation/incidents",
            Self::Definitions => "governance/automation/definitions",
            Self::Events => "governance/automation/events",
            Self::Brief => "governance/automation/brief",
            Self::Registers => "registers",
            Self::AuditLog => "audit-log",
            Self::Exports => "exports",
            Self::Members => "settings/members",
            Self::Destinations => "settings/destinations",
            Self::Webhooks => "settings/webhooks",
            Self::Tokens => "settings/tokens",
            Self::Prices => "settings/prices",
            Self::Holds => "settings/holds",
            Self::Policies => "settings/policies",
            Self::Retention => "settings/retention",
            Self::Storage => "settings/storage",
            Self::KillSwitch => "settings/kill-switch",
        };
        format!("/w/{slug}/{path}")
    }

    const fn glyph(self) -> Glyph {
        match self {
            Self::Overview => Glyph::Overview,
            Self::Runs => Glyph::Runs,
            Self::Approvals => Glyph::Approvals,
            Self::Health => Glyph::Health,
            Self::Incidents => Glyph::Incidents,
            Self::Definitions => Glyph::Definitions,
            Self::Events => Glyph::Events,
            Self::Brief => Glyph::Brief,
            Self::Registers => Glyph::Registers,
            Self::AuditLog => Glyph::AuditLog,
            Self::Exports => Glyph::Download,
            Self::Members => Glyph::Members,
            Self::Destinations => Glyph::Destinations,
            Self::Webhooks => Glyph::Webhooks,
            Self::Tokens => Glyph::Tokens,
            Self::Prices => Glyph::Coin,
            Self::Holds => Glyph::Lock,
            Self::Policies => Glyph::Shield,
            Self::Retention => Glyph::Half,
            Self::Storage => Glyph::Registers,
            Self::KillSwitch => Glyph::Stop,
        }
    }

    /// What a member needs to see anything there.
    const fn permission(self) -> Permission {
        match self {
            Self::Overview
            | Self::Runs
            | Self::Approvals
            | Self::Health
            | Self::Incidents
            | Self::Definitions
            | Self::Events
            | Self::Brief
            | Self::Registers
            | Self::Policies
            | Self::Prices
            | Self::KillSwitch => Permission::ViewRuns,
            Self::AuditLog | Self::Exports | Self::Holds | Self::Retention => {
                Permission::ViewAuditLog
            }
            Self::Storage => Permission::ManageRetention,
            Self::Members => Permission::ViewMembers,
            Self::Destinations => Permission::ManageDestinations,
            Self::Webhooks => Permission::ViewWebhooks,
            Self::Tokens => Permission::UseTokens,
        }
    }
}

const GOVERNANCE: &[Section] = &[
    Section::Overview,
    Section::Runs,
    Section::Health,
    Section::Approvals,
    Section::Incidents,
    Section::Definitions,
    Section::Events,
    Section::Brief,
];
const RECORDS: &[Section] = &[Section::Registers, Section::AuditLog, Section::Exports];
const SETTINGS: &[Section] = &[
    Section::Members,
    Section::Destinations,
    Section::Webhooks,
    Section::Tokens,
    Section::Prices,
    Section::Holds,
    Section::Policies,
    Section::Retention,
    Section::Storage,
    Section::KillSwitch,
];

/// The frame around a page.
#[expect(clippy::needless_pass_by_value, reason = "a component owns its props")]
#[component]
pub fn AppFrame(
    /// Who looks.
    viewer: Viewer,
    /// The section the page belongs to.
    #[prop(into)]
    current: Option<Section>,
    /// The page.
    children: Children,
) -> impl IntoView {
    let home = Section::Runs.href(&viewer.slug);
    let stop = Section::KillSwitch.href(&viewer.slug);
    let nav = navigation(&viewer, current);
    view! {
        <div class="app-frame">
            <a class="app-frame-skip" href="#content">
                "Skip to content"
            </a>
            <header class="app-frame-bar">
                <button
                    class="button app-frame-menu"
                    type="button"
                    data-variant="quiet"
                    data-icon-only=""
                    popovertarget="sections"
                    aria-label="Sections"
                >
                    <Icon glyph=Glyph::Menu />
                </button>
                <a class="app-frame-brand" href=home aria-label="Assize, runs">
                    <Mark />
                    <span>"Assize"</span>
                </a>
                <div class="app-frame-workspace" title=viewer.workspace.clone()>
                    <span>{viewer.workspace.clone()}</span>
                </div>
                <div class="app-frame-member">
                    <LocalTime />
                    <span class="app-frame-name" title=viewer.member.clone()>{viewer.member.clone()}</span>
                    <span class="app-frame-role">{format::label(viewer.role)}</span>
                    <form method="post" action="/sign-out">
                        <Button variant=Variant::Quiet size=Size::Small>
                            "Sign out"
                        </Button>
                    </form>
                </div>
            </header>
            <KillBanner stopped=viewer.stopped.clone() href=stop />
            {nav}
            <main class="app-frame-main" id="content" tabindex="-1">
                {children()}
            </main>
        </div>
        <IslandScripts />
    }
    .into_any()
}

/// One list for every width: beside the page where there is room, else a popover, which the
/// browser opens without a script. What the member may not see at all is left out.
fn navigation(viewer: &Viewer, current: Option<Section>) -> impl IntoView + use<> {
    let role: Option<Role> = viewer.role.parse().ok();
    let group = |heading: AnyView, sections: &[Section]| {
        let may = |section: &&Section| {
            role.is_some_and(|role| permission::allows(role, section.permission()))
        };
        let links: Vec<_> = sections
            .iter()
            .filter(may)
            .map(|&section| section_link(section, viewer, current))
            .collect();
        (!links.is_empty()).then(|| {
            view! {
                <p class="app-frame-group">{heading}</p>
                <ul>{links}</ul>
            }
        })
    };
    view! {
        <nav class="app-frame-nav" id="sections" popover="auto" aria-label="Sections">
            {group(view! { "Governance / " <b>"Automation"</b> }.into_any(), GOVERNANCE)}
            {group("Records".into_any(), RECORDS)}
            {group("Settings".into_any(), SETTINGS)}
        </nav>
    }
}

fn section_link(
    section: Section,
    viewer: &Viewer,
    current: Option<Section>,
) -> impl IntoView + use<> {
    let waiting = (section == Section::Approvals).then(|| {
        let stream = viewer.stream.clone();
        let (url, after) =
            stream.map_or_else(Default::default, |stream| (stream.url, stream.after));
        view! { <ApprovalsBadge waiting=viewer.waiting url after /> }
    });
    view! {
        <li>
            <a
                class="app-frame-link"
                href=section.href(&viewer.slug)
                aria-current=(current == Some(section)).then_some("page")
            >
                <Icon glyph=section.glyph() />
                {section.label()}
                {waiting}
            </a>
        </li>
    }
}
