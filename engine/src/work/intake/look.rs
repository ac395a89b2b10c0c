//! Reading a chunk of subjects and asking the condition about each.

use std::sync::Arc;

use domain::{
    Timestamp,
    automation::{Action, Subjects},
    effect::ActionerClass,
    id::{RecordId, RunId, WorkspaceId},
    problem::Failure,
    record::Record,
    trigger::TriggerEvent,
};
use serde_json::Value;

use super::CHUNK;
use crate::{
    compiled::Compiled,
    condition::Scope,
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
    drop(session);
    let (until, verdict) = match (chunk, class(services, &compiled.definition.action)) {
        (Err(failure), _) | (_, Err(failure)) => (None, Err(failure)),
        (Ok(chunk), Ok(class)) => {
            let until = chunk.subjects.last().map(|record| record.id);
            (until, select(chunk, class, compiled, event.as_event(), now).await)
        }
    };
    Ok(Some(Seen { from, until, verdict }))
}

fn class(services: &Services, action: &Action) -> Result<ActionerClass, Failure> {
    match services.registry.get(&action.actioner) {
        Some(actioner) => Ok(actioner.class(&action.with)),
        None => Err(Failure::deterministic(
            "actioner-not-registered",
            format!("The actioner '{}' is not registered here.", action.actioner),
        )),
    }
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

/// Asks the condition about every subject, away from the threads that serve requests.
async fn select(
    chunk: Chunk,
    class: ActionerClass,
    compiled: Arc<Compiled>,
    event: Value,
    now: Timestamp,
) -> Result<Selected, Failure> {
    let actioner = compiled.definition.action.actioner.clone();
    let Chunk { subjects, finished } = chunk;
    let asking = tokio::task::spawn_blocking(move || selected(subjects, &compiled, &event, now));
    let subjects = asking.await.unwrap_or_else(|error| {
        Err(Failure::unknown("condition-does-not-evaluate", error.to_string()))
    })?;
    Ok(Selected { subjects, actioner, class, finished })
}

fn selected(
    mut subjects: Vec<Record>,
    compiled: &Compiled,
    event: &Value,
    now: Timestamp,
) -> Result<Vec<Record>, Failure> {
    let mut verdict = Ok(());
    subjects.retain(|record| {
        let subject = record.as_subject();
        let asked = match &verdict {
            Ok(()) => compiled.holds(&Scope { subject: &subject, event, now }),
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
