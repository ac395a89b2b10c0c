//! Versions of definitions, compiled once and kept: they never change.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use domain::{automation::Definition, id::AutomationId, problem::Failure};

use crate::{
    condition::{Condition, Scope},
    store::{Session, StoreError},
    template::Template,
};

/// A version ready to run.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub(crate) definition: Definition,
    condition: Result<Option<Condition>, Failure>,
    parameters: Result<Template, Failure>,
}

impl Compiled {
    fn new(definition: Definition) -> Self {
        let condition = definition.condition.as_deref().map(Condition::compile).transpose();
        let parameters = Template::compile(&definition.action.with);
        Self {
            condition: condition.map_err(|error| not_evaluated(&error)),
            parameters: parameters.map_err(|error| not_resolved(&error)),
            definition,
        }
    }

    /// Whether the condition selects a subject.
    pub(crate) fn holds(&self, scope: &Scope<'_>) -> Result<bool, Failure> {
        match &self.condition {
            Ok(Some(condition)) => condition.holds(scope).map_err(|error| not_evaluated(&error)),
            Ok(None) => Ok(true),
            Err(failure) => Err(failure.clone()),
        }
    }

    /// The parameters of the action for a subject.
    pub(crate) fn resolve(&self, scope: &Scope<'_>) -> Result<serde_json::Value, Failure> {
        let template = self.parameters.as_ref().map_err(Clone::clone)?;
        template.resolve(scope).map_err(|error| not_resolved(&error))
    }
}

fn not_evaluated(error: &dyn std::error::Error) -> Failure {
    let message = format!("The condition does not evaluate: {error}");
    Failure::deterministic("condition-does-not-evaluate", message)
}

fn not_resolved(error: &dyn std::error::Error) -> Failure {
    let message = format!("The parameters cannot be resolved: {error}");
    Failure::deterministic("parameters-do-not-resolve", message)
}

type Known = HashMap<(AutomationId, i64), Arc<Compiled>>;

/// The versions this process has met. Clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Versions {
    known: Arc<Mutex<Known>>,
}

/// More than this many versions in use at a time are compiled anew now and then.
const MOST_KEPT: usize = 1_000;

impl Versions {
    /// A version, compiled.
    pub(crate) async fn get(
        &self,
        session: &mut Session,
        automation: AutomationId,
        version: i64,
    ) -> Result<Arc<Compiled>, StoreError> {
        if let Some(compiled) = self.known(automation, version) {
            return Ok(compiled);
        }
        let found = session.definition(automation, version).await?;
        let missing = || StoreError::Inconsistent {
            table: "automation_version",
            column: "number",
            message: format!("{automation} has no version {version}"),
        };
        let compiled = Arc::new(Compiled::new(found.ok_or_else(missing)?));
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_KEPT {
            known.clear();
        }
        known.insert((automation, version), Arc::clone(&compiled));
        Ok(compiled)
    }

    fn known(&self, automation: AutomationId, version: i64) -> Option<Arc<Compiled>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&(automation, version)).map(Arc::clone)
    }
}
