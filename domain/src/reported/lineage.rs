//! OpenLineage run events (schema 2-0-2) as statements.
//!
//! | event | says |
//! |---|---|
//! | `START` | the run started; its parent is that of the `parent` facet |
//! | `RUNNING`, `OTHER` | it is alive; the facets are kept |
//! | `COMPLETE` | it finished: `success` |
//! | `ABORT` | it finished: `cancelled` |
//! | `FAIL` | it finished: `failed`, with the message of the `errorMessage` facet |
//!
//! Such events have no numbers. One is made of the event's time and kind and a few bits of its digest, so
//! that the same event again is known, and the last word of a run counts.

use serde_json::{Value, json};

use super::{Fact, Outcome, Statement};
use crate::{Timestamp, automation::is_valid_key, canonical, problem::Failure};

/// The longest key of an automation.
const LONGEST_KEY: usize = 60;

/// What cannot be read of an event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message}")]
pub struct LineageFault {
    /// Where it is, with slashes, such as `run/runId`.
    pub field: &'static str,
    pub message: String,
}

/// A run event.
#[derive(Debug, Clone, PartialEq)]
pub struct LineageEvent {
    /// The run, as its scheduler calls it.
    pub run: String,
    /// `namespace/name` of the job.
    pub job: String,
    pub said: Statement,
}

impl LineageEvent {
    /// Reads an event.
    ///
    /// # Errors
    /// Names the first place that is missing or wrong.
    pub fn read(event: &Value) -> Result<Self, LineageFault> {
        let run = text(event, "run/runId")?;
        let job = format!("{}/{}", text(event, "job/namespace")?, text(event, "job/name")?);
        let at: Timestamp = text(event, "eventTime")?
            .parse()
            .map_err(|error| fault("eventTime", format!("expected an instant: {error}")))?;
        // Without a kind an event is one of the metadata of a run under way.
        let kind = event["eventType"].as_str().unwrap_or("OTHER");
        let (rank, fact) = fact(kind, event)?;
        let said = Statement {
            seq: number(at, rank, event),
            at,
            phase: None,
            fact,
            detail: Some(detail(kind, event)),
        };
        Ok(Self { run: run.to_owned(), job, said })
    }

    /// The key of the automation that the job is known as: its name in the letters that keys have, and
    /// where that loses something, the beginning of its digest.
    pub fn key(&self) -> String {
        let mut slug = String::new();
        for c in self.job.chars() {
            match c.to_ascii_lowercase() {
                c @ ('a'..='z' | '0'..='9') => slug.push(c),
                _ if slug.is_empty() || slug.ends_with('-') => {}
                _ => slug.push('-'),
            }
        }
        let slug = slug.trim_end_matches('-');
        let plain = slug.replacen('-', "/", 1) == self.job;
        if plain && is_valid_key(slug) {
            return slug.to_owned();
        }
        let digest: String = canonical::digest(self.job.as_bytes()).chars().take(8).collect();
        let room = LONGEST_KEY - digest.len() - "job--".len();
        let head: String = slug.chars().take(room).collect();
        format!("job-{}-{digest}", head.trim_matches('-')).replace("--", "-")
    }
}

fn fault(field: &'static str, message: impl Into<String>) -> LineageFault {
    LineageFault { field, message: message.into() }
}

fn text<'a>(event: &'a Value, field: &'static str) -> Result<&'a str, LineageFault> {
    let found = event.pointer(&format!("/{field}")).and_then(Value::as_str);
    found
        .filter(|text| (1..=200).contains(&text.len()) && !text.contains(char::is_control))
        .ok_or_else(|| fault(field, "expected a text of 1 to 200 bytes"))
}

