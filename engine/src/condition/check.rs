//! Which names an expression uses, and whether it may.

use std::collections::BTreeSet;

use cel::common::ast::{ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue};
use regex::RegexBuilder;

use super::{
    Names,
    error::{ConditionCode, ConditionError, Short},
    functions::{FUNCTIONS, OPERATORS, TYPES},
};

/// Levels of the parsed expression. Evaluation recurses once a level.
pub(super) const DEEPEST: usize = 64;
/// Macros (`exists`, `map`, …) inside the bodies of macros.
const MOST_NESTED: usize = 2;
/// Compiled size of a pattern, in bytes; cel compiles it at each evaluation.
const LARGEST_PATTERN: usize = 64 * 1024;

/// What of a variable an expression reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Use {
    /// These fields and nothing else; none at all if empty.
    Fields(BTreeSet<String>),
    Whole,
}

/// What an expression reads of the variables it may name, in their order.
pub(super) type Uses = Vec<Use>;

/// Walks the expression once; the first name that may not be used is the error. `now` may always be.
pub(super) fn check(root: &IdedExpr, names: Names) -> Result<Uses, ConditionError> {
    let uses = names.iter().map(|_| Use::Fields(BTreeSet::new())).collect();
    let mut check = Check { locals: Vec::new(), depth: 0, nesting: 0, names, uses };
    check.visit(root)?;
    Ok(check.uses)
}

struct Check<'e> {
    locals: Vec<&'e str>,
    depth: usize,
    nesting: usize,
    names: Names,
    uses: Uses,
}

impl<'e> Check<'e> {
    fn visit(&mut self, node: &'e IdedExpr) -> Result<(), ConditionError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            let message = format!("the expression is nested more than {DEEPEST} levels deep");
            return Err(ConditionError::too_large(message));
        }
        let seen = self.children(&node.expr);
        self.depth -= 1;
        seen
    }

    fn children(&mut self, expr: &'e Expr) -> Result<(), ConditionError> {
        match expr {
            Expr::Unspecified => Err(unsupported("it has an empty part")),
            Expr::Struct(_) => Err(unsupported("typed messages cannot be built here")),
            Expr::Literal(_) => Ok(()),
            Expr::Ident(name) => self.ident(name),
            Expr::Select(select) => match &select.operand.expr {
                Expr::Ident(name) if self.field(name, &select.field) => Ok(()),
                _ => self.visit(&select.operand),
            },
            Expr::List(list) => list.elements.iter().try_for_each(|node| self.visit(node)),
            Expr::Map(map) => map.entries.iter().try_for_each(|entry| match &entry.expr {
                EntryExpr::MapEntry(entry) => {
                    self.visit(&entry.key)?;
                    self.visit(&entry.value)
                }
                EntryExpr::StructField(_) => Err(unsupported("a map needs keys")),
            }),
            Expr::Call(call) => {
                function(&call.func_name)?;
                if call.func_name == "matches" {
                    pattern(call.args.last())?;
                }
                call.target.iter().try_for_each(|target| self.visit(target))?;
                call.args.iter().try_for_each(|node| self.visit(node))
            }
            Expr::Comprehension(macro_) => self.comprehension(macro_),
        }
    }

    fn comprehension(&mut self, macro_: &'e ComprehensionExpr) -> Result<(), ConditionError> {
        self.visit(&macro_.iter_range)?;
        self.visit(&macro_.accu_init)?;
        self.nesting += 1;
        if self.nesting > MOST_NESTED {
            let message = format!("macros are nested more than {MOST_NESTED} deep");
            return Err(ConditionError::too_large(message));
        }
        let outer = self.locals.len();
        self.locals.extend([macro_.iter_var.as_str(), macro_.accu_var.as_str()]);
        self.locals.extend(macro_.iter_var2.as_deref());
        let seen = [&macro_.loop_cond, &macro_.loop_step, &macro_.result]
            .into_iter()
            .try_for_each(|node| self.visit(node));
        self.locals.truncate(outer);
        self.nesting -= 1;
        seen
    }

    fn ident(&mut self, name: &'e str) -> Result<(), ConditionError> {
        if self.locals.contains(&name) || name == "now" || TYPES.contains(&name) {
            return Ok(());
        }
        match self.variable(name) {
            Some(used) => *used = Use::Whole,
            None => {
                let known = self.names.join(", ");
                let message = format!(
                    "'{}' is not known here: an expression sees {known} and now",
                    Short(name)
                );
                return Err(ConditionError::new(ConditionCode::UnknownVariable, message));
            }
        }
        Ok(())
    }

    /// Notes `name.field`; false if `name` is not a variable of the scope.
    fn field(&mut self, name: &str, field: &str) -> bool {
        if self.locals.contains(&name) {
            return false;
        }
        let Some(used) = self.variable(name) else {
            return false;
        };
        if let Use::Fields(fields) = used {
            fields.insert(field.to_owned());
        }
        true
    }

    fn variable(&mut self, name: &str) -> Option<&mut Use> {
        let place = self.names.iter().position(|known| *known == name)?;
        self.uses.get_mut(place)
    }
}

fn function(name: &str) -> Result<(), ConditionError> {
    if OPERATORS.contains(&name) || FUNCTIONS.contains(&name) {
        return Ok(());
    }
    let message = format!("there is no function '{}'", Short(name));
    Err(ConditionError::new(ConditionCode::UnknownFunction, message))
}

/// A pattern must be written out, so that it can be measured before it is used.
fn pattern(node: Option<&IdedExpr>) -> Result<(), ConditionError> {
    let Some(Expr::Literal(LiteralValue::String(text))) = node.map(|node| &node.expr) else {
        return Err(unsupported("matches needs its pattern written out as text"));
    };
    match RegexBuilder::new(text.inner()).size_limit(LARGEST_PATTERN).build() {
        Ok(_) => Ok(()),
        Err(regex::Error::CompiledTooBig(_)) => {
            Err(ConditionError::too_large("the pattern of matches is too large"))
        }
        Err(_) => Err(unsupported("the pattern of matches is not a regular expression")),
    }
}

fn unsupported(why: &str) -> ConditionError {
    let message = format!("the expression does not parse: {why}");
    ConditionError::new(ConditionCode::DoesNotParse, message)
}
