//! Retrying: the pause before an automatic one, and the plan of one a member asks for.

use chrono::Duration;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    Timestamp,
    automation::RetryPolicy,
    canonical,
    effect::ActionerClass,
    id::{ItemId, RunId},
    item::{Item, ItemState},
    problem::{Failure, FailureKind},
    run::Run,
    words,
};

impl RetryPolicy {
    /// Whether trying again after `tries` tries of this round can help and is still allowed.
    /// Whether it is harmless, too: [`ActionerClass::repeatable`].
    pub fn retries(&self, failure: &Failure, tries: i64) -> bool {
        failure.kind != FailureKind::Deterministic && tries < self.max_attempts
    }

    /// Capped exponential backoff with jitter: between half and all of `initial * 2^(tries-1)`.
    ///
    /// `jitter` is in `0.0..1.0`; it comes from outside, so that this stays pure.
    pub fn pause(&self, tries: i64, jitter: f64) -> Duration {
        let doublings = tries.saturating_sub(1).clamp(0, 30);
        let full = self
            .initial_seconds
            .saturating_mul(1_i64 << doublings)
            .clamp(1, self.max_seconds.max(1));
        let jitter = if jitter.is_nan() { 0.0 } else { jitter.clamp(0.0, 1.0) };
        let millis = (full as f64 * 1_000.0) * (0.5 + jitter / 2.0);
        Duration::try_milliseconds(millis as i64).unwrap_or(Duration::MAX)
    }
}

words! {
    /// Whether retrying an item is safe.
    PlanVerdict {
        /// Local, or the receiver still honours the key: nothing can happen twice.
        Safe = "safe",
        /// It could happen twice: outside the key window, or the outcome is unknown.
        Confirm = "confirm",
        /// The same input fails the same way unless something else was changed.
        Pointless = "pointless",
        /// Nothing to retry here.
        NotEligible = "not-eligible",
    }
}

/// What a retry would do to one item, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanItem {
    pub item: ItemId,
    pub subject_kind: String,
    pub subject_key: String,
    pub verdict: PlanVerdict,
    /// One sentence.
    pub reason: String,
    /// The attempt the verdict was given for.
    pub attempt: i64,
    pub state: ItemState,
}

/// What a retry would do, before anything is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryPlan {
    pub run: RunId,
    /// The round the retry would open.
    pub round: i64,
    /// The items that are not `not-eligible`.
    pub items: Vec<PlanItem>,
    /// How many items have nothing to retry.
    pub not_eligible: i64,
    /// True when the retry waits for an approval first.
    pub needs_approval: bool,
    /// Names exactly this plan; a retry that sends another is refused with `plan-changed`.
    pub digest: String,
}

impl RetryPlan {
    /// Makes the plan of a run for the items given: those that failed. All other items count as not
    /// eligible.
    pub fn new(run: &Run, failed: &[Item], needs_approval: bool, now: Timestamp) -> Self {
        // The same order whoever fetched the items: it is part of the digest.
        let mut failed: Vec<_> = failed.iter().collect();
        failed.sort_by_key(|item| item.position);
        let mut items: Vec<_> = failed.into_iter().map(|item| plan_item(run, item, now)).collect();
        items.retain(|item| item.verdict != PlanVerdict::NotEligible);
        let mut plan = Self {
            run: run.id,
            round: run.round + 1,
            not_eligible: run.counts.subjects_matched - items.len() as i64,
            items,
            needs_approval,
            digest: String::new(),
        };
        plan.digest = digest(&plan);
        plan
    }

    pub fn count(&self, verdict: PlanVerdict) -> usize {
        self.items.iter().filter(|item| item.verdict == verdict).count()
    }

    /// The items a retry takes: the safe ones, and the others whose ids were acknowledged.
    pub fn chosen<'a>(&'a self, acknowledged: &'a [ItemId]) -> impl Iterator<Item = &'a PlanItem> {
        self.items
            .iter()
            .filter(|item| item.verdict == PlanVerdict::Safe || acknowledged.contains(&item.item))
    }
}

fn plan_item(run: &Run, item: &Item, now: Timestamp) -> PlanItem {
    let (verdict, reason) = verdict(run, item, now);
    PlanItem {
        item: item.id,
        subject_kind: item.subject_kind.clone(),
        subject_key: item.subject_key.clone(),
        verdict,
        reason: reason.to_owned(),
        attempt: item.attempt,
        state: item.state,
    }
}

fn verdict(run: &Run, item: &Item, now: Timestamp) -> (PlanVerdict, &'static str) {
    use PlanVerdict as V;
    if item.state != ItemState::Failed {
        return (V::NotEligible, "It has not failed.");
    }
    if !run.may_retry() {
        return (V::NotEligible, "The run allows no retry: it is still matching, or was stopped.");
    }
    let kind = item.failure.as_ref().map_or(FailureKind::Unknown, |failure| failure.kind);
    if kind == FailureKind::Deterministic {
        return (V::Pointless, "The same input fails the same way; mend the cause first.");
    }
    match (item.class, item.class.repeatable(kind, item.first_sent_at, now)) {
        (ActionerClass::Local, _) => (V::Safe, "The effect and its outcome are written together."),
        (ActionerClass::KeyedRemote { .. }, true) => {
            (V::Safe, "The receiver honours the key, so nothing is done twice.")
        }
        (ActionerClass::KeyedRemote { .. }, false) => {
            (V::Confirm, "The receiver no longer honours the key; it could be done twice.")
        }
        (ActionerClass::UnkeyedRemote, true) => (V::Safe, "The receiver did not take the request."),
        (ActionerClass::UnkeyedRemote, false) => {
            (V::Confirm, "It is not known whether it happened, and the receiver honours no key.")
        }
    }
}

/// Over everything a member sees of the plan.
fn digest(plan: &RetryPlan) -> String {
    let seen = json!([
        "retry-plan/v1",
        plan.run,
        plan.round,
        plan.needs_approval,
        plan.not_eligible,
        plan.items,
    ]);
    canonical::digest(&canonical::bytes(&seen))
}
