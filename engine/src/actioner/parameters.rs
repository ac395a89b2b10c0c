//! What parameters an actioner takes, and checks against that.

use domain::record::check_key;
use serde_json::{Map, Value, json};

use crate::services::FieldError;

/// The JSON type of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterKind {
    Text,
    /// The key of a record.
    Key,
    /// One of a few words.
    Word(&'static [&'static str]),
    Boolean,
    Number,
    Object,
    Any,
}

/// One parameter of an actioner.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    pub name: &'static str,
    pub kind: ParameterKind,
    pub required: bool,
    /// What it is, in one sentence.
    pub about: &'static str,
}

impl Parameter {
    pub(super) const fn required(
        name: &'static str,
        kind: ParameterKind,
        about: &'static str,
    ) -> Self {
        Self { name, kind, required: true, about }
    }

    pub(super) const fn optional(
        name: &'static str,
        kind: ParameterKind,
        about: &'static str,
    ) -> Self {
        Self { name, kind, required: false, about }
    }

    fn accepts(&self, value: &Value) -> Result<(), String> {
        let fits = match self.kind {
            ParameterKind::Text => value.is_string(),
            ParameterKind::Key => value.as_str().is_some_and(|key| check_key(key).is_ok()),
            ParameterKind::Word(words) => value.as_str().is_some_and(|word| words.contains(&word)),
            ParameterKind::Boolean => value.is_boolean(),
            ParameterKind::Number => value.is_number(),
            ParameterKind::Object => value.is_object(),
            ParameterKind::Any => true,
        };
        if fits { Ok(()) } else { Err(format!("expected {}", self.expected())) }
    }

    fn expected(&self) -> String {
        match self.kind {
            ParameterKind::Text => "text".to_owned(),
            ParameterKind::Key => "a record key: 1 to 120 characters, no control characters or \
                                   slashes, no space around it"
                .to_owned(),
            ParameterKind::Word(words) => format!("one of: {}", words.join(", ")),
            ParameterKind::Boolean => "true or false".to_owned(),
            ParameterKind::Number => "a number".to_owned(),
            ParameterKind::Object => "an object".to_owned(),
            ParameterKind::Any => "a value".to_owned(),
        }
    }

    fn schema(&self) -> Value {
        let mut schema = match self.kind {
            ParameterKind::Text | ParameterKind::Key => json!({"type": "string"}),
            ParameterKind::Word(words) => json!({"enum": words}),
            ParameterKind::Boolean => json!({"type": "boolean"}),
            ParameterKind::Number => json!({"type": "number"}),
            ParameterKind::Object => json!({"type": "object"}),
            ParameterKind::Any => json!({}),
        };
        schema["description"] = self.about.into();
        schema
    }
}

/// The JSON Schema of resolved parameters.
pub(super) fn schema(parameters: &[Parameter]) -> Value {
    let properties: Map<String, Value> = parameters
        .iter()
        .map(|parameter| (parameter.name.to_owned(), parameter.schema()))
        .collect();
    let required: Vec<_> =
        parameters.iter().filter(|parameter| parameter.required).map(|p| p.name).collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// Unknown and missing parameters.
pub(super) fn check_names(parameters: &[Parameter], with: &Value) -> Vec<FieldError> {
    let Some(given) = with.as_object() else {
        return vec![FieldError::new("with", "expected an object of parameters")];
    };
    let mut errors = Vec::new();
    for name in given.keys() {
        if !parameters.iter().any(|parameter| parameter.name == name) {
            let known: Vec<_> = parameters.iter().map(|parameter| parameter.name).collect();
            let message = format!("there is no such parameter; there are: {}", known.join(", "));
            errors.push(FieldError::new(format!("with.{name}"), message));
        }
    }
    for parameter in parameters.iter().filter(|parameter| parameter.required) {
        if !given.contains_key(parameter.name) {
            let field = format!("with.{}", parameter.name);
            errors.push(FieldError::new(field, "this parameter is required"));
        }
    }
    errors
}

/// Values of the wrong type.
pub(super) fn check_values(parameters: &[Parameter], resolved: &Value) -> Vec<FieldError> {
    let wrong = |parameter: &Parameter| {
        let value = resolved.get(parameter.name)?;
        // A template over a missing attribute gives null: as good as leaving the parameter out.
        if value.is_null() && !parameter.required {
            return None;
        }
        let message = parameter.accepts(value).err()?;
        Some(FieldError::new(format!("with.{}", parameter.name), message))
    };
    parameters.iter().filter_map(wrong).collect()
}
