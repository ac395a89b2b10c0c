//! One policy: what it says, its versions, and what it would have done.

use domain::{
    permission::Permission,
    policy::{Effect, Policy, PolicyVersion},
};
use engine::services::PolicyDetail;
use leptos::prelude::*;

use super::{crumbs, test, words};
use crate::{
    components::{
        app_frame::Section,
        button::{LinkButton, Size, Variant},
        code_block::CodeBlock,
        data_table::{Align, Cell, Column, DataTable, HeadCell, Row},
        digest::Digest,
        key_value::{Entry, KeyValue},
        page_header::PageHeader,
        panel::Panel,
        status_badge::StatusBadge,
        timestamp::Timestamp,
    },
    context::Page,
    fault::Fault,
    pages::{
        approvals::deciders,
        definitions::version::changed_lines,
        in_workspace,
        mentions::{self, Names},
    },
};

/// Settings → Policies → one of them. The query names the version that is shown, and the days of a test.
#[component]
pub fn PolicyPage() -> impl IntoView {
    in_workspace(Section::Policies, async |page| {
        page.check_query(&["version", "from", "to"])?;
        let key: String = page.param("policy")?;
        let detail = page.services.policy(page.caller, &key).await?;
        let names = page.services.member_names(page.caller).await?;
        let shown = shown(&page, &detail)?;
        let before = detail.versions.iter().find(|version| version.number + 1 == shown.number);
        let tested = match page.may(Permission::ManagePolicies) {
            true => Some(test::show(&page, &key, shown).await?),
            false => None,
        };
        let entries = mentions::entries(&page, "object", &detail.policy.id.to_string());
        let versions = versions(&page, &detail, shown.number, &names);
        let (says, rule) = (says(shown), shown.terms.rule.clone());
        let (note, label) =
            (format!("version {}", shown.number), format!("Rule of version {}", shown.number));
        let changed = before
            .map(|before| changed_lines(before.number, &before.terms.file(), &shown.terms.file()));
        Ok(view! {
            {header(&page, &detail.policy)}
            <div class="stack-wide">
                <div class="definition">
                    <Panel title="What it says" note boxed=true>
                        {says}
                    </Panel>
                    <Panel title="Versions" note="newest first" actions=entries>
                        {versions}
                    </Panel>
                </div>
                <Panel title="The rule" note="what it holds for">
                    <CodeBlock label text=rule />
                </Panel>
                {changed}
                {tested}
            </div>
        }
        .into_any())
    })
}

/// The version that was asked for; else the one that is on, or the latest.
fn shown<'d>(page: &Page, detail: &'d PolicyDetail) -> Result<&'d PolicyVersion, Fault> {
    let number = match page.query_value("version") {
        Some(text) => text.parse().map_err(|error| Fault::bad_request("version", error))?,
        None => detail.policy.on.unwrap_or(detail.policy.version),
    };
    let found = detail.versions.iter().find(|version| version.number == number);
    found.ok_or_else(|| Fault::not_found("version"))
}

fn header(page: &Page, policy: &Policy) -> AnyView {
    let beside = view! {
        <StatusBadge status=words::standing(policy) size=Size::Large />
        <code class="quiet">{policy.key.clone()}</code>
    };
    let actions = page.may(Permission::ManagePolicies).then(|| {
        let own = page.place.policy(&policy.key);
        let off = policy.on.map(|_| {
            let href = format!("{own}/switch");
            view! {
                <LinkButton href variant=Variant::Danger>
                    "Switch off…"
                </LinkButton>
            }
        });
        view! {
            {off}
            <LinkButton href=format!("{own}/change")>"New version"</LinkButton>
        }
        .into_any()
    });
    let lead = match policy.on {
        Some(on) => format!("Version {on} is on. Whatever is started was judged under it."),
        None => "It is off and does nothing.".to_owned(),
    };
    view! {
        <PageHeader
            title=policy.name.clone()
            crumbs=crumbs(page)
            lead=lead.into_any()
            beside=beside.into_any()
            actions
        />
    }
    .into_any()
}

fn says(version: &PolicyVersion) -> AnyView {
    let terms = &version.terms;
    let about = match terms.automations.is_empty() {
        true => "Every automation".to_owned(),
        false => terms.automations.join(", "),
    };
    let approval = terms.approval();
    let asks = (terms.effect == Effect::RequireApproval).then(|| {
        let words = format!("{}; {} needed", deciders(&approval), approval.quorum);
        view! { <Entry term="Approved by">{words}</Entry> }
    });
    let (statement, effect) = (terms.statement.clone(), words::effect(terms.effect));
    let digest = version.digest.clone();
    view! {
        <KeyValue>
            <Entry term="Statement">{statement}</Entry>
            <Entry term="Effect">{effect}</Entry>
            {asks}
            <Entry term="About">{about}</Entry>
            <Entry term="Digest">
                <Digest value=digest />
            </Entry>
        </KeyValue>
    }
    .into_any()
}

fn versions(page: &Page, detail: &PolicyDetail, shown: i64, names: &Names) -> AnyView {
    let may = page.may(Permission::ManagePolicies);
    let mut columns = ["Version", "Written", "By"].map(Column::new).to_vec();
    if may {
        columns.push(Column::number("Switch on"));
    }
    let row = |version: &PolicyVersion| {
        let (number, now, at) = (version.number, page.now, version.created_at);
        let own = page.place.policy(&detail.policy.key);
        let href = format!("{own}?version={number}");
        let on = detail.policy.on == Some(number);
        let mark = match (on, number == shown) {
            (true, _) => " (on)",
            (false, true) => " (shown)",
            _ => "",
        };
        let switch = may.then(|| {
            let href = format!("{own}/switch?version={number}");
            let link = (!on).then(|| {
                view! {
                    <LinkButton href size=Size::Small variant=Variant::Quiet>
                        "Switch on…" <span class="visually-hidden">" version " {number}</span>
                    </LinkButton>
                }
            });
            view! {
                <Cell label="Switch on" align=Align::End fit=true>
                    {link}
                </Cell>
            }
        });
        let by = mentions::member(names, version.created_by);
        view! {
            <Row>
                <HeadCell href>{format!("{number}{mark}")}</HeadCell>
                <Cell label="Written" fit=true>
                    <Timestamp at now />
                </Cell>
                <Cell label="By">{by}</Cell>
                {switch}
            </Row>
        }
    };
    let rows = detail.versions.iter().map(row).collect_view();
    view! {
        <DataTable caption="Versions" columns>
            {rows}
        </DataTable>
    }
    .into_any()
}
