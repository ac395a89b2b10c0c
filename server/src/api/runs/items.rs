//! The items of a run, and every attempt at one.

use axum::Json;
use domain::{attempt, effect::ActionerClass, id::RunId, item, permission::Permission};
use engine::services::{Caller, ItemFilter, ServiceError, Services};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Failure, TAG};
use crate::api::{
    asked::{Asked, Listed, Paging},
    describe::{Api, Param, get},
    problem::Problem,
    records::Record,
    schema,
};

/// One action on one subject
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RunItem)]
pub struct Item {
    id: schema::ItemId,
    run: schema::RunId,
    /// Within the run, from 0
    position: i64,
    subject: schema::RecordId,
    subject_kind: String,
    subject_key: String,
    actioner: String,
    /// `local`, `keyed-remote` or `unkeyed-remote`
    class: String,
    state: schema::ItemState,
    /// How often it was tried
    attempt: i64,
    round: i64,
    /// The actioner was called at least once
    invoked: bool,
    /// Resolved when first needed, then the same for every attempt
    parameters: Option<schema::Document>,
    input_digest: Option<String>,
    effect_key: Option<String>,
    skip_reason: Option<schema::SkipReason>,
    failure: Option<Failure>,
    result: Option<schema::RecordId>,
    replay_evidence: Option<schema::ReplayEvidence>,
    replay_of: Option<schema::AttemptId>,
    created_at: schema::Time,
    started_at: Option<schema::Time>,
    ended_at: Option<schema::Time>,
}

impl From<item::Item> for Item {
    fn from(item: item::Item) -> Self {
        let class = match item.class {
            ActionerClass::Local => "local",
            ActionerClass::KeyedRemote { .. } => "keyed-remote",
            ActionerClass::UnkeyedRemote => "unkeyed-remote",
        };
        Self {
            id: item.id.into(),
            run: item.run.into(),
            position: item.position,
            subject: item.subject.into(),
            subject_kind: item.subject_kind,
            subject_key: item.subject_key,
            actioner: item.actioner,
            class: class.to_owned(),
            state: item.state.into(),
            attempt: item.attempt,
            round: item.round,
            invoked: item.invoked,
            parameters: schema::maybe(item.parameters),
            input_digest: item.input_digest,
            effect_key: item.effect_key,
            skip_reason: schema::maybe(item.skip_reason),
            failure: schema::maybe(item.failure),
            result: schema::maybe(item.result),
            replay_evidence: schema::maybe(item.replay_evidence),
            replay_of: schema::maybe(item.replay_of),
            created_at: item.created_at.into(),
            started_at: schema::maybe(item.started_at),
            ended_at: schema::maybe(item.ended_at),
        }
    }
}

/// One try at an item
#[derive(Debug, Serialize, ToSchema)]
pub struct Attempt {
    id: schema::AttemptId,
    item: schema::ItemId,
    number: i64,
    round: i64,
    worker: String,
    started_at: schema::Time,
    ended_at: schema::Time,
    end: schema::AttemptEnd,
    failure: Option<Failure>,
    result: Option<schema::RecordId>,
    replay_evidence: Option<schema::ReplayEvidence>,
}

impl From<attempt::Attempt> for Attempt {
    fn from(attempt: attempt::Attempt) -> Self {
        Self {
            id: attempt.id.into(),
            item: attempt.item.into(),
            number: attempt.number,
            round: attempt.round,
            worker: attempt.worker,
            started_at: attempt.started_at.into(),
            ended_at: attempt.ended_at.into(),
            end: attempt.end.into(),
            failure: schema::maybe(attempt.failure),
            result: schema::maybe(attempt.result),
            replay_evidence: schema::maybe(attempt.replay_evidence),
        }
    }
}

/// An item and what stands around it
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ItemDetail)]
pub struct Detail {
    item: Item,
    subject: Record,
    result: Option<Record>,
    attempts: Vec<Attempt>,
}

const ONE: &str = "/runs/{run}/items/{item}";

pub fn routes(api: Api) -> Api {
    api.add(
        TAG,
        get("/runs/{run}/items", "listItems", "The items of a run, by position")
            .needs(Permission::ViewRuns)
            .query([Param::new("outcome", "`open`, or the word of an outcome")])
            .pages_of::<Item>(),
        list,
    )
    .add(
        TAG,
        get(ONE, "getItem", "An item, its records and every attempt")
            .needs(Permission::ViewRuns)
            .gives::<Detail>("200")
            .tagged(),
        one,
    )
    .add(
        TAG,
        get("/runs/{run}/items/{item}/attempts", "listAttempts", "Every attempt, oldest first")
            .needs(Permission::ViewRuns)
            .lists::<Attempt>(),
        attempts,
    )
}

/// How the list of these items is called in cursors.
pub fn scope(filter: &ItemFilter) -> String {
    format!("items?{filter:?}")
}

/// A page of the items of a run.
pub async fn listed(
    services: &Services,
    caller: Caller,
    run: RunId,
    states: &[item::ItemState],
    paging: &Paging,
) -> Result<Listed<Item>, ServiceError> {
    // No cursor of this list leads backwards.
    let (after, _) = paging.numbers();
    let (items, next) = services.items(caller, run, states, after, paging.size).await?;
    let next = next.and_then(|position| paging.after_number(position));
    Ok(Listed { data: items.into_iter().map(Item::from).collect(), next, previous: None })
}

async fn list(asked: Asked) -> Result<Json<Listed<Item>>, Problem> {
    let run = asked.part("run")?;
    let filter = ItemFilter { run, outcome: asked.value("outcome").map(str::to_owned) };
    let wrong = || Problem::parameter("outcome", "expected open or an outcome");
    let states = filter.states().ok_or_else(wrong)?;
    let paging = asked.paging(scope(&filter))?;
    Ok(Json(listed(asked.services(), asked.caller(), run, &states, &paging).await?))
}

async fn one(asked: Asked) -> Result<Json<Detail>, Problem> {
    let (run, item) = (asked.part("run")?, asked.part("item")?);
    let found = asked.services().item(asked.caller(), run, item).await?;
    Ok(Json(Detail {
        item: found.item.into(),
        subject: found.subject.into(),
        result: schema::maybe(found.result),
        attempts: found.attempts.into_iter().map(Attempt::from).collect(),
    }))
}

async fn attempts(asked: Asked) -> Result<Json<Listed<Attempt>>, Problem> {
    let (run, item) = (asked.part("run")?, asked.part("item")?);
    let found = asked.services().item(asked.caller(), run, item).await?;
    Ok(Json(Listed::whole(found.attempts)))
}
