//! Policies: rules that deny actions or have them approved first.

mod test;

use axum::Json;
use domain::{
    approval::ApprovalRule,
    permission::Permission,
    policy::{self, PolicyVersion},
};
use engine::services::{AppliedPolicy, PolicyDetail};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    asked::{Asked, Listed},
    automations::{Applied, Warning},
    body::Body,
    describe::{Api, get, post},
    problem::Problem,
    runs::Reason,
    schema,
};

/// A rule of the workspace that denies actions, or has them approved first
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Guard)]
pub struct Policy {
    id: schema::PolicyId,
    /// Its name in addresses
    key: String,
    name: String,
    /// The number of the latest version
    version: i64,
    /// The version that is switched on; `null` while it is off
    on: Option<i64>,
    /// When it was switched last
    switched_at: Option<schema::Time>,
    /// `null` when that was on the host's command line
    switched_by: Option<schema::MemberId>,
    switch_reason: Option<String>,
    created_at: schema::Time,
    updated_at: schema::Time,
}

impl From<policy::Policy> for Policy {
    fn from(policy: policy::Policy) -> Self {
        let switched = policy.switched;
        Self {
            id: policy.id.into(),
            key: policy.key,
            name: policy.name,
            version: policy.version,
            on: policy.on,
            switched_at: schema::maybe(switched.as_ref().map(|switched| switched.at)),
            switched_by: schema::maybe(switched.as_ref().and_then(|switched| switched.by)),
            switch_reason: switched.map(|switched| switched.reason),
            created_at: policy.created_at.into(),
            updated_at: policy.updated_at.into(),
        }
    }
}

/// Who approves what a policy asks for
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PolicyApproval)]
pub struct Approvers {
    /// `approver` unless stated; an owner may decide, too
    #[serde(default = "approver")]
    role: schema::Role,
    /// Named approvers by e-mail address; empty means the role decides
    #[serde(default)]
    members: Vec<String>,
    #[serde(default = "one_approver")]
    quorum: i64,
    /// 14 days unless stated
    #[serde(default = "fortnight")]
    expires_after_seconds: i64,
    /// What happens when nobody decides in time: `dismiss` unless stated
    #[serde(default = "dismiss")]
    on_expiry: schema::OnExpiry,
}

fn approver() -> schema::Role {
    ApprovalRule::default().role.into()
}

fn one_approver() -> i64 {
    ApprovalRule::default().quorum
}

fn fortnight() -> i64 {
    ApprovalRule::default().expires_after_seconds
}

fn dismiss() -> schema::OnExpiry {
    ApprovalRule::default().on_expiry.into()
}

/// What a policy says
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PolicyTerms)]
pub struct Terms {
    key: String,
    name: String,
    /// Why there is such a rule, for whoever is denied something
    statement: String,
    effect: schema::PolicyEffect,
    /// Only with `require-approval`; any one approver within 14 days unless stated
    #[serde(default)]
    approval: Option<Approvers>,
    /// Keys of the definitions it is about; empty means all
    #[serde(default)]
    automations: Vec<String>,
    /// CEL over `automation`, `action`, `subject`, `event` and `now`
    #[schema(examples("action.actioner == 'notify.http' && now.getDayOfWeek() == 0"))]
    rule: String,
}

impl From<Terms> for policy::Terms {
    fn from(terms: Terms) -> Self {
        let approval = terms.approval.map(|approval| ApprovalRule {
            role: approval.role.0,
            members: approval.members,
            quorum: approval.quorum,
            expires_after_seconds: approval.expires_after_seconds,
            on_expiry: approval.on_expiry.0,
        });
        Self {
            key: terms.key,
            name: terms.name,
            statement: terms.statement,
            effect: terms.effect.0,
            approval,
            automations: terms.automations,
            rule: terms.rule,
        }
    }
}

impl From<policy::Terms> for Terms {
    fn from(terms: policy::Terms) -> Self {
        let approval = terms.approval.map(|rule| Approvers {
            role: rule.role.into(),
            members: rule.members,
            quorum: rule.quorum,
            expires_after_seconds: rule.expires_after_seconds,
            on_expiry: rule.on_expiry.into(),
        });
        Self {
            key: terms.key,
            name: terms.name,
            statement: terms.statement,
            effect: terms.effect.into(),
            approval,
            automations: terms.automations,
            rule: terms.rule,
        }
    }
}

