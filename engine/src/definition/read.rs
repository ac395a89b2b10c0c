//! A file, its documents, and the fields of each.

use domain::{
    automation::{
        Action, Approvals, Definition, OnItemFailure, RetryPolicy, Subjects, is_valid_key,
    },
    record::check_kind,
    trigger::{Trigger, TriggerKind},
};
use saphyr_parser::ScalarStyle;
use serde_json::{Map, Value};

use super::{
    Catalogue, LARGEST_FILE, Parsed, approval, budget,
    error::{Mark, Report},
    fields::{Field, Fields},
    trigger::trigger,
    with,
    yaml::{Document, Kind, documents},
};
use crate::condition::{Condition, ConditionError};

pub(super) const DEFINITION: &[&str] = &[
    "key",
    "name",
    "description",
    "trigger",
    "subjects",
    "condition",
    "action",
    "approval",
    "retry",
    "budget",
    "on-item-failure",
];
pub(super) const SUBJECTS: &[&str] = &["from", "kind"];
pub(super) const FROM: &[&str] = &["register", "event"];
pub(super) const ACTION: &[&str] = &["actioner", "with"];

pub(super) const LONGEST_NAME: usize = 120;
const LONGEST_DESCRIPTION: usize = 2_000;

pub(super) fn file(text: &str, catalogue: &dyn Catalogue, report: &Report<'_>) -> Vec<Parsed> {
    let top = Mark { line: 1, column: 1 };
    if text.len() > LARGEST_FILE {
        let message = format!("the file is larger than {} KiB", LARGEST_FILE / 1024);
        report.add(top, "", "file-too-large", message);
        return Vec::new();
    }
    let documents = documents(text, report);
    let mut parsed: Vec<Parsed> = Vec::new();
    for (index, document) in documents.iter().enumerate().filter(|(_, d)| !d.root.is_null()) {
        let Some(definition) = definition(document, catalogue, report) else {
            continue;
        };
        if parsed.iter().any(|earlier| earlier.definition.key == definition.key) {
            let message = format!("the key '{}' is there twice in this file", definition.key);
            report.add(document.root.at, "key", "duplicate-key", message);
        }
        let until = documents.get(index + 1).map(|next| next.first_line);
        parsed.push(Parsed { definition, source: lines(text, document.first_line, until) });
    }
    if parsed.is_empty() && report.count() == 0 {
        report.add(top, "", "no-definition", "the file holds no definition");
    }
    parsed
}

/// The lines from `first` up to, not including, `until`; both count from 1.
fn lines(text: &str, first: usize, until: Option<usize>) -> String {
    let until = until.unwrap_or(usize::MAX);
    text.split_inclusive('\n').skip(first - 1).take(until - first).collect()
}

fn definition(
    document: &Document,
    catalogue: &dyn Catalogue,
    report: &Report<'_>,
) -> Option<Definition> {
    let root = Field { node: &document.root, path: String::new() };
    let fields = root.fields(report, DEFINITION)?;
    // Every section is read before the first `?`, so that all errors are found.
    let key = fields.require(report, "key").and_then(|field| key(&field, report));
    let name = fields.require(report, "name").and_then(|f| f.line(report, LONGEST_NAME));
    let description = description(&fields, report);
    let trigger = fields.require(report, "trigger").and_then(|field| trigger(&field, report));
    let subjects = subjects(&fields, trigger.as_ref(), report);
    let condition = fields.get("condition").and_then(|field| condition(&field, report));
    let action =
        fields.require(report, "action").and_then(|field| action(&field, catalogue, report));
    let approval = match fields.get("approval") {
        Some(field) => approval::approvals(&field, report),
        None => Some(Approvals::default()),
    };
    let retry = match fields.get("retry") {
        Some(field) => approval::retry(&field, report),
        None => Some(RetryPolicy::default()),
    };
    let budget = match fields.get("budget") {
        Some(field) => budget::budget(&field, action.as_ref(), report).map(Some),
        None => Some(None),
    };
    let on_item_failure = match fields.get("on-item-failure") {
        Some(field) => field.word(report, OnItemFailure::ALL, OnItemFailure::as_str),
        None => Some(OnItemFailure::Close),
    };
    Some(Definition {
        key: key?,
        name: name?,
        description: description?,
        trigger: trigger?,
        subjects: subjects?,
        condition,
        action: action?,
        approval: approval?,
        retry: retry?,
        budget: budget?,
        on_item_failure: on_item_failure?,
    })
}

