//! The lifecycle module: `lifecycle.propose-transition`.

use domain::{effect::ActionerClass, record::RecordRef};
use serde_json::{Value, json};

use super::{
    Actioner, Answer, Call, LocalActioner, Parameter, ParameterKind as Kind, Registers, Way,
};

const KIND: &str = "transition-proposal";

/// Proposes that the subject goes to another state; a person carries it out.
pub(super) struct ProposeTransition;

impl ProposeTransition {
    fn key(call: &Call) -> String {
        call.text("key").map_or_else(|| call.new_key("TRP"), str::to_owned)
    }
}

impl LocalActioner for ProposeTransition {
    fn reads(&self, call: &Call) -> Vec<RecordRef> {
        vec![RecordRef { kind: KIND.to_owned(), key: Self::key(call) }]
    }

    fn act(&self, call: &Call, registers: &Registers) -> Answer {
        registers.create(KIND, &Self::key(call), || {
            json!({
                "of": call.subject.reference(),
                "from": call.subject.attributes.get("status"),
                "to": call.parameters["to"],
                "reason": call.parameters["reason"],
                "status": "proposed",
                "proposed_at": call.now,
            })
        })
    }
}

impl Actioner for ProposeTransition {
    fn name(&self) -> &'static str {
        "lifecycle.propose-transition"
    }

    fn module(&self) -> &'static str {
        "lifecycle"
    }

    fn summary(&self) -> &'static str {
        "Proposes that the subject goes to another state."
    }

    fn parameters(&self) -> &'static [Parameter] {
        const ALL: &[Parameter] = &[
            Parameter::required("to", Kind::Text, "The state it is to go to."),
            Parameter::required("reason", Kind::Text, "Why."),
            Parameter::optional(
                "key",
                Kind::Key,
                "The proposal's key; made from the effect key unless stated.",
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
