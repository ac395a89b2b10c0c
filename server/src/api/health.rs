//! How automations go: what is unusual, and the figures behind it.

use std::collections::BTreeMap;

use axum::Json;
use domain::{
    automation::Automation,
    health::{self, Compare, HealthQuery, Stretch},
    incident::Cause as IncidentCause,
    money::Usd,
    permission::Permission,
};
use engine::{
    services::{AutomationHealth, Health as Found, Side},
    store::ModelUsage,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    asked::Asked,
    describe::{Api, Param, get},
    problem::{Problem, of_query},
    schema,
};

/// How automations go
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// `attention` where something is unusual, `unknown` where too little is known to say
    status: schema::HealthStatus,
    /// The last day that was judged: today, unless the period ends before
    judged: schema::Day,
    /// What is unusual, the gravest first
    anomalies: Vec<Anomaly>,
    automations: Vec<OfAutomation>,
    /// What a place in `slots` stands for
    step: schema::HealthStep,
    period: Period,
    /// The period of the same length before, if that was asked for
    previous: Option<Period>,
}

/// Something that lies outside of what is usual for an automation
#[derive(Debug, Serialize, ToSchema)]
pub struct Anomaly {
    #[serde(rename = "type")]
    kind: schema::AnomalyType,
    automation: schema::AutomationId,
    automation_key: String,
    /// In `unit`
    observed: i64,
    unit: schema::HealthUnit,
    /// Where it usually lies; `null` for a run that fell silent
    usual: Option<Band>,
    /// The first day that `observed` is of
    since: schema::Day,
    /// The last day that it is of
    until: schema::Day,
    title: String,
    /// The figure beside its band, in one sentence
    says: String,
    /// The runs behind it, as an address of this API
    runs: String,
}

/// Where a figure usually lies, both ends included
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UsualBand)]
pub struct Band {
    low: i64,
    high: i64,
    median: i64,
    /// How many days or weeks it is made of
    samples: usize,
}

/// How one automation goes
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AutomationHealth)]
pub struct OfAutomation {
    automation: schema::AutomationId,
    automation_key: String,
    automation_name: String,
    status: schema::HealthStatus,
    total: Figures,
}

/// A period, all automations that were asked for together
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HealthPeriod)]
pub struct Period {
    total: Figures,
    /// Oldest first
    slots: Vec<Figures>,
    /// What reported runs used of language models
    usage: Vec<Usage>,
    /// What incidents were put down to, the most frequent first
    causes: Vec<Cause>,
}

/// The runs that started in some days
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HealthFigures)]
pub struct Figures {
    from: schema::Day,
    /// Included
    to: schema::Day,
    runs: i64,
    ended: i64,
    /// Runs in which something failed
    failed: i64,
    /// How many runs there are with each status
    statuses: BTreeMap<String, i64>,
    /// Read from a histogram: within an eighth
    p50_seconds: Option<f64>,
    p95_seconds: Option<f64>,
    p99_seconds: Option<f64>,
    /// Of the runs that ended of which it is known; an exact decimal
    cost_usd: Option<String>,
    /// How many those are
    runs_with_cost: i64,
}

/// What a model was used for in a phase; `null` where that was not said
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HealthUsage)]
pub struct Usage {
    phase: Option<String>,
    provider: Option<String>,
    model: Option<String>,
    calls: i64,
    input_tokens: i64,
    output_tokens: i64,
    /// Of the calls whose price is known
    cost_usd: String,
    /// Calls whose price is not known
    unpriced_calls: i64,
}

/// How many incidents are put down to a cause
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HealthCause)]
pub struct Cause {
    cause: schema::IncidentCause,
    incidents: i64,
}

impl From<&Stretch> for Figures {
    fn from(stretch: &Stretch) -> Self {
        let percentile = |percent| stretch.lengths.percentile(percent).map(schema::seconds);
        let outcomes = stretch.outcomes.iter().filter(|(_, runs)| **runs != 0);
        Self {
            from: stretch.days.from.into(),
            to: stretch.days.last_day().into(),
            runs: stretch.runs(),
            ended: stretch.ended(),
            failed: stretch.failed(),
            statuses: outcomes.map(|(status, runs)| (status.to_string(), *runs)).collect(),
            p50_seconds: percentile(50),
            p95_seconds: percentile(95),
            p99_seconds: percentile(99),
            cost_usd: stretch.known_cost().map(|cost| cost.to_string()),
            runs_with_cost: stretch.costed,
        }
    }
}

