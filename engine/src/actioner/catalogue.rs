//! What the registry offers, for people and programs.

use serde::Serialize;
use serde_json::{Value, json};

use super::{Actioner, Registry, parameters};
use crate::definition::{Catalogue, ParameterFault};

/// One actioner as the catalogue shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CatalogueEntry {
    pub name: &'static str,
    pub module: &'static str,
    pub summary: &'static str,
    /// The classes it can have, with what decides: `local`, or `keyed-remote when deliver is set`.
    pub class: &'static str,
    /// Seconds for which the receiver honours the key unless the definition says otherwise; 0 without a key.
    pub key_window_seconds: i64,
    /// JSON Schema of the parameters.
    pub parameters: Value,
}

impl Registry {
    /// Every actioner, by name.
    pub fn catalogue(&self) -> Vec<CatalogueEntry> {
        self.actioners.values().map(|actioner| entry(actioner.as_ref())).collect()
    }
}

impl Catalogue for Registry {
    fn names(&self) -> Vec<String> {
        self.actioners.keys().map(ToString::to_string).collect()
    }

    fn faults(&self, actioner: &str, with: &Value) -> Option<Vec<ParameterFault>> {
        let actioner = self.get(actioner)?;
        let mut errors = parameters::check_names(actioner.parameters(), with);
        errors.extend(actioner.check(with));
        let fault = |error: crate::services::FieldError| ParameterFault {
            pointer: error.field.trim_start_matches("with").replace('.', "/"),
            message: error.message,
        };
        Some(errors.into_iter().map(fault).collect())
    }
}

fn entry(actioner: &dyn Actioner) -> CatalogueEntry {
    let class = actioner.class(&json!({}));
    CatalogueEntry {
        name: actioner.name(),
        module: actioner.module(),
        summary: actioner.summary(),
        class: class.as_str(),
        key_window_seconds: class.window_seconds(),
        parameters: parameters::schema(actioner.parameters()),
    }
}
