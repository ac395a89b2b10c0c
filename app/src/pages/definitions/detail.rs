//! One definition: what its version in effect says, its versions, and its recent runs.

use domain::run::Run;
use engine::store::{InEffect, VersionHead};
use leptos::prelude::*;

use super::{budget, forms, list, spec};
use crate::{
    components::{
        app_frame::Section,
        button::{LinkButton, Size},
        code_block::CodeBlock,
        counts_bar::CountsBar,
        data_table::{Align, Cell, Column, DataTable, EmptyRow, HeadCell, Row},
        digest::Digest,
        error_summary::ErrorSummary,
        page_header::{Crumb, PageHeader},
        panel::Panel,
        status_badge::StatusBadge,
        timestamp::Timestamp,
    },
    context::Page,
    format,
    pages::{
        in_workspace,
        mentions::{self, Names},
    },
};

/// Runs the page lists.
const RUNS: i64 = 10;

/// One definition.
#[component]
pub fn DefinitionPage() -> impl IntoView {
    in_workspace(Section::Definitions, async |page| {
        page.check_query(&[])?;
        let key: String = page.param("key")?;
        let state = page.services.automation_by_key(page.caller, &key).await?;
        let id = state.automation.id;
        let versions = page.services.automation_versions(page.caller, id).await?;
        let number = state.automation.version;
        let version = page.services.automation_version(page.caller, id, number).await?;
        let runs = page.services.latest_runs(page.caller, id, RUNS).await?;
        let names = page.services.member_names(page.caller).await?;
        let entries = mentions::entries(&page, "object", &id.to_string());
        let request = forms::request(&page, &state);
        // The form of a run shows its own errors; those of the switch stand at the top.
        let errors = if request.is_some() { Vec::new() } else { page.form.errors() };
        let header = header(&page, &state);
        let switched_off = forms::switched_off(&state);
        let stopped = forms::stopped(&page, &state);
        let budget = budget::show(&page, &state).await?;
        let spec = spec::in_words(&page, &state.definition);
        let versions = versions_table(&page, &key, number, versions, &names);
        let recent = recent(&page, &key, &runs);
        Ok(view! {
            {header}
            <div class="stack-wide">
                <ErrorSummary errors />
                {stopped}
                {switched_off}
                {request}
                <div class="definition">
                    <Panel title="What it does" note=format!("version {number}") boxed=true>
                        {spec}
                    </Panel>
                    <Panel title="Versions" note="newest first" actions=entries>
                        {versions}
                    </Panel>
                </div>
                {budget}
                {recent}
                <Panel title="The file" note="as it was applied">
                    <CodeBlock label=format!("Version {number}") text=version.source />
                </Panel>
            </div>
        }
        .into_any())
    })
}

fn header(page: &Page, state: &InEffect) -> AnyView {
    let InEffect { automation, definition, .. } = state;
    let beside = view! {
        <StatusBadge status=list::switch(automation.enabled) size=Size::Large />
        <code class="quiet">{automation.key.clone()}</code>
    };
    let health = page.place.health_of(&automation.key);
    let actions = view! {
        <LinkButton href=health>"Health"</LinkButton>
        {forms::stop(page, state)}
        {forms::switch(page, state)}
    }
    .into_any();
    let described = !definition.description.is_empty();
    let lead = described.then(|| definition.description.clone().into_any());
    let crumbs = vec![
        Crumb::group("Governance"),
        Crumb::group("Automation"),
        Crumb::to("Definitions", page.place.definitions()),
    ];
    view! {
        <PageHeader
            title=automation.name.clone()
            crumbs
            lead=lead
            beside=beside.into_any()
            actions
        />
    }
    .into_any()
}

fn versions_table(
    page: &Page,
    key: &str,
    current: i64,
    versions: Vec<VersionHead>,
    names: &Names,
) -> AnyView {
    let now = page.now;
    let columns = vec![
        Column::new("Version"),
        Column::new("Applied"),
        Column::new("By"),
        Column::new("Digest"),
    ];
    let base = format!("{}/versions", page.place.definition(key));
    let rows = versions
        .into_iter()
        .map(|version| {
            let in_effect = (version.number == current)
                .then(|| view! { <span class="quiet">" in effect"</span> });
            let (href, number, at) =
                (format!("{base}/{}", version.number), version.number, version.created_at);
            let by = mentions::member(names, version.created_by);
            view! {
                <Row>
                    <HeadCell href>"Version " {number} {in_effect}</HeadCell>
                    <Cell label="Applied" fit=true>
                        <Timestamp at now />
                    </Cell>
                    <Cell label="By">{by}</Cell>
                    <Cell label="Digest" fit=true>
                        <Digest value=version.digest />
                    </Cell>
                </Row>
            }
        })
        .collect_view();
    view! {
        <DataTable caption="Versions" columns>
            {rows}
        </DataTable>
    }
    .into_any()
}

fn recent(page: &Page, key: &str, runs: &[Run]) -> AnyView {
    let all = format!("governance/automation/runs?definition={}", domain::filter::encode(key));
    let columns = vec![
        Column::new("Started"),
        Column::new("Status"),
        Column::new("Outcomes"),
        Column::number("Version"),
        Column::new("Run"),
    ];
    let count = columns.len();
    let rows = match runs.is_empty() {
        true => view! {
            <EmptyRow columns=count>"It has not fired yet."</EmptyRow>
        }
        .into_any(),
        false => runs.iter().map(|run| run_row(page, run)).collect_view().into_any(),
    };
    let actions = view! {
        <LinkButton href=page.href(&all) size=Size::Small>
            "All its runs"
        </LinkButton>
    };
    view! {
        <Panel
            title="Recent runs"
            note=format::plural(runs.len() as i64, "run", "runs")
            actions=actions.into_any()
        >
            <DataTable caption="Recent runs" columns>
                {rows}
            </DataTable>
        </Panel>
    }
    .into_any()
}

fn run_row(page: &Page, run: &Run) -> AnyView {
    let now = page.now;
    let (href, at) = (page.place.run(run.id), run.started_at.unwrap_or(run.created_at));
    let Run { status, counts, version, .. } = *run;
    let link = mentions::run(&page.place, run.id);
    view! {
        <Row>
            <HeadCell href fit=true>
                <Timestamp at now />
            </HeadCell>
            <Cell label="Status" fit=true>
                <StatusBadge status />
            </Cell>
            <Cell label="Outcomes">
                <CountsBar counts size=Size::Small />
            </Cell>
            <Cell label="Version" align=Align::End fit=true>
                {version}
            </Cell>
            <Cell label="Run" fit=true>
                {link}
            </Cell>
        </Row>
    }
    .into_any()
}