/// One immutable version of a policy
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyVersion)]
pub struct Version {
    number: i64,
    terms: Terms,
    /// Hexadecimal SHA-256
    digest: String,
    created_at: schema::Time,
    /// `null` when it was applied on the host's command line
    created_by: Option<schema::MemberId>,
}

impl From<PolicyVersion> for Version {
    fn from(version: PolicyVersion) -> Self {
        Self {
            number: version.number,
            terms: version.terms.into(),
            digest: version.digest,
            created_at: version.created_at.into(),
            created_by: schema::maybe(version.created_by),
        }
    }
}

/// A policy with everything it ever said
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GuardDetail)]
pub struct Detail {
    policy: Policy,
    /// Newest first
    versions: Vec<Version>,
}

impl From<PolicyDetail> for Detail {
    fn from(detail: PolicyDetail) -> Self {
        let versions = detail.versions.into_iter().map(Version::from).collect();
        Self { policy: detail.policy.into(), versions }
    }
}

/// What writing a policy did
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WrittenPolicy)]
pub struct Written {
    policy: Policy,
    /// `created`, `new-version` or `unchanged`
    applied: String,
    warnings: Vec<Warning>,
}

impl From<AppliedPolicy> for Written {
    fn from(applied: AppliedPolicy) -> Self {
        Self {
            policy: applied.policy.into(),
            applied: Applied::word(applied.applied).to_owned(),
            warnings: applied.warnings.into_iter().map(Warning::from).collect(),
        }
    }
}

/// Which version is to be on, and why
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PolicySwitch)]
pub struct On {
    /// The latest unless stated
    #[serde(default)]
    version: Option<i64>,
    /// 1 to 1,000 characters, kept with the policy
    reason: String,
}

const TAG: &str = "Policies";

pub fn routes(api: Api) -> Api {
    let api = api
        .add(
            TAG,
            get("/policies", "listPolicies", "Every policy, by key")
                .needs(Permission::ViewRuns)
                .lists::<Policy>(),
            list,
        )
        .add(
            TAG,
            post("/policies", "writePolicy", "Write a policy, or a new version of it")
                .about(
                    "It does nothing before it is switched on, and a policy that is on stays so in the \
                     version it is on in. One that says the same as the latest version changes nothing.",
                )
                .needs(Permission::ManagePolicies)
                .takes::<Terms>()
                .gives::<Written>("200"),
            write,
        )
        .add(
            TAG,
            get("/policies/{policy}", "getPolicy", "A policy with its versions, by its key")
                .needs(Permission::ViewRuns)
                .gives::<Detail>("200")
                .tagged(),
            one,
        )
        .add(
            TAG,
            post("/policies/{policy}/on", "switchPolicyOn", "Switch a policy on")
                .about(
                    "From the entry in the audit log on, nothing is started that was not judged under it.",
                )
                .needs(Permission::ManagePolicies)
                .takes::<On>()
                .gives::<Policy>("200"),
            on,
        )
        .add(
            TAG,
            post("/policies/{policy}/off", "switchPolicyOff", "Switch a policy off")
                .needs(Permission::ManagePolicies)
                .takes::<Reason>()
                .gives::<Policy>("200"),
            off,
        );
    test::routes(api)
}

async fn list(asked: Asked) -> Result<Json<Listed<Policy>>, Problem> {
    Ok(Json(Listed::whole(asked.services().policies(asked.caller()).await?)))
}

async fn write(asked: Asked, Body(terms): Body<Terms>) -> Result<Json<Written>, Problem> {
    Ok(Json(asked.services().apply_policy(asked.caller(), terms.into()).await?.into()))
}

async fn one(asked: Asked) -> Result<Json<Detail>, Problem> {
    let key: String = asked.part("policy")?;
    Ok(Json(asked.services().policy(asked.caller(), &key).await?.into()))
}

async fn on(asked: Asked, Body(wanted): Body<On>) -> Result<Json<Policy>, Problem> {
    let key: String = asked.part("policy")?;
    let (services, On { version, reason }) = (asked.services(), wanted);
    let policy = services.switch_policy_on(asked.caller(), &key, version, &reason).await?;
    Ok(Json(policy.into()))
}

async fn off(asked: Asked, Body(why): Body<Reason>) -> Result<Json<Policy>, Problem> {
    let key: String = asked.part("policy")?;
    let policy = asked.services().switch_policy_off(asked.caller(), &key, &why.reason).await?;
    Ok(Json(policy.into()))
}
