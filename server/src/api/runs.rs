//! Runs: found by the filter of the Runs page, summed up, looked into, retried, cancelled, closed.

mod acts;
pub mod items;
mod reported;
mod reports;
mod statement;
mod summary;

use axum::Json;
use domain::{
    automation::Automation,
    concern::Concern,
    filter::{Order, RunFilter, TimeBasis},
    permission::Permission,
    report::Tally,
    rollup::started_order,
    run,
};
use engine::services::RunDetail;
use serde::Serialize;
use utoipa::ToSchema;

pub(super) use acts::Reason;
pub(super) use reported::Reported;

use super::{
    asked::{Asked, Listed, PAGING},
    budgets::Spent,
    describe::{Api, Param, get},
    events::Event,
    problem::{Problem, of_query},
    schema,
};

/// Why something failed
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Failure {
    /// Stable, for programs
    pub code: String,
    pub message: String,
    pub kind: schema::FailureKind,
}

impl From<domain::problem::Failure> for Failure {
    fn from(failure: domain::problem::Failure) -> Self {
        let domain::problem::Failure { code, message, kind } = failure;
        Self { code, message, kind: kind.into() }
    }
}

/// How many items are where
#[derive(Debug, Serialize, ToSchema)]
pub struct Counts {
    subjects_matched: i64,
    /// Items whose actioner was called at least once
    actions_invoked: i64,
    /// Items without an outcome
    open: i64,
    succeeded: i64,
    failed: i64,
    skipped: i64,
    awaiting_approval: i64,
    idempotent_replay: i64,
}

impl From<domain::counts::Counts> for Counts {
    fn from(counts: domain::counts::Counts) -> Self {
        Self {
            subjects_matched: counts.subjects_matched,
            actions_invoked: counts.actions_invoked,
            open: counts.open,
            succeeded: counts.succeeded,
            failed: counts.failed,
            skipped: counts.skipped,
            awaiting_approval: counts.awaiting_approval,
            idempotent_replay: counts.idempotent_replay,
        }
    }
}

/// That, why and by whom a run was asked to stop
#[derive(Debug, Serialize, ToSchema)]
pub struct CancelRequest {
    at: schema::Time,
    /// `null` when it was asked for on the host's command line
    by: Option<schema::MemberId>,
    reason: String,
}

/// One firing of an automation
#[derive(Debug, Serialize, ToSchema)]
pub struct Run {
    id: schema::RunId,
    automation: schema::AutomationId,
    automation_key: Option<String>,
    automation_name: Option<String>,
    /// The version in effect when the trigger event arrived
    version: i64,
    trigger_event: schema::TriggerEventId,
    trigger_kind: schema::TriggerKind,
    /// Whether it was executed here, or reported by those who run it
    kind: schema::RunKind,
    status: schema::RunStatus,
    /// What about it its status does not say
    concern: Option<schema::RunConcern>,
    /// 0 is the original; each retry opens the next
    round: i64,
    counts: Counts,
    /// Every subject was looked at and all items exist
    matched: bool,
    on_item_failure: schema::OnItemFailure,
    created_at: schema::Time,
    started_at: Option<schema::Time>,
    completed_at: Option<schema::Time>,
    /// When its payloads and step detail went; what is left is a stub
    pruned_at: Option<schema::Time>,
    /// Under which policy, in words
    #[schema(examples("policy 3: 400 days"))]
    pruned_under: Option<String>,
    /// From start to end, in seconds
    duration_seconds: Option<f64>,
    cancel: Option<CancelRequest>,
    /// The kill switch that stopped it
    killed_by: Option<schema::KillSwitchId>,
    /// What it has cost; `null` where nobody estimates it
    cost: Option<Spent>,
    /// Why the run as a whole could not proceed
    failure: Option<Failure>,
    /// What a reported run told at its head; `null` for one that is executed
    told: Option<Told>,
}

/// What a reported run told, at its head
#[derive(Debug, Serialize, ToSchema)]
pub struct Told {
    /// Steps that ended
    steps: i64,
    failed_steps: i64,
    tool_invocations: i64,
    memory_writes: i64,
    /// Since when nothing was heard of it, where that is longer than it declared
    silent_since: Option<schema::Time>,
}

impl Told {
    fn of(run: &run::Run) -> Option<Self> {
        let run::Told { steps, failed_steps, silent_since } = run.told?;
        let silent_since = schema::maybe(silent_since);
        let Tally { tool_invocations, memory_writes, .. } = run.tally;
        Some(Self { steps, failed_steps, tool_invocations, memory_writes, silent_since })
    }
}

impl Run {
    pub fn new(run: run::Run, automation: Option<&Automation>) -> Self {
        Self {
            concern: schema::maybe(Concern::of(&run)),
            duration_seconds: duration_seconds(&run),
            kind: run.kind().into(),
            told: Told::of(&run),
            id: run.id.into(),
            automation: run.automation.into(),
            automation_key: automation.map(|automation| automation.key.clone()),
            automation_name: automation.map(|automation| automation.name.clone()),
            version: run.version,
            trigger_event: run.trigger_event.into(),
            trigger_kind: run.trigger_kind.into(),
            status: run.status.into(),
            round: run.round,
            counts: run.counts.into(),
            matched: run.matched,
            on_item_failure: run.on_item_failure.into(),
            created_at: run.created_at.into(),
            started_at: schema::maybe(run.started_at),
            completed_at: schema::maybe(run.completed_at),
            pruned_at: schema::maybe(run.pruned.as_ref().map(|pruned| pruned.at)),
            pruned_under: run.pruned.map(|pruned| pruned.under),
            cancel: run.cancel.map(|cancel| CancelRequest {
                at: cancel.at.into(),
                by: schema::maybe(cancel.by),
                reason: cancel.reason,
            }),
            killed_by: run.killed.map(|killed| killed.switch.into()),
            cost: run.cost.map(Spent::from),
            failure: schema::maybe(run.failure),
        }
    }
}

