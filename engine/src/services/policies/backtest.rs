//! What a policy would have done to what ran before. Reads in chunks, holds no transaction, changes
//! nothing: whoever goes away only stops the reading.

use std::{
    collections::{BTreeMap, HashMap, hash_map::Entry},
    sync::Arc,
};

use domain::{
    Timestamp,
    automation::Automation,
    id::{AutomationId, ItemId, PolicyId, RecordId, RunId, TriggerEventId},
    item::Item,
    period::Period,
    permission::Permission,
    policy::{Effect, PolicyVersion, Said, Terms},
    record::{Record, RecordRef},
    run::Run,
};
use serde_json::Value;
use uuid::Uuid;

use super::{
    super::{Caller, ServiceError, Services},
    NOT_FOUND, check,
};
use crate::{
    compiled::Compiled,
    condition::Scope,
    policies::{Asked, CompiledPolicy},
    store::Session,
};

/// Items read in one go.
const CHUNK: i64 = 500;

/// Items looked at in one test.
const MOST: i64 = 100_000;

/// Actions that are told one by one.
const TOLD: usize = 20;

/// Which terms are tested.
#[derive(Debug, Clone, PartialEq)]
pub enum PolicyUnderTest {
    /// Terms that need not be stored.
    Draft(Terms),
    /// A version of a policy; the latest unless stated.
    Stored { key: String, version: Option<i64> },
}

/// What terms would have done in a period.
#[derive(Debug, Clone, PartialEq)]
pub struct BackTest {
    pub period: Period,
    pub effect: Effect,
    /// Items of runs that it is about.
    pub looked_at: i64,
    /// Those it would have denied, or held until they were approved.
    pub caught: i64,
    /// Those it could not have judged, and would have denied therefore.
    pub not_evaluated: i64,
    /// Those of which nobody knows what was to be done: their parameters could not be worked out.
    pub without_parameters: i64,
    /// Those whose subject has changed since, so that it was judged as it is now.
    pub as_now: i64,
    /// False where there was more than one test looks at; the oldest were looked at.
    pub complete: bool,
    /// By automation, the one with most caught first.
    pub automations: Vec<BackTested>,
    /// The first it would have caught.
    pub examples: Vec<Caught>,
}

/// What it would have done to an automation.
#[derive(Debug, Clone, PartialEq)]
pub struct BackTested {
    pub automation: Automation,
    pub looked_at: i64,
    pub caught: i64,
    pub not_evaluated: i64,
}

/// An action it would have caught.
#[derive(Debug, Clone, PartialEq)]
pub struct Caught {
    pub run: RunId,
    pub item: ItemId,
    pub automation: AutomationId,
    pub subject: RecordRef,
    /// When it was judged as of.
    pub at: Timestamp,
    /// Why it could not be judged.
    pub not_evaluated: Option<String>,
}

impl Services {
    /// Tests terms against the items of a period, without switching anything on.
    ///
    /// # Errors
    /// `Invalid` naming the fields of [`Terms`]; `NotFound`.
    pub async fn test_policy(
        &self,
        caller: Caller,
        what: PolicyUnderTest,
        period: Period,
    ) -> Result<BackTest, ServiceError> {
        let mut session = self.reading(caller, Permission::ManagePolicies).await?;
        let policy = under_test(&mut session, caller, what).await?;
        let known = session.automation_heads(caller.workspace).await?;
        drop(session);
        let mut test = Test::new(CompiledPolicy::new(policy), period, known);
        let mut after = None;
        loop {
            let mut session = self.reading(caller, Permission::ManagePolicies).await?;
            let items = session.items_of_period(caller.workspace, period, after, CHUNK).await?;
            let last = (items.len() as i64) < CHUNK;
            after = items.last().map(|item| item.id);
            let known = self.known(&mut session, caller, &items).await?;
            drop(session);
            test = take(test, items, known).await?;
            if last || test.read >= MOST {
                test.found.complete = last;
                return Ok(test.finish());
            }
        }
    }

    /// What a chunk of items is judged with.
    async fn known(
        &self,
        session: &mut Session,
        caller: Caller,
        items: &[Item],
    ) -> Result<Known, ServiceError> {
        let mut known = Known::default();
        let mut runs: Vec<RunId> = items.iter().map(|item| item.run).collect();
        runs.dedup();
        for run in session.runs_by_ids(caller.workspace, &runs).await? {
            let compiled = self.versions.get(session, run.automation, run.version).await?;
            if let Entry::Vacant(place) = known.events.entry(run.trigger_event) {
                let event = session.trigger_event(caller.workspace, run.trigger_event).await?;
                place.insert(event.ok_or(ServiceError::NotFound("trigger event"))?.as_event());
            }
            known.runs.insert(run.id, (run, compiled));
        }
        let subjects: Vec<RecordId> = items.iter().map(|item| item.subject).collect();
        let subjects = session.records_by_ids(caller.workspace, &subjects).await?;
        known.subjects = subjects.into_iter().map(|record| (record.id, record)).collect();
        Ok(known)
    }
}

