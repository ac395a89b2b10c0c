//! The assessments module: `assessments.schedule`.

use domain::{effect::ActionerClass, record::RecordRef};
use serde_json::{Value, json};

use super::{
    Actioner, Answer, Call, LocalActioner, Parameter, ParameterKind as Kind, Registers, Way,
};

const KIND: &str = "assessment";

/// Schedules an assessment of the subject.
pub(super) struct Schedule;

impl Schedule {
    fn key(call: &Call) -> String {
        call.text("key").map_or_else(|| call.new_key("ASM"), str::to_owned)
    }
}

impl LocalActioner for Schedule {
    fn reads(&self, call: &Call) -> Vec<RecordRef> {
        vec![RecordRef { kind: KIND.to_owned(), key: Self::key(call) }]
    }

    fn act(&self, call: &Call, registers: &Registers) -> Answer {
        registers.create(KIND, &Self::key(call), || {
            json!({
                "title": call.parameters["title"],
                "due": call.parameters["due"],
                "assessor": call.parameters.get("assessor"),
                "status": "scheduled",
                "of": call.subject.reference(),
                "scheduled_at": call.now,
            })
        })
    }
}

impl Actioner for Schedule {
    fn name(&self) -> &'static str {
        "assessments.schedule"
    }

    fn module(&self) -> &'static str {
        "assessments"
    }

    fn summary(&self) -> &'static str {
        "Schedules an assessment of the subject, unless one with the same key exists."
    }

    fn parameters(&self) -> &'static [Parameter] {
        const ALL: &[Parameter] = &[
            Parameter::required("title", Kind::Text, "What is to be assessed."),
            Parameter::required("due", Kind::Text, "By which day, such as 2026-09-30."),
            Parameter::optional("assessor", Kind::Text, "Who is to assess."),
            Parameter::optional(
                "key",
                Kind::Key,
                "The assessment's key; made from the effect key unless stated.",
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
