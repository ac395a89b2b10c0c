//! Incidents: what went wrong, why, where, and what recovery is safe.

use axum::Json;
use domain::{
    incident::{self, IncidentFilter},
    permission::Permission,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    asked::{Asked, Listed, PAGING},
    describe::{Api, Param, get},
    problem::{Problem, of_query},
    schema,
};

/// Something that went wrong, written once
#[derive(Debug, Serialize, ToSchema)]
pub struct Incident {
    id: schema::IncidentId,
    run: Option<schema::RunId>,
    automation: Option<schema::AutomationId>,
    item: Option<schema::ItemId>,
    r#type: schema::IncidentType,
    severity: schema::Severity,
    /// Raw signals
    facts: schema::Document,
    cause: schema::IncidentCause,
    phase: schema::Phase,
    /// What recovery is safe
    policy: schema::Policy,
    /// The same for people
    presentation: schema::Document,
    occurred_at: schema::Time,
    created_at: schema::Time,
}

impl TryFrom<incident::Incident> for Incident {
    type Error = Problem;

    fn try_from(incident: incident::Incident) -> Result<Self, Problem> {
        let facts = serde_json::to_value(&incident.facts).map_err(Problem::internal)?;
        let presentation =
            serde_json::to_value(&incident.presentation).map_err(Problem::internal)?;
        Ok(Self {
            id: incident.id.into(),
            run: schema::maybe(incident.run),
            automation: schema::maybe(incident.automation),
            item: schema::maybe(incident.item),
            r#type: incident.kind.into(),
            severity: incident.severity.into(),
            facts: facts.into(),
            cause: incident.cause.into(),
            phase: incident.phase.into(),
            policy: incident.policy.into(),
            presentation: presentation.into(),
            occurred_at: incident.occurred_at.into(),
            created_at: incident.created_at.into(),
        })
    }
}

const TAG: &str = "Incidents";

pub fn routes(api: Api) -> Api {
    api.add(
        TAG,
        get("/incidents", "listIncidents", "Incidents, newest first")
            .about("The query string is that of the Incidents page.")
            .needs(Permission::ViewRuns)
            .query(filter_params())
            .pages_of::<Incident>(),
        list,
    )
    .add(
        TAG,
        get("/incidents/{incident}", "getIncident", "An incident")
            .needs(Permission::ViewRuns)
            .gives::<Incident>("200")
            .tagged(),
        one,
    )
}

/// The names that [`IncidentFilter::parse`] reads.
fn filter_params() -> [Param; 8] {
    [
        Param::new("severity", "May be repeated").of::<schema::Severity>().repeated(),
        Param::new("type", "May be repeated").of::<schema::IncidentType>().repeated(),
        Param::new("cause", "May be repeated").of::<schema::IncidentCause>().repeated(),
        Param::new("definition", "The key of a definition; may be repeated").repeated(),
        Param::new("run", "The id of a run"),
        Param::new("item", "The id of a run item"),
        Param::new("from", "The first day, in UTC").of::<schema::Day>(),
        Param::new("to", "The last day, in UTC, included").of::<schema::Day>(),
    ]
}

async fn list(asked: Asked) -> Result<Json<Listed<Incident>>, Problem> {
    let filter = IncidentFilter::parse(asked.pairs(), &PAGING)?;
    let paging = asked.paging(format_args!("incidents?{}", filter.query()))?;
    let (services, caller) = (asked.services(), asked.caller());
    let found = services.incidents(caller, &filter, paging.seek, paging.size).await;
    let listed = paging.listed(found.map_err(of_query)?.page, Incident::try_from);
    let data = listed.data.into_iter().collect::<Result<_, _>>()?;
    Ok(Json(Listed { data, next: listed.next, previous: listed.previous }))
}

async fn one(asked: Asked) -> Result<Json<Incident>, Problem> {
    let found = asked.services().incident(asked.caller(), asked.part("incident")?).await?;
    Ok(Json(found.incident.try_into()?))
}
