//! Automations: applied from YAML, read with their versions, switched on and off, asked to run.

use axum::{
    Json,
    response::{IntoResponse as _, Response},
};
use domain::{automation, permission::Permission, record::RecordRef};
use engine::{
    services::{AppliedAs, Caller, FieldError, RunRequest, Services},
    store::{InEffect, VersionHead},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{
    asked::{Asked, Listed},
    body::{Body, Raw, unsupported},
    describe::{Api, Param, get, post, put},
    events::{Received, Subject},
    problem::Problem,
    schema,
};

/// A definition as it stands
#[derive(Debug, Serialize, ToSchema)]
pub struct Automation {
    id: schema::AutomationId,
    /// Its name in addresses and filters
    key: String,
    name: String,
    /// The number of the version in effect
    version: i64,
    enabled: bool,
    trigger: schema::TriggerKind,
    /// What the version in effect says
    definition: schema::Document,
    /// Hexadecimal SHA-256 of that
    digest: String,
    created_at: schema::Time,
    updated_at: schema::Time,
}

impl TryFrom<InEffect> for Automation {
    type Error = Problem;

    fn try_from(found: InEffect) -> Result<Self, Problem> {
        let definition = serde_json::to_value(&found.definition).map_err(Problem::internal)?;
        let automation = found.automation;
        Ok(Self {
            id: automation.id.into(),
            key: automation.key,
            name: automation.name,
            version: automation.version,
            enabled: automation.enabled,
            trigger: found.definition.trigger.kind.into(),
            definition: definition.into(),
            digest: found.digest,
            created_at: automation.created_at.into(),
            updated_at: automation.updated_at.into(),
        })
    }
}

/// A version without its text
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionSummary {
    number: i64,
    /// Hexadecimal SHA-256
    digest: String,
    created_at: schema::Time,
    /// `null` when it was applied on the host's command line
    created_by: Option<schema::MemberId>,
}

impl From<VersionHead> for VersionSummary {
    fn from(head: VersionHead) -> Self {
        Self {
            number: head.number,
            digest: head.digest,
            created_at: head.created_at.into(),
            created_by: schema::maybe(head.created_by),
        }
    }
}

/// One immutable version
#[derive(Debug, Serialize, ToSchema)]
pub struct Version {
    automation: schema::AutomationId,
    number: i64,
    definition: schema::Document,
    /// The file as it was applied
    source: String,
    /// Hexadecimal SHA-256
    digest: String,
    created_at: schema::Time,
    /// `null` when it was applied on the host's command line
    created_by: Option<schema::MemberId>,
}

/// One definition of an applied file
#[derive(Debug, Serialize, ToSchema)]
pub struct Applied {
    automation: schema::AutomationId,
    key: String,
    /// The version in effect
    version: i64,
    /// `created`, `new-version` or `unchanged`
    applied: String,
    /// What is allowed and probably not meant
    warnings: Vec<Warning>,
}

/// What is allowed and probably not meant
#[derive(Debug, Serialize, ToSchema)]
pub struct Warning {
    field: String,
    message: String,
}

impl From<FieldError> for Warning {
    fn from(FieldError { field, message }: FieldError) -> Self {
        Self { field, message }
    }
}

impl Applied {
    pub(super) fn word(applied: AppliedAs) -> &'static str {
        match applied {
            AppliedAs::Created => "created",
            AppliedAs::NewVersion => "new-version",
            AppliedAs::Unchanged => "unchanged",
        }
    }
}

impl From<engine::services::Applied> for Applied {
    fn from(applied: engine::services::Applied) -> Self {
        Self {
            automation: applied.automation.into(),
            key: applied.key,
            version: applied.version,
            applied: Self::word(applied.applied).to_owned(),
            warnings: applied.warnings.into_iter().map(Warning::from).collect(),
        }
    }
}

/// Whether a definition brings about runs
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Enabled {
    pub enabled: bool,
}

/// A run that a member asks for
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RunRequest)]
pub struct Wanted {
    /// Needed where the automation takes its subject from the event
    #[serde(default)]
    subject: Option<Subject>,
    /// Makes it the same request, whatever the `Idempotency-Key`
    #[serde(default)]
    external_id: Option<String>,
    /// What the automation sees as `event.payload.parameters`
    #[serde(default)]
    #[schema(value_type = Option<schema::Document>)]
    parameters: Map<String, Value>,
}

const TAG: &str = "Automations";

