//! How automations go over a period, beside the one before, and what is unusual about them.

use std::{cmp::Reverse, collections::HashMap};

use chrono::NaiveDate;
use domain::{
    Timestamp,
    automation::Automation,
    filter::{Order, RunFilter},
    health::{Anomaly, HealthQuery, Judgement, Standing, Step, Stretch, Subject, Windows},
    id::{AutomationId, WorkspaceId},
    incident::Cause,
    page::Seek,
    period::Period,
    permission::Permission,
    reported::RunKind,
    run::{Run, RunStatus},
};

use super::{Caller, FieldError, ServiceError, Services};
use crate::store::{ModelUsage, Session};

/// Reported runs under way that are looked at for late ones.
const GOING: i64 = 200;

/// How automations go.
#[derive(Debug, Clone, PartialEq)]
pub struct Health {
    pub step: Step,
    /// The last day that was judged.
    pub judged: NaiveDate,
    pub now: Side,
    /// The period before, where it is compared.
    pub before: Option<Side>,
    /// Those that need attention first, then by name.
    pub automations: Vec<AutomationHealth>,
}

/// A period, all automations together.
#[derive(Debug, Clone, PartialEq)]
pub struct Side {
    pub period: Period,
    /// Step by step, oldest first.
    pub slots: Vec<Stretch>,
    /// What models were used for, by phase.
    pub usage: Vec<ModelUsage>,
    /// What incidents were put down to, the most frequent first.
    pub causes: Vec<(Cause, i64)>,
}

/// How one automation goes.
#[derive(Debug, Clone, PartialEq)]
pub struct AutomationHealth {
    pub automation: Automation,
    pub judgement: Judgement,
    pub slots: Vec<Stretch>,
    /// The period before; empty where it is not compared.
    pub before: Vec<Stretch>,
}

impl AutomationHealth {
    fn rank(&self) -> (bool, &str) {
        (self.judgement.standing != Standing::Attention, &self.automation.name)
    }
}

impl Health {
    pub fn standing(&self) -> Standing {
        let mut standings = self.automations.iter().map(|of| of.judgement.standing);
        match () {
            () if standings.clone().any(|is| is == Standing::Attention) => Standing::Attention,
            () if standings.any(|is| is == Standing::Ok) => Standing::Ok,
            () => Standing::Unknown,
        }
    }

    /// Everything that is unusual, with the automation it is about: the gravest kind first.
    pub fn anomalies(&self) -> Vec<(&Automation, &Anomaly)> {
        let each = self.automations.iter().flat_map(|health| {
            health.judgement.anomalies.iter().map(|anomaly| (&health.automation, anomaly))
        });
        let mut all: Vec<_> = each.collect();
        all.sort_by_key(|(_, anomaly)| anomaly.kind);
        all
    }
}

impl Side {
    /// The whole period as one.
    pub fn total(&self) -> Stretch {
        Stretch::sum(self.period, &self.slots)
    }
}

/// Which stretches are asked for, in one list: the slots, those before, the windows.
struct Plan {
    period: Period,
    step: Step,
    slots: Vec<Period>,
    before: Option<Period>,
    slots_before: Vec<Period>,
    windows: Windows,
    judged: NaiveDate,
    now: Timestamp,
}

impl Plan {
    fn new(asked: &HealthQuery, now: Timestamp) -> Result<Self, ServiceError> {
        let today = now.date_naive();
        let period = asked.period(today).map_err(|wrong| {
            ServiceError::Invalid(vec![FieldError::new(&wrong.name, wrong.message)])
        })?;
        let step = Step::of(period);
        let before = asked.compare.map(|_| period.before());
        let judged = period.last_day().min(today);
        Ok(Self {
            period,
            step,
            slots: step.slots(period),
            before,
            slots_before: before.map_or_else(Vec::new, |before| step.slots(before)),
            windows: Windows::up_to(judged, today),
            judged,
            now,
        })
    }

    fn all(&self) -> Vec<Period> {
        [&self.slots[..], &self.slots_before, &self.windows.all()].concat()
    }

