//! The end of attempts: from an actioner's answer to what is stored.

use std::collections::HashMap;

use domain::{
    approval::ApprovalKind,
    attempt::{Attempt, AttemptEnd},
    audit::Verb,
    budget::{ItemCost, Spending, settled},
    decide::{Circumstances, Outcome, after_answer},
    id::{AttemptId, RecordId},
    incident::{Cause, Facts, Raised},
    item::{Item, ReplayEvidence},
    member::Principal,
    money::Usd,
    record::{Record, RecordRef},
    run::Run,
};
use serde_json::{Value, json};

use super::{Worker, prepare::Ready};
use crate::{
    actioner::{Answer, RecordWrite, Registers, Reply},
    changes::Changes,
    compiled::Compiled,
    services::ServiceError,
    store::Effect,
};

/// What writing a record came to.
struct Written {
    record: RecordId,
    /// Its revision from now on; `None` if it stood there exactly like this.
    revision: Option<i64>,
    /// What changed, of a record that had been there.
    change: Option<Difference>,
}

/// The attributes that differ, as they were and as they are.
struct Difference {
    /// The revision before.
    revision: i64,
    before: Value,
    after: Value,
}

fn difference(record: &Record, now: &Value) -> Difference {
    let (mut before, mut after) = (record.attributes.clone(), now.clone());
    if let (Value::Object(before), Value::Object(after)) = (&mut before, &mut after) {
        let same: Vec<String> = before
            .iter()
            .filter(|(key, value)| after.get(*key) == Some(value))
            .map(|(key, _)| key.clone())
            .collect();
        for key in same {
            before.remove(&key);
            after.remove(&key);
        }
    }
    Difference { revision: record.revision, before, after }
}

/// The records of a batch as they stand within its transaction, and what is to be written of them.
#[derive(Debug, Default)]
pub(super) struct Overlay {
    pub(super) registers: Registers,
    changed: HashMap<RecordRef, Record>,
}

impl Overlay {
    /// Takes what the database holds.
    pub(super) fn new(records: Vec<Record>) -> Self {
        let mut registers = Registers::default();
        records.into_iter().for_each(|record| registers.put(record));
        Self { registers, changed: HashMap::new() }
    }

    /// The record with its new content. Within one transaction a record is written once, however
    /// often it changed.
    fn write(
        &mut self,
        write: RecordWrite,
        item: &Item,
        worker: &Worker,
        now: domain::Timestamp,
    ) -> Written {
        let known = self.registers.get(&write.reference).cloned();
        let mut change = None;
        let record = match known {
            Some(record) if record.attributes == write.attributes => {
                return Written { record: record.id, revision: None, change };
            }
            Some(record) => {
                let again = self.changed.contains_key(&write.reference);
                change = Some(difference(&record, &write.attributes));
                Record {
                    revision: record.revision + i64::from(!again),
                    attributes: write.attributes,
                    updated_at: now,
                    ..record
                }
            }
            None => Record {
                id: RecordId::new(worker.services.ids.uuid(now)),
                workspace: item.workspace,
                kind: write.reference.kind.clone(),
                key: write.reference.key.clone(),
                attributes: write.attributes,
                revision: 1,
                created_at: now,
                updated_at: now,
                created_by_item: Some(item.id),
            },
        };
        let written = Written { record: record.id, revision: Some(record.revision), change };
        self.registers.put(record.clone());
        self.changed.insert(write.reference, record);
        written
    }

    /// Everything that is to be written.
    pub(super) fn into_changed(self) -> Vec<Record> {
        let mut changed: Vec<Record> = self.changed.into_values().collect();
        changed.sort_by_key(|record| record.id);
        changed
    }
}

impl Worker {
    /// Stores what an answer leads to: outcome, attempt, effect, record and audit entry together.
    ///
    /// `earlier` is the effect that had happened under the item's key before this attempt.
    pub(super) fn conclude(
        &self,
        changes: &mut Changes,
        overlay: &mut Overlay,
        ready: Ready,
        reply: Reply,
        earlier: Option<&Effect>,
    ) -> Result<(), ServiceError> {
        let Ready { mut item, compiled, cost, told, .. } = ready;
        let Reply { answer, cost: reported } = reply;
        let now = changes.now();
        let attempt = AttemptId::new(self.services.ids.uuid(now));
        let stopping = changes.run(item.run).and_then(Run::stopping);
        let outcome = after_answer(
            &answer,
            &Circumstances {
                policy: compiled.definition.retry,
                tries: item.tries,
                approved: item.approved,
                stopping,
                class: item.class,
                first_sent_at: item.first_sent_at,
                now,
                jitter: self.services.ids.jitter(),
            },
        );
        let happened = matches!(answer, Answer::Done { .. } | Answer::Replayed { .. });
        let write = into_record(answer);
        let written = match (earlier, write) {
            (None, Some(write)) => Some(overlay.write(write, &item, self, now)),
            _ => None,
        };
        let result = match earlier {
            Some(effect) => effect.record,
            None => written.as_ref().map(|written| written.record),
        };
        changes.step(&mut item, outcome.step())?;
        item.result = result;
        if happened && earlier.is_none() {
            changes.effects.push(Effect {
                key: item.effect_key.clone().unwrap_or_default(),
                item: item.id,
                attempt,
                record: result,
                at: now,
            });
        }
        apply(&mut item, &outcome, earlier);
        changes.attempts.push(self.attempt(attempt, &item, &outcome, now));
        if let Outcome::Failed(failure) = &outcome {
            changes.raise(Raised::item_failed(&item, failure));
        }
        let spent =
            cost.and_then(|cost| settle(changes, &item, &compiled, cost, &outcome, reported));
        let mut payload = payload(&item, attempt, &outcome, written);
        if let Some(spent) = spent {
            payload["cost"] = json!(spent);
        }
        changes.enter_item(Principal::System, verb(&outcome), &item, Some(payload));
        if let Outcome::AwaitingApproval { question } = outcome {
            let rule = compiled.definition.approval_on_question();
            self.ask(changes, &item, ApprovalKind::Question, question, rule, &told);
        }
        changes.keep(item);
        Ok(())
    }

