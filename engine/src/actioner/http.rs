//! `notify.http`: tells a receiver outside.

use domain::{effect::ActionerClass, item::ReplayEvidence};
use futures::future::BoxFuture;
use serde_json::{Value, json};

use super::{
    Actioner, Answer, Call, Outbound, Parameter, ParameterKind as Kind, RemoteActioner, Reply, Way,
    outbound,
};

/// Posts JSON to an address on the workspace's allow-list.
pub(super) struct Notify;

impl RemoteActioner for Notify {
    fn call<'a>(&'a self, call: &'a Call, outbound: Outbound<'a>) -> BoxFuture<'a, Reply> {
        Box::pin(async move {
            let url = call.text("url").unwrap_or_default();
            let body = call.parameters.get("body").cloned().unwrap_or_else(|| json!({}));
            let class = self.class(&call.parameters);
            let response = match outbound.post(url, &body, &call.effect_key, class).await {
                Ok(response) => response,
                Err(failure) => return Answer::Failed(failure).into(),
            };
            let answer = match response.replayed {
                true => {
                    Answer::Replayed { record: None, evidence: ReplayEvidence::RemoteReplayHeader }
                }
                false => Answer::Done { record: None },
            };
            Reply { answer, cost: outbound::reported_cost(&response) }
        })
    }
}

impl Actioner for Notify {
    fn name(&self) -> &'static str {
        "notify.http"
    }

    fn module(&self) -> &'static str {
        "notify"
    }

    fn summary(&self) -> &'static str {
        "Posts JSON to an address on the workspace's allow-list."
    }

    fn parameters(&self) -> &'static [Parameter] {
        const ALL: &[Parameter] = &[
            Parameter::required("url", Kind::Text, "Where to; its host must be on the allow-list."),
            Parameter::optional("body", Kind::Any, "What is posted, as JSON."),
            Parameter::optional(
                "keyed",
                Kind::Boolean,
                "Whether the receiver honours Idempotency-Key; true unless stated.",
            ),
            Parameter::optional(
                "key-window-hours",
                Kind::Number,
                "For how many hours the receiver honours a key; 23 unless stated.",
            ),
        ];
        ALL
    }

    fn class(&self, with: &Value) -> ActionerClass {
        outbound::class(with)
    }

    fn way(&self, _with: &Value) -> Way<'_> {
        Way::Remote(self)
    }
}