pub(super) fn key(field: &Field<'_>, report: &Report<'_>) -> Option<String> {
    let key = field.text(report)?;
    if !is_valid_key(key) {
        let message =
            "a key has 2 to 60 characters of a-z, 0-9 and hyphens, and begins with a letter";
        field.error(report, "invalid-value", message);
        return None;
    }
    Some(key.to_owned())
}

fn description(fields: &Fields<'_>, report: &Report<'_>) -> Option<String> {
    let Some(field) = fields.get("description") else {
        return Some(String::new());
    };
    let text = field.text(report)?.trim();
    if text.chars().count() > LONGEST_DESCRIPTION {
        let message = format!("a description has at most {LONGEST_DESCRIPTION} characters");
        field.error(report, "invalid-value", message);
        return None;
    }
    Some(text.to_owned())
}

fn subjects(
    fields: &Fields<'_>,
    trigger: Option<&Trigger>,
    report: &Report<'_>,
) -> Option<Subjects> {
    let fields = fields.require(report, "subjects")?.fields(report, SUBJECTS)?;
    let from = fields.require(report, "from");
    let word = from.as_ref().and_then(|field| field.word(report, FROM, |word| word));
    let kind = fields.require(report, "kind").and_then(|field| {
        let kind = field.text(report)?;
        match check_kind(kind) {
            Ok(()) => Some(kind.to_owned()),
            Err(error) => {
                field.error(report, "invalid-value", error.to_string());
                None
            }
        }
    });
    if word? == "register" {
        return Some(Subjects::Register { kind: kind? });
    }
    if trigger.is_some_and(|trigger| trigger.kind == TriggerKind::Schedule) {
        let message = "a schedule is about no record; use 'register'";
        from?.error(report, "invalid-value", message);
        return None;
    }
    Some(Subjects::Event { kind: kind? })
}

fn condition(field: &Field<'_>, report: &Report<'_>) -> Option<String> {
    let source = field.text(report)?.trim_end();
    match Condition::compile(source) {
        Ok(_) => Some(source.to_owned()),
        Err(error) => {
            let at = inside(field, &error);
            report.add(at, &field.path, error.code.as_str(), error.message);
            None
        }
    }
}

/// Where in the file an error inside an expression stands, as far as its style lets us know.
pub(super) fn inside(field: &Field<'_>, error: &ConditionError) -> Mark {
    let at = field.node.at;
    let (Kind::Scalar(scalar), Some(place)) = (&field.node.kind, error.place) else {
        return at;
    };
    match scalar.style {
        // The scalar begins where its first line of text does.
        ScalarStyle::Literal => {
            Mark { line: at.line + place.line - 1, column: at.column + place.column - 1 }
        }
        ScalarStyle::Folded => at,
        style if place.line == 1 => {
            let quote = usize::from(style != ScalarStyle::Plain);
            Mark { line: at.line, column: at.column + quote + place.column - 1 }
        }
        _ => at,
    }
}

fn action(field: &Field<'_>, catalogue: &dyn Catalogue, report: &Report<'_>) -> Option<Action> {
    let fields = field.fields(report, ACTION)?;
    let actioner = fields.require(report, "actioner");
    let name = actioner.as_ref().and_then(|field| field.line(report, LONGEST_NAME));
    let with = fields.get("with");
    if let Some(with) = &with
        && !matches!(with.node.kind, Kind::Map(_))
    {
        with.error(report, "wrong-type", "parameters are a group of fields");
        return None;
    }
    let value = with.as_ref().map_or_else(|| Value::Object(Map::new()), |w| with::json(w.node));
    let place =
        with.unwrap_or_else(|| Field { node: field.node, path: format!("{}.with", field.path) });
    let name = name?;
    with::check(&actioner?, &name, &place, &value, catalogue, report);
    Some(Action { actioner: name, with: value })
}
