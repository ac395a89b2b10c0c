//! Versions of definitions, compiled once and kept: they never change.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use domain::{
    audit::VersionInEffect, automation::Definition, budget::Cost, id::AutomationId, money::Usd,
    problem::Failure,
};

use serde_json::Value;

use crate::{
    condition::{Condition, Scope},
    store::{Session, StoreError},
    template::Template,
};

/// A version ready to run.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub(crate) definition: Definition,
    /// How the leaves of what is started under it name it.
    pub(crate) in_effect: Arc<VersionInEffect>,
    condition: Result<Option<Condition>, Failure>,
    parameters: Result<Template, Failure>,
    /// How many units an action takes, where its price is one for each.
    units: Result<Option<Template>, Failure>,
}

impl Compiled {
    pub(crate) fn new(automation: AutomationId, number: i64, definition: Definition) -> Self {
        let condition = definition.condition.as_deref().map(Condition::compile).transpose();
        let parameters = Template::compile(&definition.action.with);
        let units = match definition.budget.as_ref().map(|budget| &budget.cost) {
            Some(Cost::PerUnit { units, .. }) => {
                Template::compile(&Value::from(units.as_str())).map(Some)
            }
            _ => Ok(None),
        };
        let digest = definition.digest();
        Self {
            condition: condition.map_err(|error| not_evaluated(&error)),
            parameters: parameters.map_err(|error| not_resolved(&error)),
            units: units.map_err(|error| no_cost(&error)),
            in_effect: Arc::new(VersionInEffect { automation, number, digest }),
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
    pub(crate) fn resolve(&self, scope: &Scope<'_>) -> Result<Value, Failure> {
        let template = self.parameters.as_ref().map_err(Clone::clone)?;
        template.resolve(scope).map_err(|error| not_resolved(&error))
    }
}

impl Compiled {
    /// What an action on this subject is estimated to cost at most; `None` where nobody estimates it.
    pub(crate) fn estimate(&self, scope: &Scope<'_>) -> Result<Option<Usd>, Failure> {
        let Some(budget) = &self.definition.budget else { return Ok(None) };
        let price = match &budget.cost {
            Cost::Fixed { amount } | Cost::Reported { at_most: amount } => {
                return Ok(Some(*amount));
            }
            Cost::PerUnit { price, .. } => price,
        };
        let Some(units) = self.units.as_ref().map_err(Clone::clone)? else { return Ok(None) };
        let units = units.resolve(scope).map_err(|error| no_cost(&error))?;
        let count = units.as_i64().or_else(|| units.as_str()?.parse().ok());
        let cost = count.filter(|count| *count >= 0).and_then(|count| price.times(count));
        let message = || format!("The cost cannot be worked out: {units} is no number of units.");
        cost.map(Some).ok_or_else(|| Failure::deterministic("cost-does-not-resolve", message()))
    }
}

fn no_cost(error: &dyn std::error::Error) -> Failure {
    let message = format!("The cost cannot be worked out: {error}");
    Failure::deterministic("cost-does-not-resolve", message)
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
        let compiled = Arc::new(Compiled::new(automation, version, found.ok_or_else(missing)?));
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
