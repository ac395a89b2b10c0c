//! The names that OpenTelemetry's conventions for generative AI have for what a model was used for, old
//! ones too: they are still in development, and instruments lag behind.

use serde_json::{Map, Value};

use super::Usage;

const PROVIDER: [&str; 2] = ["gen_ai.provider.name", "gen_ai.system"];
const MODEL: [&str; 2] = ["gen_ai.response.model", "gen_ai.request.model"];
const INPUT: [&str; 2] = ["gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"];
const OUTPUT: [&str; 2] = ["gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"];

impl Usage {
    /// Adds what is not known yet from attributes; those that are not known here are passed over.
    #[must_use]
    pub fn with_attributes(mut self, attributes: &Map<String, Value>) -> Self {
        let first = |names: [&str; 2]| names.into_iter().find_map(|name| attributes.get(name));
        let text = |names| first(names).and_then(Value::as_str).map(str::to_owned);
        let number = |names| first(names).and_then(Value::as_i64);
        self.provider = self.provider.or_else(|| text(PROVIDER));
        self.model = self.model.or_else(|| text(MODEL));
        self.input_tokens = self.input_tokens.or_else(|| number(INPUT));
        self.output_tokens = self.output_tokens.or_else(|| number(OUTPUT));
        self
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn new_names_and_old_ones_are_read_and_what_was_said_plainly_wins() {
        let attributes = json!({
            "gen_ai.system": "openai", "gen_ai.request.model": "gpt-4o",
            "gen_ai.usage.input_tokens": 12, "gen_ai.usage.completion_tokens": 3,
            "gen_ai.operation.name": "chat",
        });
        let told = Usage { input_tokens: Some(1), ..Usage::default() };
        let usage = told.with_attributes(attributes.as_object().unwrap());
        assert_eq!(usage.provider.as_deref(), Some("openai"));
        assert_eq!(usage.model.as_deref(), Some("gpt-4o"));
        assert_eq!((usage.input_tokens, usage.output_tokens), (Some(1), Some(3)));
    }
}
