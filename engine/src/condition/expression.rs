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
use chrono::{DateTime, FixedOffset, Utc};
use serde_json::Value;

use super::{
    CONDITIONS, Names, Scope,
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
/// The largest input looked at, for each variable.
const LARGEST_INPUT: Size = Size { nodes: 20_000, bytes: 1024 * 1024 };
/// An everyday input. An expression that is cheap on it is not estimated again for smaller ones.
const USUAL_INPUT: Size = Size { nodes: 500, bytes: 16 * 1024 };

/// A CEL expression within the limits of this module.
#[derive(Debug, Clone)]
pub struct Expression(Arc<Compiled>);

#[derive(Debug)]
struct Compiled {
    source: String,
    root: IdedExpr,
    names: Names,
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
        Self::over(CONDITIONS, source)
    }

    /// As [`Self::compile`], over these variables and `now`.
    pub(super) fn over(names: Names, source: &str) -> Result<Self, ConditionError> {
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
        let uses = check(&root, names)?;
        let smallest = vec![Size { nodes: 1, bytes: 1 }; names.len()];
        within_budget(&root, Inputs { names, sizes: &smallest })?;
        let usual = vec![USUAL_INPUT; names.len()];
        let cheap_on_usual_input = within_budget(&root, Inputs { names, sizes: &usual }).is_ok();
        let source = source.to_owned();
        Ok(Self(Arc::new(Compiled { source, root, names, uses, cheap_on_usual_input })))
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
        self.run(&scope.values(), scope.now, |result| {
            let value = CelValue::try_from(result.as_ref())
                .map_err(|error| ConditionError::execution(&error))?;
            convert::to_json(&value)
        })
    }

    /// The result, which has to be true or false. The values are those of the variables, in their order.
    pub(super) fn truth(
        &self,
        values: &[&Value],
        now: DateTime<Utc>,
    ) -> Result<bool, ConditionError> {
        self.run(values, now, |result| match result.downcast_ref::<CelBool>() {
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
        values: &[&Value],
        now: DateTime<Utc>,
        read: impl FnOnce(CowVal<'_, '_>) -> Result<T, ConditionError>,
    ) -> Result<T, ConditionError> {
        let mut sizes = Vec::with_capacity(values.len());
        let mut context = Context::with_env(Arc::clone(&ENV));
        for ((name, used), value) in self.0.names.iter().zip(&self.0.uses).zip(values) {
            let (value, size) = convert::to_cel(value, used);
            context.add_variable_as_val(*name, value);
            sizes.push(size);
        }
        self.affordable(Inputs { names: self.0.names, sizes: &sizes })?;
        context.add_variable_as_val("now", instant(now));
        guarded(|| {
            let result = CelValue::resolve_val(&self.0.root, &context)
                .map_err(|error| ConditionError::execution(&error))?;
            read(result)
        })
    }

    fn affordable(&self, inputs: Inputs<'_>) -> Result<(), ConditionError> {
        for (name, size) in inputs.names.iter().zip(inputs.sizes) {
            if !size.fits(LARGEST_INPUT) {
                let message = format!("the {name} is too large to be looked at by an expression");
                return Err(ConditionError::too_large(message));
            }
        }
        let usual = inputs.sizes.iter().all(|size| size.fits(USUAL_INPUT));
        if usual && self.0.cheap_on_usual_input {
            return Ok(());
        }
        within_budget(&self.0.root, inputs)
    }
}

fn instant<'v>(now: DateTime<Utc>) -> Box<dyn Val + 'v> {
    Box::new(CelTimestamp::from(DateTime::<FixedOffset>::from(now)))
}

fn within_budget(root: &IdedExpr, inputs: Inputs<'_>) -> Result<(), ConditionError> {
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