async fn under_test(
    session: &mut Session,
    caller: Caller,
    what: PolicyUnderTest,
) -> Result<PolicyVersion, ServiceError> {
    let (key, version) = match what {
        PolicyUnderTest::Draft(terms) => {
            let (terms, policy) = (check::terms(terms)?, PolicyId::new(Uuid::nil()));
            let (created_at, digest) = (Timestamp::UNIX_EPOCH, terms.digest());
            let created_by = None;
            return Ok(PolicyVersion { policy, number: 0, terms, digest, created_at, created_by });
        }
        PolicyUnderTest::Stored { key, version } => (key, version),
    };
    let policy = session.policy_by_key(caller.workspace, &key).await?.ok_or(NOT_FOUND)?;
    let number = version.unwrap_or(policy.version);
    let found = session.policy_version(caller.workspace, policy.id, number).await?;
    found.ok_or(ServiceError::NotFound("version"))
}

/// Judges a chunk away from the threads that serve requests.
async fn take(mut test: Test, items: Vec<Item>, known: Known) -> Result<Test, ServiceError> {
    let judging = move || {
        test.read += items.len() as i64;
        items.iter().for_each(|item| test.take(item, &known));
        test
    };
    let judged = tokio::task::spawn_blocking(judging).await;
    judged.map_err(|error| ServiceError::conflict("policy-test", error.to_string()))
}

#[derive(Default)]
struct Known {
    runs: HashMap<RunId, (Run, Arc<Compiled>)>,
    events: HashMap<TriggerEventId, Value>,
    subjects: HashMap<RecordId, Record>,
}

/// A test that is under way.
struct Test {
    policy: CompiledPolicy,
    /// Items read, those it is not about among them.
    read: i64,
    names: Vec<Automation>,
    automations: BTreeMap<AutomationId, (i64, i64, i64)>,
    found: BackTest,
}

impl Test {
    fn new(policy: CompiledPolicy, period: Period, names: Vec<Automation>) -> Self {
        let found = BackTest {
            period,
            effect: policy.terms.effect,
            looked_at: 0,
            caught: 0,
            not_evaluated: 0,
            without_parameters: 0,
            as_now: 0,
            complete: true,
            automations: Vec::new(),
            examples: Vec::new(),
        };
        Self { policy, read: 0, names, automations: BTreeMap::new(), found }
    }

    fn take(&mut self, item: &Item, known: &Known) {
        let Some((run, compiled)) = known.runs.get(&item.run) else { return };
        let (event, subject) =
            (known.events.get(&run.trigger_event), known.subjects.get(&item.subject));
        let (Some(event), Some(subject)) = (event, subject) else { return };
        if !self.policy.terms.concerns(&compiled.definition.key) {
            return;
        }
        self.found.looked_at += 1;
        let at = item.started_at.unwrap_or(item.created_at);
        self.found.as_now += i64::from(subject.updated_at > at);
        let resolved = item.parameters.clone().or_else(|| {
            let seen = subject.as_subject();
            compiled.resolve(&Scope { subject: &seen, event, now: at }).ok()
        });
        let Some(parameters) = resolved else {
            self.found.without_parameters += 1;
            return;
        };
        let said = self.policy.ask(&Asked {
            definition: &compiled.definition,
            version: run.version,
            class: item.class,
            parameters: &parameters,
            subject,
            event,
            now: at,
        });
        self.count(item, run.automation, at, said);
    }

    fn count(&mut self, item: &Item, automation: AutomationId, at: Timestamp, said: Said) {
        let (looked_at, caught, not_evaluated) = self.automations.entry(automation).or_default();
        *looked_at += 1;
        let why = match said {
            Said::Nothing => return,
            Said::Holds => {
                *caught += 1;
                self.found.caught += 1;
                None
            }
            Said::NotEvaluated(why) => {
                *not_evaluated += 1;
                self.found.not_evaluated += 1;
                Some(why)
            }
        };
        if self.found.examples.len() < TOLD {
            self.found.examples.push(Caught {
                run: item.run,
                item: item.id,
                automation,
                subject: RecordRef {
                    kind: item.subject_kind.clone(),
                    key: item.subject_key.clone(),
                },
                at,
                not_evaluated: why,
            });
        }
    }

    fn finish(mut self) -> BackTest {
        for automation in self.names {
            let Some(&(looked_at, caught, not_evaluated)) = self.automations.get(&automation.id)
            else {
                continue;
            };
            let tested = BackTested { automation, looked_at, caught, not_evaluated };
            self.found.automations.push(tested);
        }
        self.found.automations.sort_by_key(|one| std::cmp::Reverse(one.caught + one.not_evaluated));
        self.found
    }
}
