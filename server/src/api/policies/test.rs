//! What a policy would have done to what ran before.

use axum::Json;
use domain::{period::Period, permission::Permission};
use engine::services::{self, PolicyUnderTest};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    super::{
        asked::Asked,
        body::Body,
        describe::{Api, post},
        problem::Problem,
        schema,
    },
    TAG, Terms,
};

/// Which policy is tested on which days
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PolicyTest)]
pub struct Wanted {
    /// The key of a policy; or else `terms`
    #[serde(default)]
    policy: Option<String>,
    /// The version of that policy; the latest unless stated
    #[serde(default)]
    version: Option<i64>,
    /// Terms that need not be stored
    #[serde(default)]
    terms: Option<Terms>,
    /// The first day
    from: schema::Day,
    /// The last day
    to: schema::Day,
}

/// What a policy would have done
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyTestResult)]
pub struct Found {
    effect: schema::PolicyEffect,
    /// Items it is about that were found in these days
    looked_at: i64,
    /// Those it would have denied, or held until they were approved
    caught: i64,
    /// Those it could not have judged, and would have denied therefore
    not_evaluated: i64,
    /// Those whose parameters could not be worked out
    without_parameters: i64,
    /// Those whose subject has changed since: it was judged as it is now
    as_now: i64,
    /// False where there was more than one test looks at; the oldest were looked at
    complete: bool,
    automations: Vec<OfAutomation>,
    /// The first it would have caught
    examples: Vec<Example>,
}

/// What it would have done to one automation
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyTestOfAutomation)]
pub struct OfAutomation {
    automation: schema::AutomationId,
    definition: String,
    looked_at: i64,
    caught: i64,
    not_evaluated: i64,
}

/// An action it would have caught
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyTestExample)]
pub struct Example {
    run: schema::RunId,
    item: schema::ItemId,
    automation: schema::AutomationId,
    /// Kind and key: `account/ACC-1`
    subject: String,
    /// When it was judged as of
    at: schema::Time,
    /// Why it could not be judged
    not_evaluated: Option<String>,
}

impl From<services::BackTest> for Found {
    fn from(found: services::BackTest) -> Self {
        let of_automation = |one: services::BackTested| OfAutomation {
            automation: one.automation.id.into(),
            definition: one.automation.key,
            looked_at: one.looked_at,
            caught: one.caught,
            not_evaluated: one.not_evaluated,
        };
        let example = |one: services::Caught| Example {
            run: one.run.into(),
            item: one.item.into(),
            automation: one.automation.into(),
            subject: one.subject.to_string(),
            at: one.at.into(),
            not_evaluated: one.not_evaluated,
        };
        Self {
            effect: found.effect.into(),
            looked_at: found.looked_at,
            caught: found.caught,
            not_evaluated: found.not_evaluated,
            without_parameters: found.without_parameters,
            as_now: found.as_now,
            complete: found.complete,
            automations: found.automations.into_iter().map(of_automation).collect(),
            examples: found.examples.into_iter().map(example).collect(),
        }
    }
}

pub(super) fn routes(api: Api) -> Api {
    api.add(
        TAG,
        post("/policy-tests", "testPolicy", "What a policy would have done to past runs")
            .about(
                "Changes nothing. Items are judged with the parameters they had; a subject that has changed \
                 since is judged as it is now, and counted as such.",
            )
            .needs(Permission::ManagePolicies)
            .takes::<Wanted>()
            .gives::<Found>("200"),
        test,
    )
}

async fn test(asked: Asked, Body(wanted): Body<Wanted>) -> Result<Json<Found>, Problem> {
    let Wanted { policy, version, terms, from, to } = wanted;
    let what = match (policy, terms) {
        (Some(key), None) => PolicyUnderTest::Stored { key, version },
        (None, Some(terms)) => PolicyUnderTest::Draft(terms.into()),
        _ => return Err(Problem::parameter("policy", "name either a policy or terms")),
    };
    let period = Period::of_days(from.0, to.0);
    let period = period.map_err(|error| Problem::parameter("to", error))?;
    let found = asked.services().test_policy(asked.caller(), what, period).await?;
    Ok(Json(found.into()))
}
