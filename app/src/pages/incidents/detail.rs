//! One incident: its five layers, each in its place.

use domain::{
    id::IncidentId,
    incident::{Incident, Policy},
    permission::Permission,
};
use engine::services::IncidentDetail;
use leptos::prelude::*;

use super::{facts, settle, words};
use crate::{
    components::{
        app_frame::Section,
        button::Size,
        digest::Digest,
        key_value::{Entry, KeyValue},
        link_card::{LinkCard, LinkCards},
        page_header::{Crumb, PageHeader},
        panel::Panel,
        status_badge::StatusBadge,
        tag::Tag,
    },
    context::Page,
    format,
    pages::in_workspace,
};

/// Governance → Automation → Incidents → one incident.
#[component]
pub fn IncidentPage() -> impl IntoView {
    in_workspace(Section::Incidents, async |page| {
        let id: IncidentId = page.param("incident")?;
        page.check_query(&[])?;
        let detail = page.services.incident(page.caller, id).await?;
        let incident = &detail.incident;
        let settled = settle::show(&page, &detail).await?;
        Ok(view! {
            {header(&page, &detail)}
            <div class="stack-wide">
                {presentation(incident)}
                <div class="columns">
                    {judgement(incident)}
                    {about(&page, &detail)}
                </div>
                {facts::show(&page, incident)}
                {settled}
                {onward(&page, incident)}
            </div>
        }
        .into_any())
    })
}

fn header(page: &Page, detail: &IncidentDetail) -> AnyView {
    let incident = &detail.incident;
    let severity = words::severity(incident.severity);
    let settled = detail.settlement.as_ref().map(|_| view! { <Tag>"Settled"</Tag> });
    let lead = format!(
        "{}, {}. {} severity: {}.",
        words::kind(incident.kind),
        format::absolute(incident.occurred_at),
        format::label(incident.severity.as_str()),
        words::severity_means(incident.severity)
    );
    let crumbs = vec![
        Crumb::group("Governance"),
        Crumb::group("Automation"),
        Crumb::to("Incidents", page.place.incidents()),
    ];
    view! {
        <PageHeader
            title=incident.presentation.title.clone()
            crumbs
            beside=view! { <StatusBadge status=severity size=Size::Large /> {settled} }.into_any()
            lead=lead.into_any()
        />
    }
    .into_any()
}

/// The fifth layer: what people read.
fn presentation(incident: &Incident) -> AnyView {
    let shown = incident.presentation.clone();
    view! {
        <Panel title="What happened" boxed=true>
            <p>{shown.happened}</p>
            <h3 class="incident-part">"What it means"</h3>
            <p>{shown.means}</p>
            <h3 class="incident-part">"What to do next"</h3>
            <p>{shown.next}</p>
            <h3 class="incident-part">"For a reviewer"</h3>
            <p>{shown.reviewer}</p>
        </Panel>
    }
    .into_any()
}

/// The second to the fourth layer: cause, phase and policy.
fn judgement(incident: &Incident) -> AnyView {
    let policy = words::policy(incident.policy);
    let cause = incident.cause.as_str();
    let phase = format::label(incident.phase.as_str());
    let plan = (incident.policy != Policy::NoneNeeded && incident.item.is_some()).then(|| {
        view! {
            <Entry term="Retry">"The retry plan of the run says it for the item as it stands now."</Entry>
        }
    });
    view! {
        <Panel title="Cause, phase and recovery" boxed=true>
            <KeyValue>
                <Entry term="Cause">
                    <code>{cause}</code>
                </Entry>
                <Entry term="Phase">{phase}</Entry>
                <Entry term="Recovery">
                    <StatusBadge status=policy />
                </Entry>
                {plan}
            </KeyValue>
        </Panel>
    }
    .into_any()
}

fn about(page: &Page, detail: &IncidentDetail) -> AnyView {
    let IncidentDetail { incident, automation, run, item, .. } = detail;
    let place = &page.place;
    let automation = automation.as_ref().map(|automation| {
        let (href, name) = (place.definition(&automation.key), automation.name.clone());
        view! {
            <Entry term="Definition">
                <a href=href>{name}</a>
            </Entry>
        }
    });
    let run_entry = run.as_ref().map(|run| {
        let (href, status) = (place.run(run.id), run.status);
        let which = format!("Version {}, round {}", run.version, run.round);
        view! {
            <Entry term="Run">
                <a href=href>{which}</a>
                " "
                <StatusBadge status />
            </Entry>
        }
    });
    let item_entry = item.as_ref().map(|item| {
        let (href, state) = (place.item(item.run, item.id), item.state);
        let subject = format!("{}/{}", item.subject_kind, item.subject_key);
        view! {
            <Entry term="Item">
                <a href=href>{subject}</a>
                " "
                <StatusBadge status=state />
            </Entry>
        }
    });
    let of_log = incident.run.is_none().then(|| {
        let href = place.audit_log("");
        view! {
            <Entry term="About">
                <a href=href>"The audit log of the workspace"</a>
            </Entry>
        }
    });
    let (id, kind) = (incident.id.to_string(), incident.kind.as_str());
    view! {
        <Panel title="About" note="as it stands now" boxed=true>
            <KeyValue>
                {automation}
                {run_entry}
                {item_entry}
                {of_log}
                <Entry term="Type">
                    <Tag>{kind}</Tag>
                </Entry>
                <Entry term="Id">
                    <Digest value=id whole=true />
                </Entry>
            </KeyValue>
        </Panel>
    }
    .into_any()
}

fn onward(page: &Page, incident: &Incident) -> AnyView {
    let alike = format!("{}?cause={}", page.place.incidents(), incident.cause);
    let plan = incident.run.filter(|_| incident.item.is_some()).map(|run| page.place.retry(run));
    let audit = page.place.audit_log(&format!("object={}", incident.id));
    let audit = page.may(Permission::ViewAuditLog).then_some(audit);
    view! {
        <LinkCards>
            <LinkCard href=alike title="The same cause">
                "Every incident of the workspace that is put down to this."
            </LinkCard>
            {plan
                .map(|href| {
                    view! {
                        <LinkCard href title="Retry plan">
                            "What a retry of the run would do, item by item. Looking changes nothing."
                        </LinkCard>
                    }
                })}
            {audit
                .map(|href| {
                    view! {
                        <LinkCard href title="Audit entry">
                            "That it was raised, with a digest of all it says."
                        </LinkCard>
                    }
                })}
        </LinkCards>
    }
    .into_any()
}