/// From start to end, in seconds; of a run that never started from when it was created.
pub fn duration_seconds(run: &run::Run) -> Option<f64> {
    let ended = run.completed_at?;
    Some(schema::seconds((ended - started_order(run)).num_milliseconds()))
}

/// A run and what stands around it
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RunDetail)]
pub struct Detail {
    run: Run,
    event: Event,
    /// What cancelling it came to
    receipt: Option<acts::Receipt>,
    /// What is known of a reported run beyond its head; `null` for one that is executed
    reported: Option<ReportedDetail>,
}

/// What is known of a reported run beyond its head
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportedDetail {
    /// As its reporter calls it
    external_id: String,
    /// The run it is a part of, as that is called by its reporter
    parent: Option<String>,
    /// The same, where it was reported here
    parent_run: Option<schema::RunId>,
    /// When something last came
    heard_at: schema::Time,
    /// How often it declared to give a sign of life
    heartbeat_seconds: Option<i64>,
    /// Steps that started and have not ended
    steps_in_flight: i64,
    /// Which step blew up
    failed_step: Option<statement::FailedStep>,
    /// Steps of the log that are no longer kept
    dropped_steps: i64,
}

impl From<engine::services::ReportedDetail> for ReportedDetail {
    fn from(found: engine::services::ReportedDetail) -> Self {
        let engine::services::ReportedDetail { head, parent: parent_run, dropped } = found;
        let state = head.state;
        let heartbeat_seconds = state.heartbeat_seconds();
        Self {
            external_id: head.external_id,
            parent: state.start.and_then(|start| start.is.parent),
            parent_run: schema::maybe(parent_run),
            heard_at: head.heard_at.into(),
            heartbeat_seconds,
            steps_in_flight: state.open.len() as i64,
            failed_step: state.blown.map(|blown| blown.is.into()),
            dropped_steps: dropped,
        }
    }
}

impl From<RunDetail> for Detail {
    fn from(found: RunDetail) -> Self {
        Self {
            run: Run::new(found.run, Some(&found.automation)),
            event: found.event.into(),
            receipt: found.receipt.map(acts::Receipt::from),
            reported: found.reported.map(ReportedDetail::from),
        }
    }
}

const TAG: &str = "Runs";

pub fn routes(api: Api) -> Api {
    api.add(
        TAG,
        get("/runs", "listRuns", "The runs a filter finds")
            .about("The query string is that of the Runs page.")
            .needs(Permission::ViewRuns)
            .query(filter_params())
            .pages_of::<Run>(),
        list,
    )
    .and(summary::routes)
    .add(
        TAG,
        get("/runs/{run}", "getRun", "A run and what stands around it")
            .needs(Permission::ViewRuns)
            .gives::<Detail>("200")
            .tagged(),
        one,
    )
    .and(items::routes)
    .and(reports::routes)
    .and(reported::routes)
    .and(acts::routes)
}

/// The names that [`RunFilter::parse`] reads.
fn filter_params() -> [Param; 9] {
    [
        Param::new("definition", "The key of a definition; may be repeated").repeated(),
        Param::new("status", "A status; may be repeated").of::<schema::RunStatus>().repeated(),
        Param::new("trigger", "A kind of trigger; may be repeated")
            .of::<schema::TriggerKind>()
            .repeated(),
        Param::new("kind", "Only what was executed here, or only what was reported")
            .of::<schema::RunKind>(),
        Param::new("incident", "`yes`: only runs with an incident"),
        Param::new("by", "Which time the list is sorted by and the days apply to")
            .of::<schema::Words<TimeBasis>>(),
        Param::new("from", "The first day, in UTC").of::<schema::Day>(),
        Param::new("to", "The last day, in UTC, included").of::<schema::Day>(),
        Param::new("order", "`newest` unless stated").of::<schema::Words<Order>>(),
    ]
}

fn filter(asked: &Asked) -> Result<RunFilter, Problem> {
    Ok(RunFilter::parse(asked.pairs(), &PAGING)?)
}

async fn list(asked: Asked) -> Result<Json<Listed<Run>>, Problem> {
    let filter = filter(&asked)?;
    let paging = asked.paging(format_args!("runs?{}", filter.query()))?;
    let (services, caller) = (asked.services(), asked.caller());
    let found = services.runs(caller, &filter, paging.seek, paging.size).await.map_err(of_query)?;
    let automations = found.automations;
    let row = |run: run::Run| {
        let automation = automations.get(&run.automation);
        Run::new(run, automation)
    };
    Ok(Json(paging.listed(found.page, row)))
}

async fn one(asked: Asked) -> Result<Json<Detail>, Problem> {
    Ok(Json(asked.services().run(asked.caller(), asked.part("run")?).await?.into()))
}
