//! Parameters of an action: JSON whose strings may hold `{{ expression }}`.
//!
//! Expressions are those of conditions, over `subject`, `event` and `now`. A string that is exactly
//! one expression becomes its value with its JSON type (`"{{ subject.key }}"`, `"{{ subject.tags }}"`);
//! in a longer string each expression is written as text: instants in RFC 3339, nothing for `null`,
//! lists and maps as compact JSON. `{{ '{{' }}` writes the braces themselves. Keys are never templates.
//!
//! Numbers that JSON readers disagree about (fractions, and integers beyond 2^53 − 1) are refused:
//! digests are taken over the resolved parameters. Write them as text, for example
//! `"{{ string(subject.share) }}"`.

mod error;
mod parts;
#[cfg(test)]
mod tests;

use domain::canonical;
use serde_json::{Map, Number, Value};

pub use self::error::TemplateError;
use self::{error::Pointer, parts::Part};
use crate::condition::{Expression, Scope};

/// The largest integer that every JSON reader understands alike.
const LARGEST_INTEGER: u64 = (1 << 53) - 1;
/// The longest resolved parameters, in bytes of compact JSON.
pub const LARGEST_RESULT: usize = 256 * 1024;
/// Lists and maps inside one another.
const DEEPEST: usize = 32;

/// Compiled parameters.
#[derive(Debug, Clone)]
pub struct Template(Node);

#[derive(Debug, Clone)]
enum Node {
    Fixed(Value),
    /// A string that is one expression and nothing else.
    Value(Expression),
    Text(Vec<Part>),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl Template {
    /// # Errors
    /// The first of [`Self::compile_all`].
    pub fn compile(value: &Value) -> Result<Self, TemplateError> {
        Self::compile_all(value).map_err(|errors| errors.into_iter().next().unwrap_or_default())
    }

    /// # Errors
    /// Everything that is wrong with the templates in `value`, in document order; each error names
    /// its place as a JSON pointer.
    pub fn compile_all(value: &Value) -> Result<Self, Vec<TemplateError>> {
        let mut errors = Vec::new();
        let node = compile(value, &mut Pointer::default(), &mut errors);
        if errors.is_empty() { Ok(Self(node)) } else { Err(errors) }
    }

    /// The parameters for this subject and event. The same scope always gives the same value.
    ///
    /// # Errors
    /// The first expression that does not evaluate, a number no digest can be taken over, or
    /// `template-too-large`.
    pub fn resolve(&self, scope: &Scope<'_>) -> Result<Value, TemplateError> {
        let mut pointer = Pointer::default();
        let mut room = LARGEST_RESULT;
        resolve(&self.0, scope, &mut pointer, &mut room)
    }
}

fn compile(value: &Value, at: &mut Pointer, errors: &mut Vec<TemplateError>) -> Node {
    if at.depth() > DEEPEST {
        let message = format!("parameters are nested more than {DEEPEST} deep");
        errors.push(at.error("template-too-large", message));
        return Node::Fixed(Value::Null);
    }
    match value {
        Value::String(text) => match parts::read(text) {
            Ok(parts) => string(parts),
            Err(fault) => {
                errors.push(at.error(fault.code, fault.message));
                Node::Fixed(Value::Null)
            }
        },
        Value::Array(items) => Node::List(
            items
                .iter()
                .enumerate()
                .map(|(index, item)| at.inside(&index.to_string(), |at| compile(item, at, errors)))
                .collect(),
        ),
        Value::Object(map) => Node::Map(
            map.iter()
                .map(|(key, item)| (key.clone(), at.inside(key, |at| compile(item, at, errors))))
                .collect(),
        ),
        Value::Number(number) => {
            errors.extend(numeric_fault(number, at));
            Node::Fixed(value.clone())
        }
        Value::Null | Value::Bool(_) => Node::Fixed(value.clone()),
    }
}

fn string(mut parts: Vec<Part>) -> Node {
    match parts.as_mut_slice() {
        [] => Node::Fixed(Value::from("")),
        [Part::Text(text)] => Node::Fixed(Value::from(std::mem::take(text))),
        [Part::Expression(expression)] => Node::Value(expression.clone()),
        _ => Node::Text(parts),
    }
}

fn resolve(
    node: &Node,
    scope: &Scope<'_>,
    at: &mut Pointer,
    room: &mut usize,
) -> Result<Value, TemplateError> {
    let value = match node {
        Node::Fixed(value) => value.clone(),
        Node::Value(expression) => {
            let value = expression.evaluate(scope).map_err(|error| at.condition(&error))?;
            numbers(&value, at)?;
            value
        }
        Node::Text(parts) => Value::from(text(parts, scope, at)?),
        Node::List(items) => {
            let mut list = Vec::with_capacity(items.len());
            for (index, item) in items.iter().enumerate() {
                let index = index.to_string();
                list.push(at.inside(&index, |at| resolve(item, scope, at, room))?);
            }
            return Ok(Value::Array(list));
        }
        Node::Map(entries) => {
            let mut map = Map::with_capacity(entries.len());
            for (key, item) in entries {
                let value = at.inside(key, |at| resolve(item, scope, at, room))?;
                map.insert(key.clone(), value);
            }
            return Ok(Value::Object(map));
        }
    };
    take_room(&value, at, room)?;
    Ok(value)
}

/// Counts a leaf against what the whole may weigh.
fn take_room(value: &Value, at: &Pointer, room: &mut usize) -> Result<(), TemplateError> {
    let weight = match value {
        Value::String(text) => text.len(),
        Value::Array(_) | Value::Object(_) => canonical::bytes(value).len(),
        _ => 8,
    };
    *room = room.checked_sub(weight).ok_or_else(|| {
        let message = format!("the parameters come to more than {LARGEST_RESULT} bytes");
        at.error("template-too-large", message)
    })?;
    Ok(())
}

fn text(parts: &[Part], scope: &Scope<'_>, at: &Pointer) -> Result<String, TemplateError> {
    let mut out = String::new();
    for part in parts {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::Expression(expression) => {
                match expression.evaluate(scope).map_err(|error| at.condition(&error))? {
                    Value::Null => {}
                    Value::String(text) => out.push_str(&text),
                    other => out.push_str(&canonical::text(&other)),
                }
            }
        }
    }
    Ok(out)
}

/// Refuses numbers in a resolved value that no digest should be taken over.
fn numbers(value: &Value, at: &mut Pointer) -> Result<(), TemplateError> {
    match value {
        Value::Number(number) => numeric_fault(number, at).map_or(Ok(()), Err),
        Value::Array(items) => items.iter().try_for_each(|item| numbers(item, at)),
        Value::Object(map) => map.values().try_for_each(|item| numbers(item, at)),
        _ => Ok(()),
    }
}

fn numeric_fault(number: &Number, at: &Pointer) -> Option<TemplateError> {
    let magnitude = number.as_i64().map(i64::unsigned_abs).or_else(|| number.as_u64());
    match magnitude {
        Some(magnitude) if magnitude <= LARGEST_INTEGER => None,
        Some(_) => {
            let message = "an integer beyond 2^53 − 1 has to be written as text";
            Some(at.error("template-number", message))
        }
        None => {
            let message = "a number with a fraction has to be written as text";
            Some(at.error("template-number", message))
        }
    }
}
