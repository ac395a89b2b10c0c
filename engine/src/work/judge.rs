//! What is to become of a claimed item: asked just before acting, of everything that could say no.

use std::sync::Arc;

use domain::{
    Timestamp,
    approval::{Approval, ApprovalRule},
    item::{Item, SkipReason},
    policy::{Moment, Pin, is_satisfied},
    problem::Failure,
    record::Record,
    run::Run,
};
use serde_json::Value;

use super::{
    Worker,
    prepare::{Facts, digest},
    worker::Told,
};
use crate::{
    compiled::Compiled,
    condition::Scope,
    policies::{Asked, CompiledPolicy, Ruling, Stop},
};

/// What is to become of a claimed item.
pub(super) enum Judged {
    Act(Value),
    Skip(SkipReason),
    Fail(Failure),
    Ask(Value, ApprovalRule),
    /// A policy has something against it.
    Stop(Value, Stop, Arc<CompiledPolicy>),
}

/// One item and what is known about it.
#[derive(Clone, Copy)]
pub(super) struct Case<'a> {
    pub(super) item: &'a Item,
    pub(super) run: &'a Run,
    pub(super) compiled: &'a Compiled,
    pub(super) told: &'a Told,
    pub(super) subject: &'a Record,
    pub(super) now: Timestamp,
}

impl Worker {
    pub(super) fn judge(&self, case: &Case<'_>, facts: &Facts) -> Judged {
        let parameters = match self.parameters(case) {
            Ok(parameters) => parameters,
            Err(judged) => return judged,
        };
        let ruling = ruling(case, facts, &parameters);
        if let Ruling::Stopped(stop @ Stop::Denied(_), policy) = ruling {
            return Judged::Stop(parameters, stop, policy);
        }
        let rule = case.compiled.definition.approval_needed_before_action();
        let given: Option<&Approval> = facts.approvals.get(&case.item.id);
        match (case.item.approved, rule, given, ruling) {
            (false, Some(rule), ..) => Judged::Ask(parameters, rule.clone()),
            (true, _, Some(given), _) if given.action_digest != digest(case.item, &parameters) => {
                Judged::Fail(Failure::deterministic(
                    "action-changed",
                    "The action is not the one that was approved.",
                ))
            }
            (.., Ruling::Stopped(stop, policy)) => Judged::Stop(parameters, stop, policy),
            _ => Judged::Act(parameters),
        }
    }

    /// What exactly is to be done, if the condition still holds.
    fn parameters(&self, case: &Case<'_>) -> Result<Value, Judged> {
        let seen = case.subject.as_subject();
        let scope = Scope { subject: &seen, event: &case.told.event, now: case.now };
        match case.compiled.holds(&scope) {
            Ok(true) => {}
            Ok(false) => return Err(Judged::Skip(SkipReason::ConditionNoLongerHolds)),
            Err(failure) => return Err(Judged::Fail(failure)),
        }
        // Resolved once: every attempt and every retry sends the same bytes.
        let parameters = match &case.item.parameters {
            Some(parameters) => parameters.clone(),
            None => case.compiled.resolve(&scope).map_err(Judged::Fail)?,
        };
        let registry = &self.services.registry;
        match registry.check_resolved(&case.item.actioner, &parameters) {
            Ok(()) => Ok(parameters),
            Err(failure) => Err(Judged::Fail(failure)),
        }
    }
}

/// What the policies say that are switched on at this moment.
fn ruling(case: &Case<'_>, facts: &Facts, parameters: &Value) -> Ruling {
    let asked = Asked {
        definition: &case.compiled.definition,
        version: case.run.version,
        class: case.item.class,
        parameters,
        subject: case.subject,
        event: &case.told.event,
        now: case.now,
    };
    let given = facts.policy_approvals.get(&case.item.id).map_or(&[][..], Vec::as_slice);
    let answered = |pin: &Pin| {
        let action = digest(case.item, parameters);
        given.iter().any(|given| is_satisfied(given, pin, &action))
    };
    facts.policies.rule(&asked, Moment::BeforeActing, answered)
}
