//! Failed items grouped by their cause, with the verdicts of the retry plan.

use std::collections::HashMap;

use domain::{
    effect::ActionerClass,
    id::ItemId,
    incident,
    item::Item,
    policy::denied_by,
    problem::{Failure, FailureKind},
    retry::{PlanVerdict, RetryPlan},
};

/// Items named with a cause.
const EXAMPLES: usize = 3;

/// Items that failed for the same reason.
#[derive(Debug, Clone, PartialEq)]
pub struct Cause {
    pub code: String,
    pub kind: FailureKind,
    /// The key of the policy that denied them.
    pub policy: Option<String>,
    /// What its incidents are put down to.
    pub incident: incident::Cause,
    /// What the first of them says; others may name another subject.
    pub message: String,
    pub count: i64,
    pub safe: i64,
    pub confirm: i64,
    pub pointless: i64,
    /// The first few of them.
    pub examples: Vec<(ItemId, String)>,
}

/// The causes of failed items, the most frequent first.
pub fn causes(failed: &[Item], plan: &RetryPlan) -> Vec<Cause> {
    let verdicts: HashMap<_, _> = plan.items.iter().map(|item| (item.item, item.verdict)).collect();
    let mut causes: Vec<Cause> = Vec::new();
    for item in failed {
        let failure = item.failure.clone().unwrap_or_else(unexplained);
        let same = |cause: &Cause| cause.is_of(&failure);
        let at = causes.iter().position(same).unwrap_or_else(|| {
            causes.push(Cause::of(failure, item.class));
            causes.len() - 1
        });
        causes[at].add(item, verdicts.get(&item.id).copied());
    }
    causes.sort_by_key(|cause| -cause.count);
    causes
}

/// A failed item always has a cause; one without is still shown.
fn unexplained() -> Failure {
    Failure::unknown("no-cause-recorded", "No cause was recorded.")
}

impl Cause {
    fn of(failure: Failure, class: ActionerClass) -> Self {
        let incident = incident::Cause::of(&failure, Some(class));
        let policy = denied_by(&failure).map(str::to_owned);
        let Failure { code, message, kind } = failure;
        let (count, safe, confirm, pointless) = (0, 0, 0, 0);
        let examples = Vec::new();
        Self { code, kind, policy, incident, message, count, safe, confirm, pointless, examples }
    }

    fn is_of(&self, failure: &Failure) -> bool {
        let policy = self.policy.as_deref();
        self.code == failure.code && self.kind == failure.kind && policy == denied_by(failure)
    }

    fn add(&mut self, item: &Item, verdict: Option<PlanVerdict>) {
        self.count += 1;
        match verdict {
            Some(PlanVerdict::Safe) => self.safe += 1,
            Some(PlanVerdict::Confirm) => self.confirm += 1,
            Some(PlanVerdict::Pointless) => self.pointless += 1,
            Some(PlanVerdict::NotEligible) | None => {}
        }
        if self.examples.len() < EXAMPLES {
            self.examples.push((item.id, item.subject_key.clone()));
        }
    }
}
