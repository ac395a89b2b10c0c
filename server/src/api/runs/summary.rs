//! How the runs of a filter go, and the same by definition.

use std::collections::BTreeMap;

use axum::Json;
use domain::{permission::Permission, spread::Spread};
use engine::services::LastFailure;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Counts, Failure, Run, TAG, filter, filter_params};
use crate::api::{
    asked::{Asked, Listed},
    describe::{Api, get},
    problem::{Problem, of_query},
    schema,
};

/// How the runs of a filter go
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RunSummary)]
pub struct Summary {
    runs: i64,
    counts: Counts,
    /// How many runs there are with each status
    statuses: BTreeMap<String, i64>,
    /// The run that failed most recently, and why
    last_failure: Option<LastFailed>,
    /// How long runs take: the latest 200 that ended
    durations: Option<Durations>,
}

/// The run that failed most recently, and why
#[derive(Debug, Serialize, ToSchema)]
pub struct LastFailed {
    run: Run,
    /// Most frequent first
    causes: Vec<Cause>,
}

/// Why items of a run failed, or the run as a whole
#[derive(Debug, Serialize, ToSchema)]
pub struct Cause {
    failure: Failure,
    /// How many of the first 200 failed items have it; 0 for the run as a whole
    items: i64,
}

impl From<LastFailure> for LastFailed {
    fn from(last: LastFailure) -> Self {
        let cause = |(failure, items): (domain::problem::Failure, i64)| Cause {
            failure: failure.into(),
            items,
        };
        Self {
            causes: last.causes.into_iter().map(cause).collect(),
            run: Run::new(last.run, last.automation.as_ref()),
        }
    }
}

/// Lengths of time, in seconds
#[derive(Debug, Serialize, ToSchema)]
pub struct Durations {
    /// How many runs were looked at
    runs: i64,
    shortest_seconds: f64,
    median_seconds: f64,
    /// All but one in twenty took no longer
    p95_seconds: f64,
    longest_seconds: f64,
}

impl From<Spread> for Durations {
    fn from(spread: Spread) -> Self {
        Self {
            runs: spread.count,
            shortest_seconds: schema::seconds(spread.shortest),
            median_seconds: schema::seconds(spread.median),
            p95_seconds: schema::seconds(spread.p95),
            longest_seconds: schema::seconds(spread.longest),
        }
    }
}

/// The runs of one definition, added up
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RunGroup)]
pub struct Group {
    automation: schema::AutomationId,
    automation_key: String,
    automation_name: String,
    runs: i64,
    counts: Counts,
    statuses: BTreeMap<String, i64>,
}

pub fn routes(api: Api) -> Api {
    api.add(
        TAG,
        get("/runs/summary", "summarizeRuns", "How it goes")
            .about(
                "Which run failed most recently and why, how long runs take, and how many there are, \
                 in one answer.",
            )
            .needs(Permission::ViewRuns)
            .query(filter_params())
            .gives::<Summary>("200"),
        summary,
    )
    .add(
        TAG,
        get("/runs/groups", "groupRuns", "The same runs, counted by definition")
            .needs(Permission::ViewRuns)
            .query(filter_params())
            .lists::<Group>(),
        groups,
    )
}

fn words<K: ToString>(statuses: BTreeMap<K, i64>) -> BTreeMap<String, i64> {
    statuses.into_iter().map(|(status, runs)| (status.to_string(), runs)).collect()
}

async fn summary(asked: Asked) -> Result<Json<Summary>, Problem> {
    let filter = filter(&asked)?;
    let found = asked.services().run_summary(asked.caller(), &filter).await.map_err(of_query)?;
    Ok(Json(Summary {
        runs: found.total.runs,
        counts: found.total.counts.into(),
        statuses: words(found.total.statuses),
        last_failure: schema::maybe(found.last_failure),
        durations: schema::maybe(found.durations),
    }))
}

async fn groups(asked: Asked) -> Result<Json<Listed<Group>>, Problem> {
    let filter = filter(&asked)?;
    let found = asked.services().run_groups(asked.caller(), &filter).await.map_err(of_query)?;
    let groups = found.into_iter().map(|(automation, group)| Group {
        automation: automation.id.into(),
        automation_key: automation.key,
        automation_name: automation.name,
        runs: group.total.runs,
        counts: group.total.counts.into(),
        statuses: words(group.total.statuses),
    });
    Ok(Json(Listed::whole(groups)))
}
