//! The parameters of an action: YAML to JSON, templates and actioner checked.

use serde_json::{Map, Number, Value};

use super::{
    Catalogue,
    error::Report,
    fields::{Field, did_you_mean, shown},
    yaml::{Kind, Node, Scalar},
};
use crate::template::Template;

/// Parameters as JSON, by YAML's core schema.
pub(super) fn json(node: &Node) -> Value {
    match &node.kind {
        Kind::Scalar(scalar) => scalar_value(scalar),
        Kind::List(items) => Value::Array(items.iter().map(json).collect()),
        Kind::Map(entries) => Value::Object(
            entries
                .iter()
                .map(|entry| (entry.key.clone(), json(&entry.value)))
                .collect::<Map<_, _>>(),
        ),
    }
}

fn scalar_value(scalar: &Scalar) -> Value {
    let text = scalar.text.as_str();
    if !scalar.is_plain() {
        return Value::from(text);
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => number(text).map_or_else(|| Value::from(text), Value::Number),
    }
}

fn number(text: &str) -> Option<Number> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    if let Some(hexadecimal) = text.strip_prefix("0x") {
        return i64::from_str_radix(hexadecimal, 16).ok().map(Number::from);
    }
    if let Some(octal) = text.strip_prefix("0o") {
        return i64::from_str_radix(octal, 8).ok().map(Number::from);
    }
    let whole = digits.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse::<i64>() {
        Ok(integer) if whole => Some(Number::from(integer)),
        _ => text.parse().ok().and_then(Number::from_f64),
    }
}

/// Reports what templates and actioner have against the parameters. `with` is the field they stand
/// in, or that of the whole action if there are none.
pub(super) fn check(
    actioner: &Field<'_>,
    name: &str,
    with: &Field<'_>,
    value: &Value,
    catalogue: &dyn Catalogue,
    report: &Report<'_>,
) {
    if let Err(errors) = Template::compile_all(value) {
        for error in errors {
            at_pointer(with, &error.pointer).error(report, error.code, error.message);
        }
    }
    match catalogue.faults(name, value) {
        Some(faults) => {
            for fault in faults {
                let place = at_pointer(with, &fault.pointer);
                place.error(report, "invalid-parameter", fault.message);
            }
        }
        None => {
            let names = catalogue.names();
            let message =
                format!("there is no actioner '{}'{}", shown(name), did_you_mean(name, &names));
            actioner.error(report, "unknown-actioner", message);
        }
    }
}

/// The deepest field that a JSON pointer reaches: what is missing is reported where it should be.
fn at_pointer<'n>(with: &Field<'n>, pointer: &str) -> Field<'n> {
    let mut field = with.clone();
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        let below = match &field.node.kind {
            Kind::Map(_) => field.node.get(&step).map(|entry| &entry.value),
            Kind::List(items) => step.parse::<usize>().ok().and_then(|index| items.get(index)),
            Kind::Scalar(_) => None,
        };
        field.path = match &field.node.kind {
            Kind::List(_) => format!("{}[{step}]", field.path),
            _ => format!("{}.{step}", field.path),
        };
        let Some(below) = below else { break };
        field.node = below;
    }
    field
}
