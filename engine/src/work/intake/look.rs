//! Reading a chunk of subjects and asking the condition about each, and the policies.

use std::{collections::HashMap, sync::Arc};

use domain::{
    Timestamp,
    automation::Subjects,
    effect::ActionerClass,
    id::{MemberId, RecordId, RunId, WorkspaceId},
    policy::Moment,
    problem::Failure,
    record::Record,
    run::Run,
    trigger::TriggerEvent,
};
use serde_json::Value;

use super::CHUNK;
use crate::{
    compiled::Compiled,
    condition::Scope,
    policies::{Asked, CompiledPolicy, InForce, Ruling, Stop},
    services::{ServiceError, Services},
    store::{Session, StoreError},
};

/// What looking at a chunk gave.
#[derive(Debug)]
pub(super) struct Seen {
    /// Where the run stood; if it stands elsewhere when this is stored, it was for nothing.
    pub(super) from: Option<RecordId>,
    /// The last subject that was looked at.
    pub(super) until: Option<RecordId>,
    /// Why the run as a whole cannot proceed, if it cannot.
    pub(super) verdict: Result<Selected, Failure>,
}

/// The subjects that the condition selected.
#[derive(Debug)]
pub(super) struct Selected {
    pub(super) subjects: Vec<Record>,
    /// Those that a policy stops, with what was to be done about them.
    pub(super) stopped: HashMap<RecordId, (Value, Stop, Arc<CompiledPolicy>)>,
    /// The member who requested the run.
    pub(super) requester: Option<MemberId>,
    pub(super) actioner: String,
    pub(super) class: ActionerClass,
    /// True when there are no more subjects.
    pub(super) finished: bool,
}

/// A chunk of subjects before the condition was asked.
struct Chunk {
    subjects: Vec<Record>,
    finished: bool,
}

/// Looks at the next chunk of a run; `None` if it needs no more subjects.
pub(super) async fn look(
    services: &Services,
    workspace: WorkspaceId,
    id: RunId,
    now: Timestamp,
) -> Result<Option<Seen>, ServiceError> {
    let mut session = services.store.read().await?;
    let Some(run) = session.run(workspace, id).await?.filter(|run| !run.matched) else {
        return Ok(None);
    };
    let from = session.match_cursor(id).await?;
    let compiled = services.versions.get(&mut session, run.automation, run.version).await?;
    let event = session.trigger_event(workspace, run.trigger_event).await?;
    let event = event.ok_or(ServiceError::NotFound("trigger event"))?;
    let chunk = chunk(&mut session, &compiled.definition.subjects, &event, from).await?;
    let policies = services.policies.in_force(&mut session, workspace).await?;
    drop(session);
    let (until, verdict) = match (chunk, services.registry.class(&compiled.definition.action)) {
        (Err(failure), _) | (_, Err(failure)) => (None, Err(failure)),
        (Ok(chunk), Ok(class)) => {
            let until = chunk.subjects.last().map(|record| record.id);
            let (requester, event) = (event.requested_by(), event.as_event());
            let looking = Looking { run, class, compiled, policies, event, requester, now };
            (until, select(chunk, looking).await)
        }
    };
    Ok(Some(Seen { from, until, verdict }))
}

async fn chunk(
    session: &mut Session,
    subjects: &Subjects,
    event: &TriggerEvent,
    from: Option<RecordId>,
) -> Result<Result<Chunk, Failure>, StoreError> {
    match subjects {
        Subjects::Event { kind } => subject_of_event(session, kind, event).await,
        Subjects::Register { kind } => {
            let subjects = session.records_after(event.workspace, kind, from, CHUNK).await?;
            let finished = (subjects.len() as i64) < CHUNK;
            Ok(Ok(Chunk { subjects, finished }))
        }
    }
}

async fn subject_of_event(
    session: &mut Session,
    kind: &str,
    event: &TriggerEvent,
) -> Result<Result<Chunk, Failure>, StoreError> {
    let refuse = |code, message| Ok(Err(Failure::deterministic(code, message)));
    let Some(subject) = &event.subject else {
        return refuse(
            "subject-not-found",
            format!("The event names no subject; this automation acts on a record of kind {kind}."),
        );
    };
    if subject.kind != kind {
        return refuse(
            "subject-of-another-kind",
            format!(
                "The event is about {subject}; this automation acts on records of kind {kind}."
            ),
        );
    }
    match session.record_by_ref(event.workspace, subject).await? {
        Some(record) => Ok(Ok(Chunk { subjects: vec![record], finished: true })),
        None => refuse(
            "subject-not-found",
            format!("The event is about {subject}, and there is no such record."),
        ),
    }
}

/// What subjects are looked at with.
struct Looking {
    run: Run,
    class: ActionerClass,
    compiled: Arc<Compiled>,
    policies: InForce,
    event: Value,
    requester: Option<MemberId>,
    now: Timestamp,
}

/// Asks condition and policies about every subject, away from the threads that serve requests.
async fn select(chunk: Chunk, looking: Looking) -> Result<Selected, Failure> {
    let asking = tokio::task::spawn_blocking(move || looking.select(chunk));
    asking.await.unwrap_or_else(|error| {
        Err(Failure::unknown("condition-does-not-evaluate", error.to_string()))
    })
}

impl Looking {
    fn select(self, chunk: Chunk) -> Result<Selected, Failure> {
        let Chunk { subjects, finished } = chunk;
        let subjects = self.selected(subjects)?;
        let stop = |record: &Record| Some((record.id, self.stop(record)?));
        Ok(Selected {
            stopped: subjects.iter().filter_map(stop).collect(),
            subjects,
            requester: self.requester,
            actioner: self.compiled.definition.action.actioner.clone(),
            class: self.class,
            finished,
        })
    }

    fn selected(&self, mut subjects: Vec<Record>) -> Result<Vec<Record>, Failure> {
        let (event, now) = (&self.event, self.now);
        let mut verdict = Ok(());
        subjects.retain(|record| {
            let subject = record.as_subject();
            let asked = match &verdict {
                Ok(()) => self.compiled.holds(&Scope { subject: &subject, event, now }),
                Err(_) => Ok(false),
            };
            asked.unwrap_or_else(|failure| {
                let message = format!("For {}: {}", record.reference(), failure.message);
                verdict = Err(Failure::new(&failure.code, message, failure.kind));
                false
            })
        });
        verdict.map(|()| subjects)
    }

    /// What a policy has against acting on a subject. Where the parameters cannot be worked out nothing
    /// is called anyway: that is said when the item is begun.
    fn stop(&self, record: &Record) -> Option<(Value, Stop, Arc<CompiledPolicy>)> {
        let definition = &self.compiled.definition;
        self.policies.concerning(&definition.key).next()?;
        let (subject, event, now) = (record.as_subject(), &self.event, self.now);
        let parameters = self.compiled.resolve(&Scope { subject: &subject, event, now }).ok()?;
        let asked = Asked {
            definition,
            version: self.run.version,
            class: self.class,
            parameters: &parameters,
            subject: record,
            event,
            now,
        };
        match self.policies.rule(&asked, Moment::Match, |_| false) {
            Ruling::Stopped(stop, policy) => Some((parameters, stop, policy)),
            Ruling::Free => None,
        }
    }
}
