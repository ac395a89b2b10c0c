//! The policies that are switched on in a workspace, compiled once and kept, and what follows from them
//! for an action.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use domain::{
    Timestamp,
    approval::ApprovalRule,
    automation::Definition,
    effect::ActionerClass,
    id::{PolicyId, WorkspaceId},
    policy::{
        Consequence, Moment, Pin, PolicyVersion, Said, Terms, action_seen, automation_seen,
        consequence, subject_seen,
    },
    problem::Failure,
    record::Record,
};
use serde_json::Value;

use crate::{
    condition::{Rule, RuleScope},
    store::{Session, StoreError},
};

/// A version of a policy ready to be asked.
#[derive(Debug)]
pub(crate) struct CompiledPolicy {
    pub(crate) pin: Arc<Pin>,
    pub(crate) terms: Terms,
    /// A rule that compiled when it was applied may not do so under a later version of Assize.
    rule: Result<Rule, String>,
}

/// An action that policies are asked about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) definition: &'a Definition,
    /// Of the definition.
    pub(crate) version: i64,
    pub(crate) class: ActionerClass,
    pub(crate) parameters: &'a Value,
    pub(crate) subject: &'a Record,
    /// As conditions see it.
    pub(crate) event: &'a Value,
    pub(crate) now: Timestamp,
}

/// What the policies of a workspace say about an action.
#[derive(Debug, Clone)]
pub(crate) enum Ruling {
    Free,
    Stopped(Stop, Arc<CompiledPolicy>),
}

/// How a policy stops an action.
#[derive(Debug, Clone)]
pub(crate) enum Stop {
    Denied(Failure),
    /// Not before this was approved.
    Held(ApprovalRule),
}

impl CompiledPolicy {
    pub(crate) fn new(version: PolicyVersion) -> Self {
        let PolicyVersion { policy, number, terms, digest, .. } = version;
        let rule = Rule::compile(&terms.rule).map_err(|error| error.message);
        Self { pin: Arc::new(Pin { policy, version: number, digest }), terms, rule }
    }

    /// What the rule says.
    pub(crate) fn ask(&self, asked: &Asked<'_>) -> Said {
        self.answer(&Seen::of(asked), asked)
    }

    fn answer(&self, seen: &Seen, asked: &Asked<'_>) -> Said {
        let scope = RuleScope {
            automation: &seen.automation,
            action: &seen.action,
            subject: &seen.subject,
            event: asked.event,
            now: asked.now,
        };
        match self.rule.as_ref().map(|rule| rule.holds(&scope)) {
            Ok(Ok(true)) => Said::Holds,
            Ok(Ok(false)) => Said::Nothing,
            Ok(Err(error)) => Said::NotEvaluated(error.message),
            Err(message) => Said::NotEvaluated(message.clone()),
        }
    }
}

/// What rules see of an action, worked out once for all of them.
struct Seen {
    automation: Value,
    action: Value,
    subject: Value,
}

impl Seen {
    fn of(asked: &Asked<'_>) -> Self {
        Self {
            automation: automation_seen(asked.definition, asked.version),
            action: action_seen(&asked.definition.action.actioner, asked.class, asked.parameters),
            subject: subject_seen(asked.subject),
        }
    }
}

/// The policies that are switched on in a workspace.
#[derive(Debug, Clone, Default)]
pub(crate) struct InForce {
    /// As the store gave them.
    pub(crate) on: Vec<(PolicyId, i64)>,
    /// By key: of several that deny, always the same one is named.
    policies: Vec<Arc<CompiledPolicy>>,
}

impl InForce {
    /// Those that are about an automation at all.
    pub(crate) fn concerning(
        &self,
        automation: &str,
    ) -> impl Iterator<Item = &Arc<CompiledPolicy>> {
        self.policies.iter().filter(move |policy| policy.terms.concerns(automation))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.policies.is_empty()
    }

    /// What follows for an action: a denial before a question, and no question that was `answered`.
    pub(crate) fn rule(
        &self,
        asked: &Asked<'_>,
        moment: Moment,
        answered: impl Fn(&Pin) -> bool,
    ) -> Ruling {
        let mut concerned = self.concerning(&asked.definition.key).peekable();
        if concerned.peek().is_none() {
            return Ruling::Free;
        }
        let (seen, mut ruling) = (Seen::of(asked), Ruling::Free);
        for policy in concerned {
            let said = policy.answer(&seen, asked);
            match consequence(&policy.terms, policy.pin.version, &said, moment) {
                Consequence::Denied(failure) => {
                    return Ruling::Stopped(Stop::Denied(failure), Arc::clone(policy));
                }
                Consequence::Ask(rule)
                    if matches!(ruling, Ruling::Free) && !answered(&policy.pin) =>
                {
                    ruling = Ruling::Stopped(Stop::Held(rule), Arc::clone(policy));
                }
                Consequence::Ask(_) | Consequence::Free => {}
            }
        }
        ruling
    }
}

type Known = HashMap<(PolicyId, i64), Arc<CompiledPolicy>>;

/// The versions this process has met; they never change. Clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Policies {
    known: Arc<Mutex<Known>>,
}

/// More than this many versions in use at a time are compiled anew now and then.
const MOST_KEPT: usize = 1_000;

impl Policies {
    /// The policies that are switched on at this moment.
    pub(crate) async fn in_force(
        &self,
        session: &mut Session,
        workspace: WorkspaceId,
    ) -> Result<InForce, StoreError> {
        let on = session.policies_in_force(workspace).await?;
        let mut policies = Vec::with_capacity(on.len());
        for &(policy, version) in &on {
            policies.push(self.get(session, workspace, policy, version).await?);
        }
        policies.sort_by(|one, other| one.terms.key.cmp(&other.terms.key));
        Ok(InForce { on, policies })
    }

    async fn get(
        &self,
        session: &mut Session,
        workspace: WorkspaceId,
        policy: PolicyId,
        version: i64,
    ) -> Result<Arc<CompiledPolicy>, StoreError> {
        let lock = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(&(policy, version)) {
            return Ok(Arc::clone(known));
        }
        let found = session.policy_version(workspace, policy, version).await?;
        let missing = || StoreError::Inconsistent {
            table: "policy",
            column: "on_version",
            message: format!("{policy} has no version {version}"),
        };
        let compiled = Arc::new(CompiledPolicy::new(found.ok_or_else(missing)?));
        let mut known = lock();
        if known.len() >= MOST_KEPT {
            known.clear();
        }
        known.insert((policy, version), Arc::clone(&compiled));
        Ok(compiled)
    }
}
