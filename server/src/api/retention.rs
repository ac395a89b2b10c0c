//! How long runs are kept: policies, what the sweep would do, and what the database weighs.

use std::collections::HashMap;

use axum::Json;
use domain::{
    id::AutomationId,
    permission::Permission,
    retention::{Effective, Growth, Policies, Policy, PolicyVersion, Term, Terms},
};
use engine::services::{self, Foretold, NewRetention, Retention};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    asked::{Asked, Listed},
    body::Body,
    describe::{Api, get, post},
    problem::Problem,
    schema,
};

/// How long something is kept: whichever limit is reached first ends it; without any it is kept for ever
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RetentionTerm)]
pub struct KeptFor {
    /// Days from the end of a run
    #[serde(default)]
    days: Option<u32>,
    /// The newest runs of an automation that have ended
    #[serde(default)]
    runs: Option<u32>,
}

impl From<Term> for KeptFor {
    fn from(Term { days, runs }: Term) -> Self {
        Self { days, runs }
    }
}

impl From<KeptFor> for Term {
    fn from(KeptFor { days, runs }: KeptFor) -> Self {
        Self { days, runs }
    }
}

/// The terms of runs of one nature
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RetentionTerms)]
pub struct Kept {
    /// Payloads and step detail
    detail: KeptFor,
    /// The same of runs that did not end well, where it is kept longer
    #[serde(default)]
    failed: Option<KeptFor>,
}

impl From<Terms> for Kept {
    fn from(terms: Terms) -> Self {
        let failed = terms.failed.map(KeptFor::from);
        Self { detail: terms.detail.into(), failed }
    }
}

impl From<Kept> for Terms {
    fn from(kept: Kept) -> Self {
        let failed = kept.failed.map(Term::from);
        Self { detail: kept.detail.into(), failed }
    }
}

/// How long runs are kept
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RetentionPolicy)]
pub struct Keeping {
    /// Runs that Assize carried out
    executed: Kept,
    /// Runs that were reported to it
    reported: Kept,
    /// Days from the end of a reported run until what stays of it goes, too, apart from the audit log;
    /// without it that stays for ever
    #[serde(default)]
    reported_stub_days: Option<u32>,
}

impl From<Policy> for Keeping {
    fn from(policy: Policy) -> Self {
        Self {
            executed: policy.executed.into(),
            reported: policy.reported.into(),
            reported_stub_days: policy.reported_stub_days,
        }
    }
}

impl From<Keeping> for Policy {
    fn from(keeping: Keeping) -> Self {
        Self {
            executed: keeping.executed.into(),
            reported: keeping.reported.into(),
            reported_stub_days: keeping.reported_stub_days,
        }
    }
}

/// A policy in effect
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RetentionInEffect)]
pub struct InEffect {
    /// `null` for what holds where an automation has none of its own
    automation: Option<schema::AutomationId>,
    /// Its key
    definition: Option<String>,
    /// Counts the changes in the workspace; 0 where nobody said anything
    number: i64,
    policy: Keeping,
}

impl InEffect {
    /// That of the workspace first.
    fn all(policies: Policies, keys: &HashMap<AutomationId, String>) -> Vec<Self> {
        let one = |automation: Option<AutomationId>, effective: Effective| Self {
            automation: automation.map(Into::into),
            definition: automation.and_then(|id| keys.get(&id).cloned()),
            number: effective.number,
            policy: effective.policy.into(),
        };
        let own = policies.automations.into_iter();
        std::iter::once(one(None, policies.workspace))
            .chain(own.map(|(automation, effective)| one(Some(automation), effective)))
            .collect()
    }
}

/// A policy that is to hold: for every automation without one of its own, unless a definition is named
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewRetention)]
pub struct New {
    /// The key of a definition
    #[serde(default)]
    definition: Option<String>,
    /// `null` takes back what was set before
    policy: Option<Keeping>,
}

/// What was set
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RetentionVersion)]
pub struct Version {
    number: i64,
    automation: Option<schema::AutomationId>,
    policy: Option<Keeping>,
    /// `null` when it was set on the host's command line
    set_by: Option<schema::MemberId>,
    set_at: schema::Time,
}

impl From<PolicyVersion> for Version {
    fn from(version: PolicyVersion) -> Self {
        Self {
            number: version.number,
            automation: version.automation.map(Into::into),
            policy: version.policy.map(Keeping::from),
            set_by: version.set_by.map(Into::into),
            set_at: version.set_at.into(),
        }
    }
}

/// What the sweep would do about one automation now
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RetentionForecast)]
pub struct Forecast {
    automation: schema::AutomationId,
    definition: String,
    /// The policy in effect; 0 is the default
    policy: i64,
    kept: KeptFor,
    /// Runs that have ended and still have their detail
    full_runs: i64,
    /// Runs that are stubs already
    stubs: i64,
    due_runs: i64,
    due_items: i64,
    /// Stubs that are due to be removed
    due_stubs: i64,
    /// Estimated by the last runs
    due_bytes: i64,
    /// Runs that end in thirty days at the present rate
    runs_a_month: i64,
}

