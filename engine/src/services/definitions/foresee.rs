//! What an automation would do now, without doing it: the subjects its condition selects, the parameters
//! its action would get, and what policies have against it.

use std::sync::Arc;

use domain::{
    Timestamp,
    automation::{Automation, Definition, Subjects},
    effect::ActionerClass,
    id::TriggerEventId,
    permission::Permission,
    policy::{Effect, Moment},
    problem::Failure,
    record::{Record, RecordRef},
    trigger::TriggerEvent,
};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::super::{Caller, ServiceError, Services, kills::require_released};
use crate::{
    actioner::Registry,
    compiled::Compiled,
    condition::Scope,
    policies::{Asked, InForce, Ruling, Stop},
    store::{InEffect, Session},
};

/// Records looked at in one go.
const CHUNK: i64 = 500;

/// How many subjects are told one by one.
const TOLD: usize = 200;

/// The event that is supposed to have happened.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Supposed {
    pub subject: Option<RecordRef>,
    pub payload: Map<String, Value>,
}

/// What would come of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Foreseen {
    pub actioner: String,
    /// A person would be asked before the actioner is called.
    pub asks_first: bool,
    /// Why nothing would be started at this moment, if nothing would.
    pub blocked: Option<String>,
    /// Records that were looked at.
    pub looked_at: usize,
    /// Those the condition selects.
    pub matched: usize,
    /// Those of them that a policy denies.
    pub denied: usize,
    /// Those that a policy wants approved first.
    pub held: usize,
    /// The first of them.
    pub would: Vec<Would>,
}

/// One action on one subject.
#[derive(Debug, Clone, PartialEq)]
pub struct Would {
    pub subject: RecordRef,
    /// The parameters, or why there would be none.
    pub parameters: Result<Value, Failure>,
    /// The policy that would stop it.
    pub stopped: Option<StoppedBy>,
}

/// A policy that stops an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoppedBy {
    /// Its key.
    pub policy: String,
    pub version: i64,
    /// What follows; what cannot be evaluated is denied, whatever the policy says.
    pub effect: Effect,
    /// As the member is told.
    pub reason: String,
}

/// What subjects are looked at with.
struct Looking {
    compiled: Compiled,
    version: i64,
    class: ActionerClass,
    registry: Registry,
    policies: InForce,
    event: Value,
    now: Timestamp,
}

impl Services {
    /// Foresees a run of an automation, whether or not it may start at this moment.
    ///
    /// # Errors
    /// `Invalid` where it acts on the subject of its event and none is supposed, or the condition does
    /// not evaluate; `NotFound` where there is no such record.
    pub async fn foresee(
        &self,
        caller: Caller,
        known: InEffect,
        supposed: Supposed,
    ) -> Result<Foreseen, ServiceError> {
        self.require(caller, Permission::ApplyDefinitions).await?;
        let mut session = self.store.read().await?;
        let now = self.clock.now();
        let InEffect { automation, definition, .. } = known;
        let mut foreseen = Foreseen {
            actioner: definition.action.actioner.clone(),
            asks_first: definition.approval_needed_before_action().is_some(),
            blocked: blocked(&mut session, &automation).await?,
            looked_at: 0,
            matched: 0,
            denied: 0,
            held: 0,
            would: Vec::new(),
        };
        let class = self.registry.class(&definition.action);
        let supposed = event(caller, &definition, supposed, now);
        let looking = Arc::new(Looking {
            class: class.map_err(|failure| ServiceError::invalid("action", failure.message))?,
            version: automation.version,
            registry: self.registry.clone(),
            policies: self.policies.in_force(&mut session, caller.workspace).await?,
            event: supposed.as_event(),
            now,
            compiled: Compiled::new(automation.id, automation.version, definition),
        });
        let mut after = None;
        loop {
            let kinds = &looking.compiled.definition.subjects;
            let (subjects, whole) = match kinds {
                Subjects::Event { kind } => {
                    (vec![subject(&mut session, &supposed, kind).await?], true)
                }
                Subjects::Register { kind } => {
                    let found = session.records_after(caller.workspace, kind, after, CHUNK).await?;
                    let last = (found.len() as i64) < CHUNK;
                    (found, last)
                }
            };
            after = subjects.last().map(|record| record.id);
            let looking = Arc::clone(&looking);
            // Away from the threads that serve requests.
            foreseen = tokio::task::spawn_blocking(move || looking.add(foreseen, &subjects))
                .await
                .map_err(|error| ServiceError::conflict("foreseeing", error.to_string()))?
                .map_err(|failure| ServiceError::invalid("condition", failure.message))?;
            if whole {
                return Ok(foreseen);
            }
        }
    }
}

