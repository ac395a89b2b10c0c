//! The reviews module: `reviews.ensure`.

use domain::{effect::ActionerClass, record::RecordRef};
use serde_json::Value;

use super::{
    Actioner, Answer, Call, LocalActioner, Parameter, ParameterKind as Kind, RecordWrite,
    Registers, Way, findings,
};

const KIND: &str = "review";

/// Looks whether the subject was reviewed. If not, it asks a person, and once that person agrees the
/// missing review becomes a finding.
pub(super) struct Ensure;

impl Ensure {
    fn review_key(call: &Call) -> &str {
        call.text("review").unwrap_or_default()
    }

    fn finding_key(call: &Call) -> String {
        call.new_key("FND")
    }
}

impl LocalActioner for Ensure {
    fn reads(&self, call: &Call) -> Vec<RecordRef> {
        let review = RecordRef { kind: KIND.to_owned(), key: Self::review_key(call).to_owned() };
        let finding = RecordRef { kind: findings::KIND.to_owned(), key: Self::finding_key(call) };
        vec![review, finding]
    }

    fn act(&self, call: &Call, registers: &Registers) -> Answer {
        let review = Self::review_key(call);
        if let Some(existing) = registers.find(KIND, review) {
            let attributes = existing.attributes.clone();
            return Answer::NothingToDo {
                record: Some(RecordWrite::new(KIND, review, attributes)),
            };
        }
        if !call.approved {
            let question = format!(
                "There is no review {review} of {}. Open a finding about the missing review?",
                call.subject.reference()
            );
            return Answer::NeedsApproval { question };
        }
        let key = Self::finding_key(call);
        registers.create(findings::KIND, &key, || findings::new_finding(call))
    }
}

impl Actioner for Ensure {
    fn name(&self) -> &'static str {
        "reviews.ensure"
    }

    fn module(&self) -> &'static str {
        "reviews"
    }

    fn summary(&self) -> &'static str {
        "Checks that a review exists; if not, asks for an approval and then has the findings module \
         open a finding."
    }

    fn parameters(&self) -> &'static [Parameter] {
        const ALL: &[Parameter] = &[
            Parameter::required("review", Kind::Key, "The key of the review that must exist."),
            Parameter::required("title", Kind::Text, "The title of the finding if it does not."),
            Parameter::optional("description", Kind::Text, "What the finding means."),
            Parameter::optional(
                "severity",
                Kind::Word(&["low", "medium", "high", "critical"]),
                "The severity of the finding; medium unless stated.",
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
