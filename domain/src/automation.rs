//! Automations: definitions with immutable, numbered versions.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Timestamp,
    approval::ApprovalRule,
    budget::Budget,
    id::{AutomationId, MemberId, WorkspaceId},
    trigger::Trigger,
    words,
};

words! {
    /// What a run with failed items does when nothing else is left.
    OnItemFailure {
        /// It closes, as `completed-with-failures`.
        Close = "close",
        /// It stays running until a member retries or closes it.
        Hold = "hold",
    }
}

/// Where the subjects of a run come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "from")]
pub enum Subjects {
    /// Every record of a kind.
    Register { kind: String },
    /// The record that the trigger event is about, which must be of this kind.
    Event { kind: String },
}

impl Subjects {
    pub fn kind(&self) -> &str {
        match self {
            Self::Register { kind } | Self::Event { kind } => kind,
        }
    }
}

/// A registered actioner and the parameters it is called with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Action {
    pub actioner: String,
    /// A JSON object whose strings may be templates.
    pub with: Value,
}

/// When a person must decide.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approvals {
    /// Before the actioner is called at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_action: Option<ApprovalRule>,
    /// Before failed items are retried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retries: Option<ApprovalRule>,
    /// When the actioner itself asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_question: Option<ApprovalRule>,
}

/// Automatic retry of transient failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryPolicy {
    /// Tries in all within a round, 1 to 20; 1 means no automatic retry.
    pub max_attempts: i64,
    /// Seconds before the second try.
    pub initial_seconds: i64,
    /// The longest pause, in seconds.
    pub max_seconds: i64,
}

impl Default for RetryPolicy {
    /// Three tries, half a minute apart at first, a quarter of an hour at most.
    fn default() -> Self {
        Self { max_attempts: 3, initial_seconds: 30, max_seconds: 900 }
    }
}

/// What a definition file says. Serialised, it is the immutable content of a version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Definition {
    /// Unique in the workspace; stays when the rest changes.
    pub key: String,
    pub name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    pub trigger: Trigger,
    pub subjects: Subjects,
    /// CEL over `subject`, `event` and `now`. `None` selects every subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    pub action: Action,
    #[serde(default)]
    pub approval: Approvals,
    #[serde(default)]
    pub retry: RetryPolicy,
    /// What it may spend; `None` where its actions are not estimated to cost anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
    pub on_item_failure: OnItemFailure,
}

impl Definition {
    /// Hexadecimal SHA-256 over the canonical form; equal digests mean nothing changed.
    pub fn digest(&self) -> String {
        // A definition serialises: it holds strings, numbers and JSON values only.
        let value = serde_json::to_value(self).unwrap_or_default();
        crate::canonical::digest(&crate::canonical::bytes(&value))
    }

    pub fn approval_needed_before_action(&self) -> Option<&ApprovalRule> {
        self.approval.before_action.as_ref()
    }

    /// The rule for questions an actioner asks; where none is stated, any one approver within 14 days.
    pub fn approval_on_question(&self) -> ApprovalRule {
        self.approval.on_question.clone().unwrap_or_default()
    }
}

/// Checks a definition's key: 2 to 60 of `a-z 0-9 -`, beginning with a letter.
pub fn is_valid_key(key: &str) -> bool {
    (2..=60).contains(&key.len())
        && key.starts_with(|c: char| c.is_ascii_lowercase())
        && !key.ends_with('-')
        && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// A definition as it stands in a workspace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Automation {
    pub id: AutomationId,
    pub workspace: WorkspaceId,
    pub key: String,
    pub name: String,
    /// The number of the version in effect, from 1.
    pub version: i64,
    pub enabled: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// One immutable version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Version {
    pub automation: AutomationId,
    pub number: i64,
    pub definition: Definition,
    /// The file as it was applied.
    pub source: String,
    pub digest: String,
    pub created_at: Timestamp,
    /// `None` when it was applied on the host's command line.
    pub created_by: Option<MemberId>,
}
