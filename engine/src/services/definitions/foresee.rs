//! What an automation would do now, without doing it: the subjects its condition selects, and the
//! parameters its action would get.

use std::sync::Arc;

use domain::{
    Timestamp,
    automation::{Definition, Subjects},
    id::{AutomationId, TriggerEventId},
    permission::Permission,
    problem::Failure,
    record::{Record, RecordRef},
    trigger::TriggerEvent,
};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::super::{Caller, ServiceError, Services};
use crate::{compiled::Compiled, condition::Scope, store::Session};

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
    /// Records that were looked at.
    pub looked_at: usize,
    /// Those the condition selects.
    pub matched: usize,
    /// The first of them.
    pub would: Vec<Would>,
}

/// One action on one subject.
#[derive(Debug, Clone, PartialEq)]
pub struct Would {
    pub subject: RecordRef,
    /// The parameters, or why there would be none.
    pub parameters: Result<Value, Failure>,
}

impl Services {
    /// Foresees a run of a definition, whether or not it is in effect.
    ///
    /// # Errors
    /// `Invalid` where it acts on the subject of its event and none is supposed, or the condition does
    /// not evaluate; `NotFound` where there is no such record.
    pub async fn foresee(
        &self,
        caller: Caller,
        definition: Definition,
        supposed: Supposed,
    ) -> Result<Foreseen, ServiceError> {
        self.require(caller, Permission::ApplyDefinitions).await?;
        let mut session = self.store.read().await?;
        let now = self.clock.now();
        let event = event(caller, &definition, supposed, now);
        let automation = AutomationId::new(Uuid::nil());
        let compiled = Arc::new(Compiled::new(automation, 0, definition));
        let mut foreseen = Foreseen {
            actioner: compiled.definition.action.actioner.clone(),
            asks_first: compiled.definition.approval_needed_before_action().is_some(),
            looked_at: 0,
            matched: 0,
            would: Vec::new(),
        };
        let mut after = None;
        loop {
            let subjects = match &compiled.definition.subjects {
                Subjects::Event { kind } => vec![subject(&mut session, &event, kind).await?],
                Subjects::Register { kind } => {
                    session.records_after(caller.workspace, kind, after, CHUNK).await?
                }
            };
            let whole = matches!(compiled.definition.subjects, Subjects::Event { .. })
                || (subjects.len() as i64) < CHUNK;
            after = subjects.last().map(|record| record.id);
            foreseen.looked_at += subjects.len();
            let (told, asked) = (Arc::clone(&compiled), event.as_event());
            let room = TOLD.saturating_sub(foreseen.would.len());
            let asking = move || ask(&subjects, &told, &asked, now, room);
            // Away from the threads that serve requests.
            let (matched, would) = tokio::task::spawn_blocking(asking)
                .await
                .map_err(|error| ServiceError::conflict("foreseeing", error.to_string()))?
                .map_err(|failure| ServiceError::invalid("condition", failure.message))?;
            foreseen.matched += matched;
            foreseen.would.extend(would);
            if whole {
                return Ok(foreseen);
            }
        }
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

/// How many of these records the condition selects, and what would be done about the first of them.
fn ask(
    subjects: &[Record],
    compiled: &Compiled,
    event: &Value,
    now: Timestamp,
    room: usize,
) -> Result<(usize, Vec<Would>), Failure> {
    let (mut matched, mut would) = (0, Vec::new());
    for record in subjects {
        let subject = record.as_subject();
        let scope = Scope { subject: &subject, event, now };
        if !compiled.holds(&scope)? {
            continue;
        }
        matched += 1;
        if would.len() < room {
            would.push(Would { subject: record.reference(), parameters: compiled.resolve(&scope) });
        }
    }
    Ok((matched, would))
}
