//! The evidence module: `evidence.request-claim`.

use domain::{effect::ActionerClass, item::ReplayEvidence, record::RecordRef};
use futures::future::BoxFuture;
use serde_json::{Value, json};

use super::{
    Actioner, Answer, Call, LocalActioner, Outbound, Parameter, ParameterKind as Kind, RecordWrite,
    Registers, RemoteActioner, Reply, Way, outbound,
};
use crate::{net::Response, services::FieldError};

const KIND: &str = "evidence-request";

/// Requests evidence for a claim about the subject: in our register, or delivered to a receiver
/// first and entered with its acknowledgement.
pub(super) struct RequestClaim;

impl RequestClaim {
    fn key(call: &Call) -> String {
        call.text("key").map_or_else(|| call.new_key("EVR"), str::to_owned)
    }

    fn attributes(call: &Call) -> Value {
        json!({
            "claim": call.parameters["claim"],
            "due": call.parameters.get("due"),
            "assignee": call.parameters.get("assignee"),
            "status": "requested",
            "about": call.subject.reference(),
            "requested_at": call.now,
        })
    }

    /// What the receiver is told.
    fn message(call: &Call) -> Value {
        json!({
            "request": Self::key(call),
            "claim": call.parameters["claim"],
            "due": call.parameters.get("due"),
            "about": call.subject.reference(),
        })
    }

    fn acknowledged(call: &Call, response: &Response) -> RecordWrite {
        let mut attributes = Self::attributes(call);
        let receipt: Value = serde_json::from_slice(&response.body).unwrap_or(Value::Null);
        attributes["acknowledgement"] = json!({
            "status": response.status,
            "receipt": receipt.get("receipt"),
            "digest": response.digest,
        });
        RecordWrite::new(KIND, Self::key(call), attributes)
    }
}

impl LocalActioner for RequestClaim {
    fn reads(&self, call: &Call) -> Vec<RecordRef> {
        vec![RecordRef { kind: KIND.to_owned(), key: Self::key(call) }]
    }

    fn act(&self, call: &Call, registers: &Registers) -> Answer {
        registers.create(KIND, &Self::key(call), || Self::attributes(call))
    }
}

impl RemoteActioner for RequestClaim {
    fn call<'a>(&'a self, call: &'a Call, outbound: Outbound<'a>) -> BoxFuture<'a, Reply> {
        Box::pin(async move {
            let deliver = &call.parameters["deliver"];
            let url = deliver["url"].as_str().unwrap_or_default();
            let class = self.class(&call.parameters);
            let message = Self::message(call);
            let response = match outbound.post(url, &message, &call.effect_key, class).await {
                Ok(response) => response,
                Err(failure) => return Answer::Failed(failure).into(),
            };
            let record = Some(Self::acknowledged(call, &response));
            let evidence = ReplayEvidence::RemoteReplayHeader;
            let answer = match response.replayed {
                true => Answer::Replayed { record, evidence },
                false => Answer::Done { record },
            };
            Reply { answer, cost: outbound::reported_cost(&response) }
        })
    }
}

impl Actioner for RequestClaim {
    fn name(&self) -> &'static str {
        "evidence.request-claim"
    }

    fn module(&self) -> &'static str {
        "evidence"
    }

    fn summary(&self) -> &'static str {
        "Requests evidence for a claim about the subject; with `deliver`, hands the request to a \
         receiver first and keeps its acknowledgement."
    }

    fn parameters(&self) -> &'static [Parameter] {
        const ALL: &[Parameter] = &[
            Parameter::required("claim", Kind::Text, "What is to be shown."),
            Parameter::optional("due", Kind::Text, "By which day, such as 2026-09-30."),
            Parameter::optional("assignee", Kind::Text, "Who is to show it."),
            Parameter::optional(
                "key",
                Kind::Key,
                "The request's key; made from the effect key unless stated.",
            ),
            Parameter::optional(
                "deliver",
                Kind::Object,
                "The receiver: `url`, and optionally `keyed` and `key-window-hours` as for notify.http.",
            ),
        ];
        ALL
    }

    fn class(&self, with: &Value) -> ActionerClass {
        match with.get("deliver") {
            None | Some(Value::Null) => ActionerClass::Local,
            Some(deliver) => outbound::class(deliver),
        }
    }

    fn way(&self, with: &Value) -> Way<'_> {
        if self.class(with).is_local() { Way::Local(self) } else { Way::Remote(self) }
    }

    fn check(&self, with: &Value) -> Vec<FieldError> {
        match with.get("deliver") {
            Some(deliver) if deliver.get("url").and_then(Value::as_str).is_none() => {
                vec![FieldError::new("with.deliver.url", "this parameter is required")]
            }
            _ => Vec::new(),
        }
    }
}
