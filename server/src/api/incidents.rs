//! Incidents: what went wrong, why, where, and what recovery is safe.

use axum::Json;
use domain::{
    incident::{self, IncidentFilter},
    permission::Permission,
};
use engine::services::SettleOrder;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    asked::{Asked, Listed, PAGING},
    body::Body,
    describe::{Api, Param, get, post},
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
    /// What somebody said became of it; `null` while it is open
    settlement: Option<Settlement>,
}

/// What became of an incident
#[derive(Debug, Serialize, ToSchema)]
pub struct Settlement {
    incident: schema::IncidentId,
    note: String,
    /// `null` when it was settled on the host's command line
    settled_by: Option<schema::MemberId>,
    settled_at: schema::Time,
}

/// Incidents that are put down to the same cause
#[derive(Debug, Serialize, ToSchema)]
pub struct IncidentGroup {
    cause: schema::IncidentCause,
    r#type: schema::IncidentType,
    severity: schema::Severity,
    incidents: i64,
    /// Of them, those that nobody has settled
    open: i64,
    first_at: schema::Time,
    last_at: schema::Time,
}

/// What became of an incident, as it is to be kept
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSettlement {
    /// 1 to 1,000 characters
    note: String,
    /// The open incidents of the same cause in the same run, too
    #[serde(default)]
    alike: bool,
}

impl From<incident::Settlement> for Settlement {
    fn from(settlement: incident::Settlement) -> Self {
        Self {
            incident: settlement.incident.into(),
            note: settlement.note,
            settled_by: schema::maybe(settlement.settled_by),
            settled_at: settlement.settled_at.into(),
        }
    }
}

impl From<incident::IncidentGroup> for IncidentGroup {
    fn from(group: incident::IncidentGroup) -> Self {
        Self {
            cause: group.cause.into(),
            r#type: group.kind.into(),
            severity: group.severity.into(),
            incidents: group.incidents,
            open: group.open,
            first_at: group.first_at.into(),
            last_at: group.last_at.into(),
        }
    }
}

impl Incident {
    fn new(
        incident: incident::Incident,
        settlement: Option<incident::Settlement>,
    ) -> Result<Self, Problem> {
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
            settlement: schema::maybe(settlement),
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
        get("/incidents/groups", "groupIncidents", "Incidents by cause, the latest first")
            .about("The query string is that of the list.")
            .needs(Permission::ViewRuns)
            .query(filter_params())
            .lists::<IncidentGroup>(),
        groups,
    )
    .add(
        TAG,
        get("/incidents/{incident}", "getIncident", "An incident")
            .needs(Permission::ViewRuns)
            .gives::<Incident>("200")
            .tagged(),
        one,
    )
    .add(
        TAG,
        post("/incidents/{incident}/settle", "settleIncident", "Say what became of an incident")
            .about(
                "The incident itself never changes. Answers with every settlement that was made. Refused \
                 with `incident-settled` if it was settled before.",
            )
            .needs(Permission::SettleIncidents)
            .takes::<NewSettlement>()
            .lists::<Settlement>(),
        settle,
    )
}

/// The names that [`IncidentFilter::parse`] reads.
fn filter_params() -> [Param; 10] {
    [
        Param::new("severity", "May be repeated").of::<schema::Severity>().repeated(),
        Param::new("type", "May be repeated").of::<schema::IncidentType>().repeated(),
        Param::new("cause", "May be repeated").of::<schema::IncidentCause>().repeated(),
        Param::new("phase", "May be repeated").of::<schema::Phase>().repeated(),
        Param::new("standing", "Only open or only settled ones").of::<schema::Standing>(),
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
    let found = found.map_err(of_query)?;
    let (page, mut settled) = (found.page, found.settled);
    let listed = paging.listed(page, |incident| {
        let settlement = settled.remove(&incident.id);
        Incident::new(incident, settlement)
    });
    let data = listed.data.into_iter().collect::<Result<_, _>>()?;
    Ok(Json(Listed { data, next: listed.next, previous: listed.previous }))
}

async fn groups(asked: Asked) -> Result<Json<Listed<IncidentGroup>>, Problem> {
    let filter = IncidentFilter::parse(asked.pairs(), &[])?;
    let groups = asked.services().incident_groups(asked.caller(), &filter).await;
    Ok(Json(Listed::whole(groups.map_err(of_query)?)))
}

async fn one(asked: Asked) -> Result<Json<Incident>, Problem> {
    let found = asked.services().incident(asked.caller(), asked.part("incident")?).await?;
    Ok(Json(Incident::new(found.incident, found.settlement)?))
}

async fn settle(
    asked: Asked,
    Body(new): Body<NewSettlement>,
) -> Result<Json<Listed<Settlement>>, Problem> {
    let NewSettlement { note, alike } = new;
    let order = SettleOrder { incident: asked.part("incident")?, note, alike };
    let settled = asked.services().settle_incident(asked.caller(), order).await?;
    Ok(Json(Listed::whole(settled)))
}