    fn attempt(
        &self,
        id: AttemptId,
        item: &Item,
        outcome: &Outcome,
        now: domain::Timestamp,
    ) -> Attempt {
        let failure = match outcome {
            Outcome::TryAgain { failure, .. } | Outcome::Failed(failure) => Some(failure.clone()),
            _ => None,
        };
        Attempt {
            id,
            run: item.run,
            item: item.id,
            number: item.attempt,
            round: item.round,
            worker: self.name.to_string(),
            started_at: item.started_at.unwrap_or(now),
            ended_at: now,
            end: end(outcome),
            failure,
            result: item.result,
            replay_evidence: item.replay_evidence,
        }
    }
}

/// Settles what was reserved for an item, unless nobody knows yet what it cost. Answers with what it
/// did; a receiver that reports more than was reserved is an incident.
fn settle(
    changes: &mut Changes,
    item: &Item,
    compiled: &Compiled,
    cost: ItemCost,
    outcome: &Outcome,
    reported: Option<Usd>,
) -> Option<Usd> {
    let spent = settled(outcome, cost.reserved, reported)?;
    changes.settle_cost(cost, spent);
    if spent > cost.reserved {
        let mut message =
            format!("The receiver reported a cost of ${spent}; ${} was reserved.", cost.reserved);
        let ceiling = compiled.definition.budget.as_ref().and_then(|budget| budget.per_run);
        let total = changes.cost_of(item.run).map(Spending::total);
        if let Some((total, ceiling)) = total.zip(ceiling).filter(|(total, most)| total > most) {
            message.push_str(&format!(" Cumulative cost ${total} exceeded ceiling ${ceiling}."));
        }
        let facts = Facts { message, ..Facts::of_item(item) };
        changes.raise(Raised::of_attempt(item, Cause::CostAboveReserved, facts));
    }
    Some(spent)
}

fn into_record(answer: Answer) -> Option<RecordWrite> {
    match answer {
        Answer::Done { record }
        | Answer::Replayed { record, .. }
        | Answer::NothingToDo { record } => record,
        Answer::NeedsApproval { .. } | Answer::Failed(_) => None,
    }
}

fn apply(item: &mut Item, outcome: &Outcome, earlier: Option<&Effect>) {
    item.failure = None;
    match outcome {
        Outcome::Succeeded | Outcome::AwaitingApproval { .. } => {}
        Outcome::Replayed(evidence) => {
            item.replay_evidence = Some(*evidence);
            item.replay_of = earlier.map(|effect| effect.attempt);
        }
        Outcome::Skipped(reason) => item.skip_reason = Some(*reason),
        Outcome::TryAgain { failure, not_before } => {
            item.failure = Some(failure.clone());
            item.not_before = *not_before;
        }
        Outcome::Failed(failure) => item.failure = Some(failure.clone()),
    }
}

fn end(outcome: &Outcome) -> AttemptEnd {
    match outcome {
        Outcome::Succeeded => AttemptEnd::Succeeded,
        Outcome::Replayed(_) => AttemptEnd::IdempotentReplay,
        Outcome::Skipped(_) => AttemptEnd::Skipped,
        Outcome::AwaitingApproval { .. } => AttemptEnd::AwaitingApproval,
        Outcome::TryAgain { .. } | Outcome::Failed(_) => AttemptEnd::Failed,
    }
}

fn verb(outcome: &Outcome) -> Verb {
    match outcome {
        Outcome::Succeeded => Verb::ItemSucceeded,
        Outcome::Replayed(_) => Verb::ItemReplayed,
        Outcome::Skipped(_) => Verb::ItemSkipped,
        Outcome::AwaitingApproval { .. } => Verb::ItemAwaitsApproval,
        Outcome::TryAgain { .. } => Verb::ItemDeferred,
        Outcome::Failed(_) => Verb::ItemFailed,
    }
}

fn payload(item: &Item, attempt: AttemptId, outcome: &Outcome, written: Option<Written>) -> Value {
    let mut payload = json!({"attempt": attempt, "number": item.attempt});
    if let Some(result) = item.result {
        payload["record"] = json!(result);
    }
    if let Some((revision, change)) = written.and_then(|w| Some((w.revision?, w.change))) {
        payload["after"] = json!({"revision": revision});
        if let Some(Difference { revision, before, after }) = change {
            payload["before"] = json!({"revision": revision, "attributes": before});
            payload["after"]["attributes"] = after;
        }
    }
    match outcome {
        Outcome::TryAgain { failure, not_before } => {
            payload["cause"] = json!(failure);
            payload["not_before"] = json!(domain::audit::instant(*not_before));
        }
        Outcome::Failed(failure) => payload["cause"] = json!(failure),
        Outcome::Skipped(reason) => payload["reason"] = json!(reason),
        Outcome::Replayed(evidence) => payload["evidence"] = evidence_of(item, *evidence),
        Outcome::Succeeded | Outcome::AwaitingApproval { .. } => {}
    }
    payload
}

fn evidence_of(item: &Item, evidence: ReplayEvidence) -> Value {
    json!({"kind": evidence, "attempt": item.replay_of})
}