impl From<&Side> for Period {
    fn from(side: &Side) -> Self {
        let cause =
            |&(cause, incidents): &(IncidentCause, i64)| Cause { cause: cause.into(), incidents };
        Self {
            total: Figures::from(&side.total()),
            slots: side.slots.iter().map(Figures::from).collect(),
            usage: side.usage.iter().map(Usage::from).collect(),
            causes: side.causes.iter().map(cause).collect(),
        }
    }
}

impl From<&ModelUsage> for Usage {
    fn from(line: &ModelUsage) -> Self {
        let said = |word: &String| Some(word.clone()).filter(|word| !word.is_empty());
        Self {
            phase: said(&line.phase),
            provider: said(&line.provider),
            model: said(&line.model),
            calls: line.usage.calls,
            input_tokens: line.usage.input_tokens,
            output_tokens: line.usage.output_tokens,
            cost_usd: Usd::of_nanos(line.usage.cost).unwrap_or_default().to_string(),
            unpriced_calls: line.usage.unpriced,
        }
    }
}

impl From<health::Band> for Band {
    fn from(band: health::Band) -> Self {
        let health::Band { low, high, median, samples } = band;
        Self { low, high, median, samples }
    }
}

impl Anomaly {
    fn new(asked: &Asked, automation: &Automation, anomaly: &health::Anomaly) -> Self {
        Self {
            kind: anomaly.kind.into(),
            automation: automation.id.into(),
            automation_key: automation.key.clone(),
            observed: anomaly.observed,
            unit: anomaly.kind.unit().into(),
            usual: anomaly.usual.map(Band::from),
            since: anomaly.days.from.into(),
            until: anomaly.days.last_day().into(),
            title: anomaly.title().to_owned(),
            says: anomaly.says(),
            runs: format!("{}/runs?{}", asked.address(), anomaly.runs.query()),
        }
    }
}

impl OfAutomation {
    fn new(found: &Found, of: &AutomationHealth) -> Self {
        Self {
            automation: of.automation.id.into(),
            automation_key: of.automation.key.clone(),
            automation_name: of.automation.name.clone(),
            status: of.judgement.standing.into(),
            total: Figures::from(&Stretch::sum(found.now.period, &of.slots)),
        }
    }
}

impl Health {
    fn new(asked: &Asked, found: &Found) -> Self {
        let anomalies = found.anomalies();
        let anomaly = |(automation, anomaly)| Anomaly::new(asked, automation, anomaly);
        Self {
            status: found.standing().into(),
            judged: found.judged.into(),
            anomalies: anomalies.into_iter().map(anomaly).collect(),
            automations: found.automations.iter().map(|of| OfAutomation::new(found, of)).collect(),
            step: found.step.into(),
            period: Period::from(&found.now),
            previous: found.before.as_ref().map(Period::from),
        }
    }
}

pub fn routes(api: Api) -> Api {
    api.add(
        "Health",
        get("/health", "getHealth", "How automations go, and what is unusual")
            .about(
                "`status` and `anomalies` are to be acted on: each anomaly has its type, its figure in a \
                 unit, the band in which the figure usually lies, the days it is of, and the runs behind \
                 it. Nothing is concluded from too little data. All figures come from sums that are kept \
                 with every change, never from a scan of runs.",
            )
            .needs(Permission::ViewRuns)
            .query([
                Param::new("automation", "The key of an automation; all unless stated"),
                Param::new("since", "The last days or weeks, such as `30d` or `4w`; `30d` unless stated"),
                Param::new("from", "The first day, in UTC, in place of `since`").of::<schema::Day>(),
                Param::new("to", "The last day, in UTC, included; today unless stated")
                    .of::<schema::Day>(),
                Param::new("compare", "`previous`: the period before as well")
                    .of::<schema::Words<Compare>>(),
            ])
            .gives::<Health>("200"),
        one,
    )
}

async fn one(asked: Asked) -> Result<Json<Health>, Problem> {
    let question = HealthQuery::parse(asked.pairs())?;
    let found = asked.services().health(asked.caller(), &question).await.map_err(of_query)?;
    Ok(Json(Health::new(&asked, &found)))
}
