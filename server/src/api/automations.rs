//! Automations: applied from YAML, read with their versions, switched on and off, asked to run.

use axum::{
    Json,
    response::{IntoResponse as _, Response},
};
use domain::{
    automation,
    diff::{Line, lines},
    permission::Permission,
    record::RecordRef,
};
use engine::{
    services::{self, AppliedAs, FieldError, RunRequest, Supposed},
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
    runs::Failure,
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

impl From<services::Applied> for Applied {
    fn from(applied: services::Applied) -> Self {
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

/// One definition of a file beside what is in effect
#[derive(Debug, Serialize, ToSchema)]
pub struct Compared {
    key: String,
    /// The version in effect; `null` where there is none
    version: Option<i64>,
    /// What applying would do: `created`, `new-version` or `unchanged`
    would: String,
    /// Line by line, as `diff` has it; none where it says the same
    lines: Vec<String>,
}

impl From<services::Compared> for Compared {
    fn from(compared: services::Compared) -> Self {
        let services::Compared { key, version, would, before, after } = compared;
        // Comments and blanks that differ make no other definition.
        let lines = match would {
            AppliedAs::Unchanged => Vec::new(),
            _ => lines(&before, &after).into_iter().map(shown).collect(),
        };
        Self { key, version, would: Applied::word(would).to_owned(), lines }
    }
}

fn shown(line: Line<'_>) -> String {
    match line {
        Line::Same(text) => format!("  {text}"),
        Line::Removed(text) => format!("- {text}"),
        Line::Added(text) => format!("+ {text}"),
        Line::Gap(count) => format!("@ {count} more lines are the same"),
    }
}

/// An event that is supposed to have happened
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SupposedEvent)]
pub struct Suppose {
    /// Needed where the automation takes its subject from the event
    #[serde(default)]
    subject: Option<Subject>,
    /// What the automation sees as `event.payload`
    #[serde(default)]
    #[schema(value_type = Option<schema::Document>)]
    payload: Map<String, Value>,
}

/// What would be done now
#[derive(Debug, Serialize, ToSchema)]
pub struct Foreseen {
    /// Its key
    automation: String,
    version: i64,
    actioner: String,
    /// A person would be asked before the actioner is called
    asks_first: bool,
    /// Why nothing would be started at this moment: it is switched off, or a kill switch is pressed
    blocked: Option<String>,
    /// Records that were looked at
    looked_at: usize,
    /// Those the condition selects
    matched: usize,
    /// Those of them that a policy denies
    denied: usize,
    /// Those that a policy wants approved first
    held: usize,
    /// The first of them
    would: Vec<Would>,
}

impl Foreseen {
    fn new(automation: String, version: i64, foreseen: services::Foreseen) -> Self {
        let services::Foreseen { would, actioner, asks_first, blocked, .. } = foreseen;
        Self {
            automation,
            version,
            actioner,
            asks_first,
            blocked,
            looked_at: foreseen.looked_at,
            matched: foreseen.matched,
            denied: foreseen.denied,
            held: foreseen.held,
            would: would.into_iter().map(Would::from).collect(),
        }
    }
}

/// One action on one subject
#[derive(Debug, Serialize, ToSchema)]
pub struct Would {
    subject: Subject,
    /// What the actioner would be told
    parameters: Option<schema::Document>,
    /// Why there would be nothing to tell it
    failure: Option<Failure>,
    /// The policy that would stop it
    stopped: Option<StoppedBy>,
}

/// A policy that stops an action
#[derive(Debug, Serialize, ToSchema)]
pub struct StoppedBy {
    /// Its key
    policy: String,
    version: i64,
    /// `deny` or `require-approval`; a rule that cannot be evaluated denies
    effect: String,
    reason: String,
}

impl From<services::StoppedBy> for StoppedBy {
    fn from(services::StoppedBy { policy, version, effect, reason }: services::StoppedBy) -> Self {
        Self { policy, version, effect: effect.to_string(), reason }
    }
}

impl From<services::Would> for Would {
    fn from(services::Would { subject, parameters, stopped }: services::Would) -> Self {
        let (parameters, failure) = match parameters {
            Ok(parameters) => (Some(parameters.into()), None),
            Err(failure) => (None, Some(failure.into())),
        };
        Self { subject: subject.into(), parameters, failure, stopped: stopped.map(StoppedBy::from) }
    }
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
        post("/automations/diff", "compareDefinitions", "What applying a YAML file would change")
            .about("Nothing is changed.")
            .needs(Permission::ViewRuns)
            .with_optional_key()
            .query([Param::new("file", "How errors call the file")])
            .takes_text("application/yaml")
            .lists::<Compared>(),
        compare,
    )
    .add(
        TAG,
        post("/automations/{automation}/check", "checkAutomation", "What it would do now")
            .about(
                "Which records its condition selects, and what its actioner would be told, if such an \
                 event came now. Nothing is done.",
            )
            .needs(Permission::ApplyDefinitions)
            .with_optional_key()
            .takes::<Suppose>()
            .gives::<Foreseen>("200"),
        check,
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

async fn list(asked: Asked) -> Result<Json<Listed<Automation>>, Problem> {
    let found = asked.services().automations(asked.caller()).await?;
    let found: Result<Vec<Automation>, _> = found.into_iter().map(Automation::try_from).collect();
    Ok(Json(Listed::whole(found?)))
}

async fn one(asked: Asked) -> Result<Json<Automation>, Problem> {
    Ok(Json(found(&asked).await?.try_into()?))
}

/// The name of a file, and its text.
fn yaml<'a>(asked: &'a Asked, body: &'a Raw) -> Result<(&'a str, &'a str), Problem> {
    const KNOWN: [&str; 3] = ["application/yaml", "application/x-yaml", "text/yaml"];
    if !KNOWN.contains(&body.media_type.as_str()) {
        return Err(unsupported("application/yaml"));
    }
    Ok((asked.value("file").unwrap_or("request.yaml"), body.text()?))
}

async fn apply(asked: Asked, body: Raw) -> Result<Json<Listed<Applied>>, Problem> {
    let (file, text) = yaml(&asked, &body)?;
    let applied = asked.services().apply_definition(asked.caller(), file, text).await?;
    Ok(Json(Listed::whole(applied)))
}

async fn compare(asked: Asked, body: Raw) -> Result<Json<Listed<Compared>>, Problem> {
    let (file, text) = yaml(&asked, &body)?;
    let compared = asked.services().compare_definitions(asked.caller(), file, text).await?;
    Ok(Json(Listed::whole(compared)))
}

async fn check(asked: Asked, Body(told): Body<Suppose>) -> Result<Json<Foreseen>, Problem> {
    let found = found(&asked).await?;
    let subject = told.subject.map(RecordRef::from);
    let supposed = Supposed { subject, payload: told.payload };
    let (key, version) = (found.automation.key.clone(), found.automation.version);
    let foreseen = asked.services().foresee(asked.caller(), found, supposed).await?;
    Ok(Json(Foreseen::new(key, version, foreseen)))
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
