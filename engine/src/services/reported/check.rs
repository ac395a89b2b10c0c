//! What statements have to be like; everything that is wrong is named at once.

use chrono::SubsecRound as _;
use domain::{
    automation::is_valid_key,
    canonical,
    problem::Failure,
    reported::{Fact, Statement, StepStatus, Usage},
};
use serde_json::{Value, json};

use super::NewReport;
use crate::services::{FieldError, ServiceError};

/// The most statements of a batch.
pub const LARGEST_BATCH: usize = 500;

/// In characters.
const LONGEST_NAME: usize = 200;
const LONGEST_TEXT: usize = 2_000;

/// The largest detail of a statement that is kept, as compact JSON, in bytes.
const LARGEST_DETAIL: usize = 8 * 1024;

/// The longest silence that can be declared, in seconds: a week.
const LONGEST_SILENCE: i64 = 7 * 24 * 3_600;

/// The report as it is stored, if nothing is wrong with it.
pub(super) fn checked(mut report: NewReport) -> Result<NewReport, ServiceError> {
    let mut faults = Vec::new();
    let mut check = |field: String, found: Result<(), &'static str>| {
        if let Err(message) = found {
            faults.push(FieldError::new(field, message));
        }
    };
    check("external_id".to_owned(), name(&report.external_id));
    let key = "expected 2 to 60 of a-z, 0-9 and -, beginning with a letter";
    check("automation".to_owned(), is_valid_key(&report.automation).then_some(()).ok_or(key));
    if let Some(called) = &report.name {
        check("name".to_owned(), name(called));
    }
    let fits = (1..=LARGEST_BATCH).contains(&report.statements.len());
    check("statements".to_owned(), fits.then_some(()).ok_or("expected 1 to 500 statements"));
    for (n, said) in report.statements.iter_mut().enumerate() {
        said.at = said.at.trunc_subsecs(6);
        cut(&mut said.detail);
        for (field, found) in faults_of(said) {
            check(format!("statements.{n}.{field}"), Err(found));
        }
    }
    if faults.is_empty() { Ok(report) } else { Err(ServiceError::Invalid(faults)) }
}

/// The summary of a report, trimmed; an empty one is none.
pub(super) fn summary(text: Option<String>) -> Result<Option<String>, ServiceError> {
    let text = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    if let Some(text) = &text {
        long_text(text).map_err(|message| ServiceError::invalid("summary", message))?;
    }
    Ok(text)
}

fn name(text: &str) -> Result<(), &'static str> {
    let fits = (1..=LONGEST_NAME).contains(&text.chars().count())
        && !text.chars().any(char::is_control)
        && text.trim() == text;
    fits.then_some(())
        .ok_or("expected 1 to 200 characters, no control characters and no space around them")
}

fn long_text(text: &str) -> Result<(), &'static str> {
    let fits = text.chars().count() <= LONGEST_TEXT && !text.contains('\0');
    fits.then_some(()).ok_or("expected at most 2,000 characters")
}

fn number(number: Option<i64>) -> Result<(), &'static str> {
    number.is_none_or(|number| number >= 0).then_some(()).ok_or("expected no less than 0")
}

/// What is too large for the log is replaced by how large it was.
fn cut(detail: &mut Option<Value>) {
    let size = detail.as_ref().map_or(0, |detail| canonical::text(detail).len());
    if size > LARGEST_DETAIL {
        *detail = Some(json!({"dropped_bytes": size}));
    }
}

type Found = Vec<(&'static str, Result<(), &'static str>)>;

fn faults_of(said: &Statement) -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut found = of_fact(&said.fact);
    found.push(("seq", number(Some(said.seq))));
    if let Some(phase) = &said.phase {
        found.push(("phase", name(phase)));
    }
    found.into_iter().filter_map(|(field, found)| Some((field, found.err()?)))
}

fn of_fact(fact: &Fact) -> Found {
    match fact {
        Fact::Start { parent, heartbeat_seconds } => {
            let fits = heartbeat_seconds.is_none_or(|most| (1..=LONGEST_SILENCE).contains(&most));
            vec![
                ("parent", parent.as_deref().map_or(Ok(()), name)),
                ("heartbeat_seconds", fits.then_some(()).ok_or("expected 1 to 604,800 seconds")),
            ]
        }
        Fact::Step { name: called, duration_ms, began, failure, .. } => vec![
            ("name", name(called)),
            ("duration_ms", number(*duration_ms)),
            ("began", number(*began)),
            ("failure", of_failure(failure.as_ref())),
        ],
        Fact::Invocation { name: called, status, duration_ms, tries, bytes, failure } => {
            let ended = *status != StepStatus::Started;
            vec![
                ("name", name(called)),
                ("status", ended.then_some(()).ok_or("an invocation is told when it has ended")),
                ("duration_ms", number(*duration_ms)),
                ("tries", number(tries.map(|tries| tries - 1)).map_err(|_| "expected 1 or more")),
                ("bytes", number(*bytes)),
                ("failure", of_failure(failure.as_ref())),
            ]
        }
        Fact::Write { name: called } | Fact::Phase { name: called } => vec![("name", name(called))],
        Fact::Usage(usage) => of_usage(usage),
        Fact::Count { counters } => {
            let names = counters.keys().try_for_each(|counter| name(counter));
            let values = counters.values().try_for_each(|more| number(Some(*more)));
            vec![("counters", names.and(values))]
        }
        Fact::Note { text } => vec![("text", long_text(text))],
        Fact::Heartbeat => Vec::new(),
        Fact::Finish { summary, failure, .. } => vec![
            ("summary", summary.as_deref().map_or(Ok(()), long_text)),
            ("failure", of_failure(failure.as_ref())),
        ],
    }
}

fn of_usage(usage: &Usage) -> Found {
    vec![
        ("provider", usage.provider.as_deref().map_or(Ok(()), name)),
        ("model", usage.model.as_deref().map_or(Ok(()), name)),
        ("input_tokens", number(usage.input_tokens)),
        ("output_tokens", number(usage.output_tokens)),
    ]
}

fn of_failure(failure: Option<&Failure>) -> Result<(), &'static str> {
    failure.map_or(Ok(()), |failure| name(&failure.code).and(long_text(&failure.message)))
}
