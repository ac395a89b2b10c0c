//! The findings module: `findings.create` and `findings.update-status`.

use domain::{effect::ActionerClass, problem::Failure, record::RecordRef};
use serde_json::{Value, json};

use super::{
    Actioner, Answer, Call, LocalActioner, Parameter, ParameterKind as Kind, RecordWrite,
    Registers, Way,
};

/// The kind of a finding's record.
pub(super) const KIND: &str = "finding";

const SEVERITIES: &[&str] = &["low", "medium", "high", "critical"];

const STATUSES: &[&str] = &["open", "in-progress", "resolved", "closed", "accepted"];

/// Creates a finding about the subject.
pub(super) struct Create;

impl Create {
    fn key(call: &Call) -> String {
        call.text("key").map_or_else(|| call.new_key("FND"), str::to_owned)
    }
}

/// The attributes of a new finding about the subject of a call.
pub(super) fn new_finding(call: &Call) -> Value {
    let field = |name: &str| call.parameters.get(name).cloned().unwrap_or(Value::Null);
    json!({
        "title": field("title"),
        "description": field("description"),
        "severity": call.text("severity").unwrap_or("medium"),
        "status": "open",
        "about": call.subject.reference(),
        "opened_at": call.now,
    })
}

impl LocalActioner for Create {
    fn reads(&self, call: &Call) -> Vec<RecordRef> {
        vec![RecordRef { kind: KIND.to_owned(), key: Self::key(call) }]
    }

    fn act(&self, call: &Call, registers: &Registers) -> Answer {
        registers.create(KIND, &Self::key(call), || new_finding(call))
    }
}

impl Actioner for Create {
    fn name(&self) -> &'static str {
        "findings.create"
    }

    fn module(&self) -> &'static str {
        "findings"
    }

    fn summary(&self) -> &'static str {
        "Opens a finding about the subject, unless one with the same key exists."
    }

    fn parameters(&self) -> &'static [Parameter] {
        const ALL: &[Parameter] = &[
            Parameter::required("title", Kind::Text, "What was found."),
            Parameter::optional("description", Kind::Text, "What it means."),
            Parameter::optional(
                "severity",
                Kind::Word(SEVERITIES),
                "How bad it is; medium unless stated.",
            ),
            Parameter::optional(
                "key",
                Kind::Key,
                "The finding's key; made from the effect key unless stated.",
            ),
        ];
        ALL
    }

    fn class(&self, _with: &Value) -> ActionerClass {
        ActionerClass::Local
    }

    fn way(&self, _with: &Value) -> Way<'_> {
        Way::Local(self)
    }
}

/// Moves a finding to another status.
pub(super) struct UpdateStatus;

impl LocalActioner for UpdateStatus {
    fn reads(&self, call: &Call) -> Vec<RecordRef> {
        let key = call.text("key").unwrap_or_default().to_owned();
        vec![RecordRef { kind: KIND.to_owned(), key }]
    }

    fn act(&self, call: &Call, registers: &Registers) -> Answer {
        let key = call.text("key").unwrap_or_default();
        let Some(finding) = registers.find(KIND, key) else {
            let message = format!("There is no finding with the key '{key}'.");
            return Answer::Failed(Failure::deterministic("record-not-found", message));
        };
        let status = call.parameters["status"].clone();
        let mut attributes = finding.attributes.clone();
        if attributes["status"] == status {
            return Answer::NothingToDo { record: Some(RecordWrite::new(KIND, key, attributes)) };
        }
        attributes["status"] = status;
        attributes["status_note"] = call.parameters.get("note").cloned().unwrap_or(Value::Null);
        attributes["status_since"] = json!(call.now);
        Answer::Done { record: Some(RecordWrite::new(KIND, key, attributes)) }
    }
}

impl Actioner for UpdateStatus {
    fn name(&self) -> &'static str {
        "findings.update-status"
    }

    fn module(&self) -> &'static str {
        "findings"
    }

    fn summary(&self) -> &'static str {
        "Moves a finding to another status, unless it has that status."
    }

    fn parameters(&self) -> &'static [Parameter] {
        const ALL: &[Parameter] = &[
            Parameter::required("key", Kind::Key, "The finding's key."),
            Parameter::required("status", Kind::Word(STATUSES), "The status it is to have."),
            Parameter::optional("note", Kind::Text, "Why."),
        ];
        ALL
    }

    fn class(&self, _with: &Value) -> ActionerClass {
        ActionerClass::Local
    }

    fn way(&self, _with: &Value) -> Way<'_> {
        Way::Local(self)
    }
}