pub fn routes(api: Api) -> Api {
    api.add(
        TAG,
        get("/automations", "listAutomations", "Every automation, by key")
            .needs(Permission::ViewRuns)
            .lists::<Automation>(),
        list,
    )
    .add(
        TAG,
        post("/automations", "applyDefinitions", "Apply the definitions of a YAML file")
            .about(
                "All of them, or none. A definition that says what is in effect changes nothing.",
            )
            .needs(Permission::ApplyDefinitions)
            .query([Param::new("file", "How errors and the audit log call the file")])
            .takes_text("application/yaml")
            .lists::<Applied>(),
        apply,
    )
    .add(
        TAG,
        get("/automations/{automation}", "getAutomation", "An automation, by its key or id")
            .needs(Permission::ViewRuns)
            .gives::<Automation>("200")
            .tagged(),
        one,
    )
    .add(
        TAG,
        put("/automations/{automation}/enabled", "enableAutomation", "Switch it on or off")
            .needs(Permission::ApplyDefinitions)
            .takes::<Enabled>()
            .gives::<Automation>("200"),
        enable,
    )
    .add(
        TAG,
        post("/automations/{automation}/requests", "requestRun", "Ask for a run of it")
            .about("It has to have the trigger `manual-request`.")
            .needs(Permission::RequestRuns)
            .takes::<Wanted>()
            .gives::<Received>("201"),
        request,
    )
    .add(
        TAG,
        get("/automations/{automation}/versions", "listVersions", "Its versions, newest first")
            .needs(Permission::ViewRuns)
            .lists::<VersionSummary>(),
        versions,
    )
    .add(
        TAG,
        get("/automations/{automation}/versions/{version}", "getVersion", "One version")
            .needs(Permission::ViewRuns)
            .gives::<Version>("200")
            .tagged(),
        version,
    )
}

/// By key, or by id: no key looks like an id.
async fn found(asked: &Asked) -> Result<InEffect, Problem> {
    let named: String = asked.part("automation")?;
    let services = asked.services();
    if automation::is_valid_key(&named) && uuid::Uuid::try_parse(&named).is_err() {
        return Ok(services.automation_by_key(asked.caller(), &named).await?);
    }
    Ok(services.automation(asked.caller(), asked.part("automation")?).await?)
}

/// Every automation, by key.
pub async fn listed(services: &Services, caller: Caller) -> Result<Listed<Automation>, Problem> {
    let found = services.automations(caller).await?;
    let found: Result<Vec<Automation>, _> = found.into_iter().map(Automation::try_from).collect();
    Ok(Listed::whole(found?))
}

async fn list(asked: Asked) -> Result<Json<Listed<Automation>>, Problem> {
    Ok(Json(listed(asked.services(), asked.caller()).await?))
}

async fn one(asked: Asked) -> Result<Json<Automation>, Problem> {
    Ok(Json(found(&asked).await?.try_into()?))
}

async fn apply(asked: Asked, body: Raw) -> Result<Json<Listed<Applied>>, Problem> {
    const KNOWN: [&str; 3] = ["application/yaml", "application/x-yaml", "text/yaml"];
    if !KNOWN.contains(&body.media_type.as_str()) {
        return Err(unsupported("application/yaml"));
    }
    let file = asked.value("file").unwrap_or("request.yaml");
    let applied = asked.services().apply_definition(asked.caller(), file, body.text()?).await?;
    Ok(Json(Listed::whole(applied)))
}

async fn enable(asked: Asked, Body(wanted): Body<Enabled>) -> Result<Json<Automation>, Problem> {
    let key = found(&asked).await?.automation.key;
    asked.services().set_enabled(asked.caller(), &key, wanted.enabled).await?;
    let now = asked.services().automation_by_key(asked.caller(), &key).await?;
    Ok(Json(now.try_into()?))
}

async fn request(asked: Asked, Body(wanted): Body<Wanted>) -> Result<Response, Problem> {
    let key = found(&asked).await?.automation.key;
    let Wanted { subject, external_id, parameters } = wanted;
    let request = RunRequest { subject: subject.map(RecordRef::from), external_id, parameters };
    let received = asked.services().request_run(asked.caller(), &key, request).await?;
    let status = if received.duplicate { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(Received::from(received))).into_response())
}

async fn versions(asked: Asked) -> Result<Json<Listed<VersionSummary>>, Problem> {
    let id = found(&asked).await?.automation.id;
    Ok(Json(Listed::whole(asked.services().automation_versions(asked.caller(), id).await?)))
}

async fn version(asked: Asked) -> Result<Json<Version>, Problem> {
    let id = found(&asked).await?.automation.id;
    let number = asked.part("version")?;
    let found = asked.services().automation_version(asked.caller(), id, number).await?;
    let definition = serde_json::to_value(&found.definition).map_err(Problem::internal)?;
    Ok(Json(Version {
        automation: found.automation.into(),
        number: found.number,
        definition: definition.into(),
        source: found.source,
        digest: found.digest,
        created_at: found.created_at.into(),
        created_by: schema::maybe(found.created_by),
    }))
}
