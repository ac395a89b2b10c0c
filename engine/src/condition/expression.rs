//! A compiled expression: parsed and checked once, evaluated often.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use cel::{
    Context, Value as CelValue,
    common::{
        ast::IdedExpr,
        types::{CelBool, CelTimestamp},
        value::{CowVal, Val},
    },
    parser::PrattParser,
};
use chrono::{DateTime, FixedOffset};
use serde_json::Value;

use super::{
    Scope,
    check::{Uses, check},
    convert,
    error::{ConditionCode, ConditionError},
    estimate::{self, Inputs, Size},
    functions::ENV,
};

/// Parentheses and operators that stand inside one another in the text.
const DEEPEST_TEXT: u16 = 32;
/// Steps an evaluation may take: some 50 milliseconds.
const MOST_STEPS: u64 = 500_000;
/// The largest input looked at, for either variable.
const LARGEST_INPUT: Size = Size { nodes: 20_000, bytes: 1024 * 1024 };
/// An everyday input. An expression that is cheap on it is not estimated again for smaller ones.
const USUAL_INPUT: Size = Size { nodes: 500, bytes: 16 * 1024 };

/// A CEL expression over `subject`, `event` and `now`, within the limits of this module.
#[derive(Debug, Clone)]
pub struct Expression(Arc<Compiled>);

#[derive(Debug)]
struct Compiled {
    source: String,
    root: IdedExpr,
    uses: Uses,
    cheap_on_usual_input: bool,
}

impl Expression {
    /// The longest source, in bytes.
    pub const LONGEST: usize = 4 * 1024;

    /// # Errors
    /// `condition-does-not-parse`, `condition-unknown-variable`, `condition-unknown-function` or
    /// `condition-too-large`.
    pub fn compile(source: &str) -> Result<Self, ConditionError> {
        if source.len() > Self::LONGEST {
            let message = format!("the expression is longer than {} bytes", Self::LONGEST);
            return Err(ConditionError::too_large(message));
        }
        let root = guarded(|| {
            PrattParser::new()
                .max_recursion_depth(DEEPEST_TEXT)
                .parse(source)
                .map_err(|errors| ConditionError::parse(&errors))
        })?;
        let uses = check(&root)?;
        let smallest = Size { nodes: 1, bytes: 1 };
        within_budget(&root, Inputs { subject: smallest, event: smallest })?;
        let usual = Inputs { subject: USUAL_INPUT, event: USUAL_INPUT };
        let cheap_on_usual_input = within_budget(&root, usual).is_ok();
        let source = source.to_owned();
        Ok(Self(Arc::new(Compiled { source, root, uses, cheap_on_usual_input })))
    }

    /// The text it was compiled from.
    pub fn source(&self) -> &str {
        &self.0.source
    }

    /// The result as JSON.
    ///
    /// # Errors
    /// `condition-does-not-evaluate` or `condition-too-large`.
    pub fn evaluate(&self, scope: &Scope<'_>) -> Result<Value, ConditionError> {
        self.run(scope, |result| {
            let value = CelValue::try_from(result.as_ref())
                .map_err(|error| ConditionError::execution(&error))?;
            convert::to_json(&value)
        })
    }

    /// The result, which has to be true or false.
    pub(super) fn truth(&self, scope: &Scope<'_>) -> Result<bool, ConditionError> {
        self.run(scope, |result| match result.downcast_ref::<CelBool>() {
            Some(truth) => Ok(*truth.inner()),
            None => {
                let message =
                    format!("a condition is true or false, not a {}", result.get_type().name());
                Err(ConditionError::new(ConditionCode::NotBoolean, message))
            }
        })
    }

    fn run<T>(
        &self,
        scope: &Scope<'_>,
        read: impl FnOnce(CowVal<'_, '_>) -> Result<T, ConditionError>,
    ) -> Result<T, ConditionError> {
        let (subject, subject_size) = convert::to_cel(scope.subject, &self.0.uses.subject);
        let (event, event_size) = convert::to_cel(scope.event, &self.0.uses.event);
        self.affordable(Inputs { subject: subject_size, event: event_size })?;
        let mut context = Context::with_env(Arc::clone(&ENV));
        context.add_variable_as_val("subject", subject);
        context.add_variable_as_val("event", event);
        context.add_variable_as_val("now", instant(scope));
        guarded(|| {
            let result = CelValue::resolve_val(&self.0.root, &context)
                .map_err(|error| ConditionError::execution(&error))?;
            read(result)
        })
    }

    fn affordable(&self, inputs: Inputs) -> Result<(), ConditionError> {
        for (name, size) in [("subject", inputs.subject), ("event", inputs.event)] {
            if !size.fits(LARGEST_INPUT) {
                let message = format!("the {name} is too large to be looked at by an expression");
                return Err(ConditionError::too_large(message));
            }
        }
        let usual = inputs.subject.fits(USUAL_INPUT) && inputs.event.fits(USUAL_INPUT);
        if usual && self.0.cheap_on_usual_input {
            return Ok(());
        }
        within_budget(&self.0.root, inputs)
    }
}

fn instant<'v>(scope: &Scope<'_>) -> Box<dyn Val + 'v> {
    Box::new(CelTimestamp::from(DateTime::<FixedOffset>::from(scope.now)))
}

fn within_budget(root: &IdedExpr, inputs: Inputs) -> Result<(), ConditionError> {
    if estimate::steps(root, inputs) > MOST_STEPS {
        let message = format!("the expression may take more than {MOST_STEPS} steps");
        return Err(ConditionError::too_large(message));
    }
    Ok(())
}

/// A panic in the library stays one failed expression.
fn guarded<T>(work: impl FnOnce() -> Result<T, ConditionError>) -> Result<T, ConditionError> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(ConditionError::not_evaluated("the library gave up")))
}