impl From<Foretold> for Forecast {
    fn from(one: Foretold) -> Self {
        let (due_bytes, kept) = (one.growth.due_bytes(), one.kept().into());
        let Growth { runs_a_month, full_runs, due_runs, stubs, due_stubs, .. } = one.growth;
        Self {
            automation: one.automation.id.into(),
            definition: one.automation.key,
            policy: one.under.number,
            kept,
            full_runs,
            stubs,
            due_runs,
            due_stubs,
            due_items: one.due_items,
            due_bytes,
            runs_a_month,
        }
    }
}

/// What the sweep would do now, and what the database will weigh
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RetentionPreview)]
pub struct Preview {
    due_runs: i64,
    due_bytes: i64,
    /// What the database weighs, all workspaces together
    bytes: i64,
    /// The part of it that is free for new rows
    free_bytes: i64,
    /// At the present rate and under the present policies, estimated
    bytes_in_30_days: i64,
    bytes_in_365_days: i64,
    automations: Vec<Forecast>,
}

impl From<services::Preview> for Preview {
    fn from(found: services::Preview) -> Self {
        Self {
            due_runs: found.due_runs(),
            due_bytes: found.due_bytes(),
            bytes: found.bytes,
            free_bytes: found.free_bytes,
            bytes_in_30_days: found.bytes_in(30),
            bytes_in_365_days: found.bytes_in(365),
            automations: found.automations.into_iter().map(Forecast::from).collect(),
        }
    }
}

/// What a table weighs
#[derive(Debug, Serialize, ToSchema)]
pub struct TableSize {
    name: String,
    /// With its indexes
    bytes: i64,
}

/// What an automation weighs
#[derive(Debug, Serialize, ToSchema)]
pub struct AutomationSize {
    automation: schema::AutomationId,
    definition: String,
    full_runs: i64,
    stubs: i64,
    /// The detail of the full runs, estimated by the last of them
    bytes: i64,
}

/// What the database weighs, all workspaces together, and when it was swept
#[derive(Debug, Serialize, ToSchema)]
pub struct Storage {
    bytes: i64,
    free_bytes: i64,
    /// Bytes a day over the last thirty days; `null` until there are two days
    growth: Option<i64>,
    /// When nothing was left to prune
    swept_at: Option<schema::Time>,
    /// Runs pruned since the instance began
    runs_pruned: i64,
    /// Stubs of reported runs removed since then
    stubs_removed: i64,
    /// As of the last day that was sampled, heaviest first
    tables: Vec<TableSize>,
    automations: Vec<AutomationSize>,
}

impl From<services::Storage> for Storage {
    fn from(found: services::Storage) -> Self {
        let table =
            |table: engine::store::Weight| TableSize { name: table.name, bytes: table.bytes };
        let automation = |one: services::Weighed| AutomationSize {
            automation: one.automation.id.into(),
            definition: one.automation.key,
            full_runs: one.full_runs,
            stubs: one.stubs,
            bytes: one.bytes,
        };
        Self {
            growth: found.growth(),
            bytes: found.bytes,
            free_bytes: found.free_bytes,
            swept_at: schema::maybe(found.sweeps.finished_at),
            runs_pruned: found.sweeps.runs,
            stubs_removed: found.sweeps.stubs,
            tables: found.tables.into_iter().map(table).collect(),
            automations: found.automations.into_iter().map(automation).collect(),
        }
    }
}

const TAG: &str = "Retention";

pub fn routes(api: Api) -> Api {
    api.add(
        TAG,
        get("/retention", "listRetention", "The policies in effect, that of the workspace first")
            .needs(Permission::ViewAuditLog)
            .lists::<InEffect>(),
        list,
    )
    .add(
        TAG,
        post("/retention", "setRetention", "Say from now on how long runs are kept")
            .about(
                "Pruning takes payloads and step detail; the run with its counts, report, incidents and \
                 entries stays. Refused with `retention-unchanged` where it is set to that already.",
            )
            .needs(Permission::ManageRetention)
            .takes::<New>()
            .gives::<Version>("201"),
        set,
    )
    .add(
        TAG,
        get("/retention/preview", "previewRetention", "What the sweep would do now, and a forecast")
            .needs(Permission::ManageRetention)
            .gives::<Preview>("200"),
        preview,
    )
    .add(
        TAG,
        get("/storage", "getStorage", "What the database weighs, and when it was swept")
            .needs(Permission::ManageRetention)
            .gives::<Storage>("200"),
        storage,
    )
}

async fn list(asked: Asked) -> Result<Json<Listed<InEffect>>, Problem> {
    let Retention { policies, .. } = asked.services().retention(asked.caller()).await?;
    let known = asked.services().automations(asked.caller()).await?.into_iter();
    let keys = known.map(|known| (known.automation.id, known.automation.key)).collect();
    Ok(Json(Listed::whole(InEffect::all(policies, &keys))))
}

async fn set(
    asked: Asked,
    Body(new): Body<New>,
) -> Result<(http::StatusCode, Json<Version>), Problem> {
    let new = NewRetention { definition: new.definition, policy: new.policy.map(Policy::from) };
    let set = asked.services().set_retention(asked.caller(), new).await?;
    Ok((http::StatusCode::CREATED, Json(set.into())))
}

async fn preview(asked: Asked) -> Result<Json<Preview>, Problem> {
    Ok(Json(asked.services().retention_preview(asked.caller()).await?.into()))
}

async fn storage(asked: Asked) -> Result<Json<Storage>, Problem> {
    Ok(Json(asked.services().storage(asked.caller()).await?.into()))
}