    /// How an automation goes, by what was found for [`Plan::all`]. Without `judges` nothing is concluded.
    fn of(
        &self,
        automation: Automation,
        found: Option<Vec<Stretch>>,
        going: &[Run],
        judges: bool,
    ) -> AutomationHealth {
        let empty = || self.all().into_iter().map(Stretch::new).collect();
        let mut slots: Vec<Stretch> = found.unwrap_or_else(empty);
        let mut before = slots.split_off(self.slots.len());
        let windows = self.windows.filled(before.split_off(self.slots_before.len()));
        let subject = Subject {
            key: &automation.key,
            enabled: automation.enabled,
            windows: &windows,
            going,
            now: self.now,
        };
        let judgement = if judges { subject.judge() } else { Judgement::unknown() };
        AutomationHealth { judgement, slots, before, automation }
    }
}

impl Services {
    /// How automations go, from sums alone. Nothing is judged where not all of the days that count are seen.
    pub async fn health(
        &self,
        caller: Caller,
        asked: &HealthQuery,
    ) -> Result<Health, ServiceError> {
        let workspace = caller.workspace;
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        let plan = Plan::new(asked, self.clock.now())?;
        let known = session.automation_heads(workspace).await?;
        let only = only(asked, &known)?;
        let mut found = session.stretches(workspace, only, &plan.all()).await?;
        let judges = plan.windows.whole().is_some_and(|whole| session.sees_period(whole));
        let going = match judges && plan.windows.goes_on {
            true => going(&mut session, workspace, only).await?,
            false => HashMap::new(),
        };
        let known = known.into_iter().filter(|known| only.is_none_or(|only| only == known.id));
        let of = |automation: Automation| {
            let going = going.get(&automation.id).map_or(&[][..], Vec::as_slice);
            let found = found.remove(&automation.id);
            plan.of(automation, found, going, judges)
        };
        let mut automations: Vec<_> = known.map(of).collect();
        automations.sort_by(|a, b| a.rank().cmp(&b.rank()));
        let sums = |slots: &[Period], of: fn(&AutomationHealth) -> &[Stretch]| -> Vec<Stretch> {
            let sum = |(n, days): (usize, &Period)| {
                Stretch::sum(*days, automations.iter().filter_map(|health| of(health).get(n)))
            };
            slots.iter().enumerate().map(sum).collect()
        };
        let now = sums(&plan.slots, |health| &health.slots);
        let then = sums(&plan.slots_before, |health| &health.before);
        let now = side(&mut session, workspace, only, plan.period, now).await?;
        let before = match plan.before {
            Some(before) => Some(side(&mut session, workspace, only, before, then).await?),
            None => None,
        };
        Ok(Health { step: plan.step, judged: plan.judged, now, before, automations })
    }
}

/// The automation that is asked about. An unknown key is an error: it would look like a silent one.
fn only(asked: &HealthQuery, known: &[Automation]) -> Result<Option<AutomationId>, ServiceError> {
    let Some(key) = &asked.automation else { return Ok(None) };
    let found = known.iter().find(|automation| automation.key == *key);
    found.map(|automation| Some(automation.id)).ok_or_else(|| {
        let message = format!("there is no definition with the key '{key}'");
        ServiceError::Invalid(vec![FieldError::new("automation", message)])
    })
}

/// Reported runs that have not ended, by automation.
async fn going(
    session: &mut Session,
    workspace: WorkspaceId,
    only: Option<AutomationId>,
) -> Result<HashMap<AutomationId, Vec<Run>>, ServiceError> {
    let filter = RunFilter {
        statuses: vec![RunStatus::Running],
        kind: Some(RunKind::Reported),
        order: Order::Oldest,
        ..RunFilter::default()
    };
    let only: Vec<_> = only.into_iter().collect();
    let found = session.run_page(workspace, &filter, &only, Seek::First, GOING).await?;
    let mut going: HashMap<_, Vec<Run>> = HashMap::new();
    for run in found.rows {
        going.entry(run.automation).or_default().push(run);
    }
    Ok(going)
}

/// A period with what is known of it as a whole.
async fn side(
    session: &mut Session,
    workspace: WorkspaceId,
    only: Option<AutomationId>,
    period: Period,
    slots: Vec<Stretch>,
) -> Result<Side, ServiceError> {
    let usage = session.model_usage(workspace, only, &[period]).await?;
    let mut causes = session.causes(workspace, only, period).await?;
    causes.sort_by_key(|(cause, incidents)| (Reverse(*incidents), cause.as_str()));
    Ok(Side { period, slots, usage, causes })
}
