//! Approvals: what waits for a person, and the decision.

use axum::{
    Json,
    response::{IntoResponse as _, Response},
};
use domain::{
    approval::{self, ApprovalStatus},
    id::ApprovalId,
    permission::Permission,
};
use engine::services::{Caller, DecisionRequest, ServiceError, Services};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    asked::{Asked, Listed, Paging},
    body::Body,
    describe::{Api, Param, get, post},
    problem::Problem,
    schema,
};

/// A question to a person about one exact action
#[derive(Debug, Serialize, ToSchema)]
pub struct Approval {
    id: schema::ApprovalId,
    run: schema::RunId,
    item: schema::ItemId,
    kind: schema::ApprovalKind,
    status: schema::ApprovalStatus,
    /// In one sentence
    question: String,
    actioner: String,
    parameters: schema::Document,
    /// What a decision has to send: names exactly this action
    action_digest: String,
    rule: Rule,
    /// The policy that asks for it, where one does; it is worth nothing under another version
    policy: Option<OfPolicy>,
    /// `null` when the automation asked; whoever asked cannot decide
    requested_by: Option<schema::MemberId>,
    requested_at: schema::Time,
    expires_at: schema::Time,
    decided_at: Option<schema::Time>,
}

/// A version of a policy
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyPin)]
pub struct OfPolicy {
    policy: schema::PolicyId,
    version: i64,
    /// Hexadecimal SHA-256
    digest: String,
}

/// Who may decide, and how many must agree
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApprovalRule)]
pub struct Rule {
    role: schema::Role,
    /// It is for named approvers only
    named: bool,
    quorum: i64,
}

/// One member's decision
#[derive(Debug, Serialize, ToSchema)]
pub struct Decision {
    member: schema::MemberId,
    verdict: schema::Verdict,
    reason: String,
    decided_at: schema::Time,
}

/// An approval with the decisions made so far
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApprovalDetail)]
pub struct Detail {
    approval: Approval,
    decisions: Vec<Decision>,
}

/// What a member decides
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewDecision)]
pub struct New {
    verdict: schema::Verdict,
    /// The digest of the action that was shown
    action_digest: String,
    /// Needed to dismiss
    #[serde(default)]
    reason: String,
}

impl From<approval::Approval> for Approval {
    fn from(approval: approval::Approval) -> Self {
        let rule = Rule {
            role: approval.rule.role.into(),
            named: !approval.rule.members.is_empty(),
            quorum: approval.rule.quorum,
        };
        Self {
            id: approval.id.into(),
            run: approval.run.into(),
            item: approval.item.into(),
            kind: approval.kind.into(),
            status: approval.status.into(),
            question: approval.question,
            actioner: approval.actioner,
            parameters: approval.parameters.into(),
            action_digest: approval.action_digest,
            rule,
            policy: approval.policy.map(|pin| OfPolicy {
                policy: pin.policy.into(),
                version: pin.version,
                digest: pin.digest,
            }),
            requested_by: schema::maybe(approval.requested_by),
            requested_at: approval.requested_at.into(),
            expires_at: approval.expires_at.into(),
            decided_at: schema::maybe(approval.decided_at),
        }
    }
}

impl From<approval::Decision> for Decision {
    fn from(decision: approval::Decision) -> Self {
        Self {
            member: decision.member.into(),
            verdict: decision.verdict.into(),
            reason: decision.reason,
            decided_at: decision.decided_at.into(),
        }
    }
}

const TAG: &str = "Approvals";

pub fn routes(api: Api) -> Api {
    api.add(
        TAG,
        get("/approvals", "listApprovals", "Approvals, longest waiting first")
            .needs(Permission::ViewRuns)
            .query([Param::new("status", "`open` unless stated").of::<schema::ApprovalStatus>()])
            .pages_of::<Approval>(),
        list,
    )
    .add(
        TAG,
        get("/approvals/{approval}", "getApproval", "An approval and its decisions")
            .needs(Permission::ViewRuns)
            .gives::<Detail>("200")
            .tagged(),
        one,
    )
    .add(
        TAG,
        post("/approvals/{approval}/decisions", "decideApproval", "Approve or dismiss")
            .about(
                "Whoever asked cannot decide (`own-request`), by a token as little as in person. What \
                 is approved is exactly the action of the digest (`action-changed`).",
            )
            .needs(Permission::DecideApprovals)
            .takes::<New>()
            .gives::<Detail>("201"),
        decide,
    )
}

/// How the list of these approvals is called in cursors.
pub fn scope(status: ApprovalStatus) -> String {
    format!("approvals?{status}")
}

/// A page of approvals.
pub async fn listed(
    services: &Services,
    caller: Caller,
    status: ApprovalStatus,
    paging: &Paging,
) -> Result<Listed<Approval>, ServiceError> {
    let page = services.approvals(caller, status, paging.seek, paging.size).await?;
    Ok(paging.listed(page, Approval::from))
}

async fn list(asked: Asked) -> Result<Json<Listed<Approval>>, Problem> {
    let status = asked.read("status")?.unwrap_or(ApprovalStatus::Open);
    let paging = asked.paging(scope(status))?;
    Ok(Json(listed(asked.services(), asked.caller(), status, &paging).await?))
}

/// An approval and its decisions.
pub async fn detail(
    services: &Services,
    caller: Caller,
    id: ApprovalId,
) -> Result<Detail, ServiceError> {
    let (approval, decisions) = services.approval(caller, id).await?;
    let decisions = decisions.into_iter().map(Decision::from).collect();
    Ok(Detail { approval: approval.into(), decisions })
}

async fn one(asked: Asked) -> Result<Json<Detail>, Problem> {
    let id = asked.part("approval")?;
    Ok(Json(detail(asked.services(), asked.caller(), id).await?))
}

async fn decide(asked: Asked, Body(new): Body<New>) -> Result<Response, Problem> {
    let approval = asked.part("approval")?;
    let request = DecisionRequest {
        approval,
        verdict: new.verdict.0,
        reason: new.reason,
        action_digest: new.action_digest,
    };
    let (services, caller) = (asked.services(), asked.caller());
    services.decide(caller, request).await?;
    Ok((StatusCode::CREATED, Json(detail(services, caller, approval).await?)).into_response())
}
