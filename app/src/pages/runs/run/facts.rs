//! What stands around a run: its trigger event, the version in effect, its times, and ways onward.

use domain::{
    Timestamp,
    automation::{OnItemFailure, Version},
    permission::Permission,
};
use engine::services::RunDetail;
use leptos::prelude::*;

use crate::{
    components::{
        code_block::CodeBlock,
        digest::Digest,
        key_value::{Entry, KeyValue},
        link_card::{LinkCard, LinkCards},
        panel::Panel,
        timestamp::{Precision, Timestamp as Moment},
    },
    context::Page,
    pages::events::facts,
};

/// Trigger event and run, side by side where there is room.
pub fn surroundings(page: &Page, detail: &RunDetail, version: &Version) -> AnyView {
    view! {
        <div class="columns">
            {facts::panel(page, &detail.event, true)}
            {about(page, detail, version)}
        </div>
    }
    .into_any()
}

fn moment(at: Option<Timestamp>, now: Timestamp) -> AnyView {
    match at {
        Some(at) => view! { <Moment at now precision=Precision::Second /> }.into_any(),
        None => view! { <span class="quiet">"Not yet"</span> }.into_any(),
    }
}

fn about(page: &Page, detail: &RunDetail, version: &Version) -> AnyView {
    let RunDetail { run, automation, .. } = detail;
    let [created, started, completed] =
        [Some(run.created_at), run.started_at, run.completed_at].map(|at| moment(at, page.now));
    let definition = page.place.definition(&automation.key);
    let (name, number) = (automation.name.clone(), run.version);
    let href = page.place.version(&automation.key, number);
    let newer = (automation.version != number).then_some(automation.version);
    let round = match run.round {
        0 => "0, the original".to_owned(),
        round => round.to_string(),
    };
    let matching = (!run.matched).then(|| {
        view! { <Entry term="Subjects">"Still being looked at"</Entry> }
    });
    let on_failure = match run.on_item_failure {
        _ if run.is_reported() => None,
        OnItemFailure::Close => Some("It closes when nothing else is left"),
        OnItemFailure::Hold => Some("It stays open for its failed items"),
    };
    let id = run.id.to_string();
    let condition = version.definition.condition.clone();
    view! {
        <Panel title="Run" boxed=true>
            <KeyValue>
                <Entry term="Definition">
                    <a href=definition>{name}</a>
                </Entry>
                <Entry term="Version in effect">
                    <a href=href>"Version " {number}</a>
                    {newer
                        .map(|newer| view! { <span class="quiet">" · today it is " {newer}</span> })}
                </Entry>
                <Entry term="Round">{round}</Entry>
                <Entry term="Created">{created}</Entry>
                <Entry term="Started">{started}</Entry>
                <Entry term="Completed">{completed}</Entry>
                {matching}
                {on_failure.map(|words| view! { <Entry term="If items fail">{words}</Entry> })}
                <Entry term="Id">
                    <Digest value=id whole=true />
                </Entry>
            </KeyValue>
            {condition.map(|text| view! { <CodeBlock label="Condition" text /> })}
        </Panel>
    }
    .into_any()
}

/// What else there is to read about this run.
pub fn onward(page: &Page, detail: &RunDetail) -> AnyView {
    let audit = page.place.audit_log(&format!("run={}", detail.run.id));
    let audit = page.may(Permission::ViewAuditLog).then_some(audit);
    let audit = audit.map(|href| {
        view! {
            <LinkCard href title="Audit entries">
                "Everything that changed in this run, by whom and when."
            </LinkCard>
        }
    });
    let definition = page.place.definition(&detail.automation.key);
    let ended = detail.run.status.is_terminal();
    let erase = (ended && page.may(Permission::ErasePayloads)).then(|| {
        let href = page.place.erase(detail.run.id);
        view! {
            <LinkCard href title="Erase payloads">
                "What the audit log says about this run beyond its leaves."
            </LinkCard>
        }
    });
    view! {
        <LinkCards>
            {audit}
            <LinkCard href=definition title="Definition">
                "When it fires, what must hold, what it calls, and its other runs."
            </LinkCard>
            {erase}
        </LinkCards>
    }
    .into_any()
}