/// Why an automation starts nothing at this moment.
async fn blocked(
    session: &mut Session,
    automation: &Automation,
) -> Result<Option<String>, ServiceError> {
    if !automation.enabled {
        return Ok(Some("the automation is switched off".to_owned()));
    }
    match require_released(session, automation.workspace, automation.id).await {
        Err(ServiceError::Conflict { message, .. }) => Ok(Some(message)),
        released => released.map(|()| None),
    }
}

/// The event as the definition would hear it.
fn event(
    caller: Caller,
    definition: &Definition,
    supposed: Supposed,
    now: Timestamp,
) -> TriggerEvent {
    let trigger = &definition.trigger;
    TriggerEvent {
        id: TriggerEventId::new(Uuid::nil()),
        workspace: caller.workspace,
        kind: trigger.kind,
        source: trigger.source.clone().unwrap_or_else(|| "supposed".to_owned()),
        external_id: "supposed".to_owned(),
        event_type: trigger.event_type.clone().unwrap_or_else(|| "supposed".to_owned()),
        subject: supposed.subject,
        occurred_at: now,
        received_at: now,
        trace: None,
        payload: Value::Object(supposed.payload),
    }
}

async fn subject(
    session: &mut Session,
    event: &TriggerEvent,
    kind: &str,
) -> Result<Record, ServiceError> {
    let wanted = event.subject.as_ref().filter(|subject| subject.kind == kind);
    let missing = || {
        let message = format!("it acts on the record of its event: name one of the kind {kind}");
        ServiceError::invalid("subject", message)
    };
    let found = session.record_by_ref(event.workspace, wanted.ok_or_else(missing)?).await?;
    found.ok_or(ServiceError::NotFound("record"))
}

impl Looking {
    /// Adds what would be done about these records.
    fn add(&self, mut foreseen: Foreseen, subjects: &[Record]) -> Result<Foreseen, Failure> {
        foreseen.looked_at += subjects.len();
        for record in subjects {
            let subject = record.as_subject();
            let scope = Scope { subject: &subject, event: &self.event, now: self.now };
            if !self.compiled.holds(&scope)? {
                continue;
            }
            foreseen.matched += 1;
            if foreseen.would.len() == TOLD && self.policies.is_empty() {
                continue;
            }
            let would = self.would(record, &scope);
            match would.stopped.as_ref().map(|stopped| stopped.effect) {
                Some(Effect::Deny) => foreseen.denied += 1,
                Some(Effect::RequireApproval) => foreseen.held += 1,
                None => {}
            }
            if foreseen.would.len() < TOLD {
                foreseen.would.push(would);
            }
        }
        Ok(foreseen)
    }

    fn would(&self, record: &Record, scope: &Scope<'_>) -> Would {
        let actioner = &self.compiled.definition.action.actioner;
        let parameters = self.compiled.resolve(scope).and_then(|parameters| {
            self.registry.check_resolved(actioner, &parameters).map(|()| parameters)
        });
        let stopped = parameters.as_ref().ok().and_then(|known| self.stopped(record, known));
        Would { subject: record.reference(), parameters, stopped }
    }

    fn stopped(&self, record: &Record, parameters: &Value) -> Option<StoppedBy> {
        let asked = Asked {
            definition: &self.compiled.definition,
            version: self.version,
            class: self.class,
            parameters,
            subject: record,
            event: &self.event,
            now: self.now,
        };
        let Ruling::Stopped(stop, policy) = self.policies.rule(&asked, Moment::Match, |_| false)
        else {
            return None;
        };
        let (effect, reason) = match stop {
            Stop::Denied(failure) => (Effect::Deny, failure.message),
            Stop::Held(_) => (Effect::RequireApproval, policy.terms.statement.clone()),
        };
        let (key, version) = (policy.terms.key.clone(), policy.pin.version);
        Some(StoppedBy { policy: key, version, effect, reason })
    }
}