/// What an event says, and where it stands among those of the same instant.
fn fact(kind: &str, event: &Value) -> Result<(i64, Fact), LineageFault> {
    let finish = |outcome, failure| Fact::Finish { outcome, summary: None, failure };
    let facets = &event["run"]["facets"];
    Ok(match kind {
        "START" => {
            let parent = facets.pointer("/parent/run/runId").and_then(Value::as_str);
            (0, Fact::Start { parent: parent.map(str::to_owned), heartbeat_seconds: None })
        }
        "RUNNING" => (1, Fact::Heartbeat),
        "OTHER" => (2, Fact::Heartbeat),
        "COMPLETE" => (3, finish(Outcome::Success, None)),
        "ABORT" => (4, finish(Outcome::Cancelled, None)),
        "FAIL" => {
            let message = facets.pointer("/errorMessage/message").and_then(Value::as_str);
            let failure = message.map(|message| Failure::unknown("reported-failed", message));
            (5, finish(Outcome::Failed, failure))
        }
        _ => {
            return Err(fault(
                "eventType",
                "expected START, RUNNING, COMPLETE, ABORT, FAIL or OTHER",
            ));
        }
    })
}

/// Time in microseconds, then the rank, then six bits of the digest: below 2^63 until the year 2250.
fn number(at: Timestamp, rank: i64, event: &Value) -> i64 {
    let digest = canonical::digest(&canonical::bytes(event));
    let bits =
        digest.get(..2).and_then(|byte| i64::from_str_radix(byte, 16).ok()).unwrap_or(0) & 63;
    at.timestamp_micros().max(0).saturating_mul(512).saturating_add(rank * 64 + bits)
}

/// What is kept of an event: its facets and what it read and wrote, by name.
fn detail(kind: &str, event: &Value) -> Value {
    let names = |list: &str| {
        let sets = event[list].as_array().into_iter().flatten();
        sets.map(|set| json!({"namespace": set["namespace"], "name": set["name"]}))
            .collect::<Vec<_>>()
    };
    json!({
        "event_type": kind,
        "producer": event["producer"],
        "job": event["job"]["name"],
        "namespace": event["job"]["namespace"],
        "run_facets": event["run"]["facets"],
        "job_facets": event["job"]["facets"],
        "inputs": names("inputs"),
        "outputs": names("outputs"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: &str, name: &str) -> Value {
        json!({
            "eventType": kind, "eventTime": "2026-07-06T09:00:00.000001Z",
            "run": {"runId": "0198", "facets": {"errorMessage": {"message": "no space left"}}},
            "job": {"namespace": "dbt", "name": name},
        })
    }

    #[test]
    fn a_job_has_the_same_valid_key_always() {
        for (name, key) in [("nightly", "dbt-nightly"), ("Ω", "job-dbt-")] {
            let read = LineageEvent::read(&event("START", name)).unwrap();
            assert!(read.key().starts_with(key), "{}", read.key());
            assert!(is_valid_key(&read.key()), "{}", read.key());
        }
        let long = LineageEvent::read(&event("START", &"Long.Name ".repeat(15))).unwrap();
        assert!(is_valid_key(&long.key()), "{}", long.key());
        let (one, other) = (event("START", "a.b"), event("START", "a_b"));
        let keys = [&one, &other].map(|event| LineageEvent::read(event).unwrap().key());
        assert_ne!(keys[0], keys[1]);
    }

    #[test]
    fn the_last_word_of_an_instant_is_the_end() {
        let numbers = ["START", "RUNNING", "OTHER", "COMPLETE", "ABORT", "FAIL"]
            .map(|kind| LineageEvent::read(&event(kind, "nightly")).unwrap().said.seq);
        assert!(numbers.is_sorted(), "{numbers:?}");
        let fail = LineageEvent::read(&event("FAIL", "nightly")).unwrap().said;
        let Fact::Finish { failure: Some(failure), .. } = fail.fact else { panic!("{fail:?}") };
        assert_eq!(failure.message, "no space left");
    }

    #[test]
    fn what_is_missing_is_named() {
        let mut wrong = event("START", "nightly");
        wrong["run"]["runId"] = Value::Null;
        assert_eq!(LineageEvent::read(&wrong).unwrap_err().field, "run/runId");
        let odd = LineageEvent::read(&event("PAUSE", "nightly"));
        assert_eq!(odd.unwrap_err().field, "eventType");
    }
}
