//! Policies: rules of a workspace that deny an action, or have it approved first, whatever the definition
//! of an automation says. Like definitions they have immutable numbered versions; one of them may be
//! switched on.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    Timestamp,
    approval::{Approval, ApprovalRule, ApprovalStatus, OnExpiry},
    automation::Definition,
    canonical,
    effect::ActionerClass,
    id::{MemberId, PolicyId, WorkspaceId},
    problem::Failure,
    record::Record,
    words,
};

words! {
    /// What follows where the rule of a policy holds.
    Effect {
        /// Nothing is done.
        Deny = "deny",
        /// A person has to approve first.
        RequireApproval = "require-approval",
    }
}

/// What a policy says: the immutable content of a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// Unique in the workspace; stays when the rest changes.
    pub key: String,
    pub name: String,
    /// Why there is such a rule: the sentence for whoever is denied something, and for reviewers.
    pub statement: String,
    pub effect: Effect,
    /// Who approves; only with [`Effect::RequireApproval`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<ApprovalRule>,
    /// The keys of the automations it is about; empty means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub automations: Vec<String>,
    /// CEL over `automation`, `action`, `subject`, `event` and `now`.
    pub rule: String,
}

impl Terms {
    /// Hexadecimal SHA-256 over the canonical form; equal digests mean nothing changed.
    pub fn digest(&self) -> String {
        canonical::digest(&canonical::bytes(&json!(self)))
    }

    /// Whether it is about this automation at all.
    pub fn concerns(&self, automation: &str) -> bool {
        self.automations.is_empty() || self.automations.iter().any(|key| key == automation)
    }

    /// Who approves; where none is stated, any one approver within 14 days.
    pub fn approval(&self) -> ApprovalRule {
        self.approval.clone().unwrap_or_default()
    }
}

impl Terms {
    /// The terms as a file that can be applied.
    pub fn file(&self) -> String {
        let quoted = |text: &str| Value::from(text).to_string();
        let mut file = format!(
            "key: {}\nname: {}\nstatement: {}\neffect: {}\n",
            self.key,
            quoted(&self.name),
            quoted(&self.statement),
            self.effect
        );
        if let Some(rule) = &self.approval {
            let who = match rule.members.is_empty() {
                true => format!("role: {}", rule.role),
                false => format!("members: {}", json!(rule.members)),
            };
            file += &format!(
                "approval: {{ {who}, quorum: {}, expires-after: PT{}S, on-expiry: {} }}\n",
                rule.quorum, rule.expires_after_seconds, rule.on_expiry
            );
        }
        if !self.automations.is_empty() {
            file += &format!("automations: [{}]\n", self.automations.join(", "));
        }
        file += "rule: |2\n";
        self.rule.lines().for_each(|line| file += &format!("  {line}\n"));
        file
    }
}

/// A policy as it stands in a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    pub id: PolicyId,
    pub workspace: WorkspaceId,
    pub key: String,
    /// Of the latest version.
    pub name: String,
    /// The number of the latest version, from 1.
    pub version: i64,
    /// The version that is switched on; `None` while it is off.
    pub on: Option<i64>,
    /// When and why it was switched last; by nobody where that was on the host's command line.
    pub switched: Option<Switched>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// The last time a policy was switched on or off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switched {
    pub at: Timestamp,
    pub by: Option<MemberId>,
    pub reason: String,
}

/// One immutable version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyVersion {
    pub policy: PolicyId,
    pub number: i64,
    pub terms: Terms,
    pub digest: String,
    pub created_at: Timestamp,
    /// `None` when it was applied on the host's command line.
    pub created_by: Option<MemberId>,
}

/// Names exactly one version: what a denial and an approval are due to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Pin {
    pub policy: PolicyId,
    pub version: i64,
    pub digest: String,
}

/// What the rule of a policy said about an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// It does not hold: the policy has nothing against it.
    Nothing,
    /// It holds.
    Holds,
    /// Nobody can say; this is why.
    NotEvaluated(String),
}

/// Where in the course of a run a policy is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The subject was just found.
    Match,
    /// The actioner is about to be called.
    BeforeActing,
}

/// What follows for an action from one policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Consequence {
    Free,
    Denied(Failure),
    /// Not before this was approved.
    Ask(ApprovalRule),
}

/// What follows from what a rule said. What cannot be evaluated is denied, whatever the effect: nobody can
/// say that it is allowed.
pub fn consequence(terms: &Terms, version: i64, said: &Said, moment: Moment) -> Consequence {
    let Terms { key, statement, .. } = terms;
    match (said, terms.effect) {
        (Said::Nothing, _) => Consequence::Free,
        (Said::Holds, Effect::RequireApproval) => Consequence::Ask(terms.approval()),
        (Said::Holds, Effect::Deny) => {
            let message = format!("The policy {key}, version {version}, denies this: {statement}");
            Consequence::Denied(match moment {
                Moment::Match => Failure::deterministic("policy-denied", message),
                Moment::BeforeActing => {
                    Failure::deterministic("policy-denied-before-acting", message)
                }
            })
        }
        (Said::NotEvaluated(why), _) => {
            let message = format!(
                "The rule of the policy {key}, version {version}, cannot be evaluated, so this is denied: \
                 {why}"
            );
            Consequence::Denied(Failure::deterministic("policy-does-not-evaluate", message))
        }
    }
}

/// The key of the policy that a denial names; `None` where it was something else that failed.
pub fn denied_by(failure: &Failure) -> Option<&str> {
    let denied = ["policy-denied", "policy-denied-before-acting", "policy-does-not-evaluate"];
    if !denied.contains(&failure.code.as_str()) {
        return None;
    }
    let (_, rest) = failure.message.split_once("policy ")?;
    rest.split_once(',').map(|(key, _)| key)
}

/// Whether this approval is one that the policy asks for: of exactly this action, under exactly this
/// version, and given.
pub fn is_satisfied(approval: &Approval, pin: &Pin, action_digest: &str) -> bool {
    let given = match approval.status {
        ApprovalStatus::Approved => true,
        ApprovalStatus::Expired => approval.rule.on_expiry == OnExpiry::Approve,
        _ => false,
    };
    given && approval.policy.as_ref() == Some(pin) && approval.action_digest == action_digest
}

/// What a rule sees as `automation`.
pub fn automation_seen(definition: &Definition, version: i64) -> Value {
    let Definition { key, name, trigger, .. } = definition;
    json!({"key": key, "name": name, "version": version, "trigger": trigger.kind})
}

/// What a rule sees as `action`.
pub fn action_seen(actioner: &str, class: ActionerClass, parameters: &Value) -> Value {
    json!({"actioner": actioner, "class": class.as_str(), "parameters": parameters})
}

/// What a rule sees as `subject`.
pub fn subject_seen(record: &Record) -> Value {
    json!({"kind": record.kind, "key": record.key, "attributes": record.attributes})
}
