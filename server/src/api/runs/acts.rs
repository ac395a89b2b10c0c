//! What is done about a run: the plan of a retry and the retry that must match it, cancelling, closing.

use axum::Json;
use domain::{cancel::CancelReceipt, permission::Permission, retry::RetryPlan};
use engine::services::RetryRequest;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Run, TAG};
use crate::api::{
    asked::Asked,
    body::Body,
    describe::{Api, get, post},
    problem::Problem,
    schema,
};

/// What a retry would do, before anything is done
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RetryPlan)]
pub struct Plan {
    run: schema::RunId,
    /// The round the retry would open
    round: i64,
    items: Vec<PlanItem>,
    /// How many items have nothing to retry
    not_eligible: i64,
    /// The retry would wait for an approval first
    needs_approval: bool,
    /// Names exactly this plan: what a retry sends
    digest: String,
}

/// What a retry would do to one item, and why
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanItem {
    item: schema::ItemId,
    subject_kind: String,
    subject_key: String,
    verdict: schema::PlanVerdict,
    /// One sentence
    reason: String,
    attempt: i64,
    state: schema::ItemState,
}

impl From<RetryPlan> for Plan {
    fn from(plan: RetryPlan) -> Self {
        let item = |item: domain::retry::PlanItem| PlanItem {
            item: item.item.into(),
            subject_kind: item.subject_kind,
            subject_key: item.subject_key,
            verdict: item.verdict.into(),
            reason: item.reason,
            attempt: item.attempt,
            state: item.state.into(),
        };
        Self {
            run: plan.run.into(),
            round: plan.round,
            items: plan.items.into_iter().map(item).collect(),
            not_eligible: plan.not_eligible,
            needs_approval: plan.needs_approval,
            digest: plan.digest,
        }
    }
}

/// A retry of the safe items and those that are acknowledged
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RetryRequest)]
pub struct Retry {
    /// The digest of the plan
    plan_digest: String,
    /// Items whose verdict is not `safe` and that are retried all the same
    #[serde(default)]
    acknowledged: Vec<schema::ItemId>,
    #[serde(default)]
    reason: String,
}

/// What a retry set going
#[derive(Debug, Serialize, ToSchema)]
pub struct Retried {
    run: schema::RunId,
    round: i64,
    queued: i64,
    /// Items that wait for an approval first
    awaiting_approval: i64,
}

/// Why a member does it
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// 1 to 1,000 characters, kept with what is done
    pub(in crate::api) reason: String,
}

/// What had happened, what will not, and what was under way when a run was cancelled
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CancelReceipt)]
pub struct Receipt {
    run: schema::RunId,
    at: schema::Time,
    reason: String,
    finished: i64,
    skipped: i64,
    in_flight: i64,
    unknown: i64,
}

impl From<CancelReceipt> for Receipt {
    fn from(receipt: CancelReceipt) -> Self {
        Self {
            run: receipt.run.into(),
            at: receipt.at.into(),
            reason: receipt.reason,
            finished: receipt.finished,
            skipped: receipt.skipped,
            in_flight: receipt.in_flight,
            unknown: receipt.unknown,
        }
    }
}

pub fn routes(api: Api) -> Api {
    api.add(
        TAG,
        get("/runs/{run}/retry-plan", "planRetry", "What a retry would do, and whether it is safe")
            .needs(Permission::ViewRuns)
            .gives::<Plan>("200"),
        plan,
    )
    .add(
        TAG,
        post("/runs/{run}/retry", "retryRun", "Retry failed items, as the plan said")
            .about("Refused with `plan-changed` if anything changed since the plan.")
            .needs(Permission::RetryItems)
            .takes::<Retry>()
            .gives::<Retried>("200"),
        retry,
    )
    .add(
        TAG,
        get("/runs/{run}/cancel-preview", "previewCancel", "What cancelling would do now")
            .needs(Permission::ViewRuns)
            .gives::<Receipt>("200"),
        preview,
    )
    .add(
        TAG,
        post("/runs/{run}/cancel", "cancelRun", "Stop a run")
            .about("What has not started never will; what has started finishes.")
            .needs(Permission::CancelRuns)
            .takes::<Reason>()
            .gives::<Receipt>("200"),
        cancel,
    )
    .add(
        TAG,
        post("/runs/{run}/close", "closeRun", "Accept the failed items of a held run")
            .needs(Permission::CloseRuns)
            .takes::<Reason>()
            .gives::<Run>("200"),
        close,
    )
}

async fn plan(asked: Asked) -> Result<Json<Plan>, Problem> {
    Ok(Json(asked.services().retry_plan(asked.caller(), asked.part("run")?).await?.into()))
}

async fn retry(asked: Asked, Body(wanted): Body<Retry>) -> Result<Json<Retried>, Problem> {
    let request = RetryRequest {
        run: asked.part("run")?,
        plan_digest: wanted.plan_digest,
        acknowledged: wanted.acknowledged.into_iter().map(|item| item.0).collect(),
        reason: wanted.reason,
    };
    let done = asked.services().retry(asked.caller(), request).await?;
    Ok(Json(Retried {
        run: done.run.into(),
        round: done.round,
        queued: done.queued,
        awaiting_approval: done.awaiting_approval,
    }))
}

async fn preview(asked: Asked) -> Result<Json<Receipt>, Problem> {
    Ok(Json(asked.services().cancel_preview(asked.caller(), asked.part("run")?).await?.into()))
}

async fn cancel(asked: Asked, Body(why): Body<Reason>) -> Result<Json<Receipt>, Problem> {
    let run = asked.part("run")?;
    Ok(Json(asked.services().cancel(asked.caller(), run, &why.reason).await?.into()))
}

async fn close(asked: Asked, Body(why): Body<Reason>) -> Result<Json<Run>, Problem> {
    let run = asked.services().close_run(asked.caller(), asked.part("run")?, &why.reason).await?;
    let automations = asked.services().automations_by_id(asked.caller()).await?;
    let automation = automations.get(&run.automation).cloned();
    Ok(Json(Run::new(run, automation.as_ref())))
}
