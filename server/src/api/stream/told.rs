//! The events as they are sent.

use std::fmt::Write as _;

use domain::{Timestamp, automation::Automation, concern::Concern, incident::Incident, run::Run};
use engine::services::{Happening, What};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::{
    runs::{Counts, duration_seconds},
    schema,
};

/// A run as it is now
#[derive(Debug, Serialize, ToSchema)]
pub struct LiveRun {
    id: schema::RunId,
    automation: schema::AutomationId,
    automation_key: String,
    automation_name: String,
    trigger_kind: schema::TriggerKind,
    status: schema::RunStatus,
    /// 0 is the original; each retry opens the next
    round: i64,
    /// `subjects_matched` is how many items there are
    counts: Counts,
    /// Every subject was looked at and all items exist
    matched: bool,
    /// What about it its status does not say
    concern: Option<schema::RunConcern>,
    created_at: schema::Time,
    started_at: Option<schema::Time>,
    completed_at: Option<schema::Time>,
    /// From start to end, in seconds
    duration_seconds: Option<f64>,
    /// When it was looked at
    updated_at: schema::Time,
}

impl LiveRun {
    fn new(run: Run, automation: Automation, now: Timestamp) -> Self {
        Self {
            concern: schema::maybe(Concern::of(&run)),
            duration_seconds: duration_seconds(&run),
            id: run.id.into(),
            automation: run.automation.into(),
            automation_key: automation.key,
            automation_name: automation.name,
            trigger_kind: run.trigger_kind.into(),
            status: run.status.into(),
            round: run.round,
            counts: run.counts.into(),
            matched: run.matched,
            created_at: run.created_at.into(),
            started_at: schema::maybe(run.started_at),
            completed_at: schema::maybe(run.completed_at),
            updated_at: now.into(),
        }
    }
}

/// The approvals that wait for somebody
#[derive(Debug, Serialize, ToSchema)]
pub struct LiveApprovals {
    /// 100 stands for a hundred or more
    open: i64,
}

/// Something went wrong
#[derive(Debug, Serialize, ToSchema)]
pub struct LiveIncident {
    id: schema::IncidentId,
    run: Option<schema::RunId>,
    r#type: schema::IncidentType,
    severity: schema::Severity,
    occurred_at: schema::Time,
}

impl From<Incident> for LiveIncident {
    fn from(incident: Incident) -> Self {
        Self {
            id: incident.id.into(),
            run: schema::maybe(incident.run),
            r#type: incident.kind.into(),
            severity: incident.severity.into(),
            occurred_at: incident.occurred_at.into(),
        }
    }
}

/// The stream goes on after this place.
pub fn ready(at: i64) -> String {
    event("ready", Some(at), "{}")
}

/// More happened than is told.
pub fn resync(at: i64) -> String {
    event("resync", Some(at), "{}")
}

/// The asker may not listen any more.
pub fn end() -> String {
    event("end", None, "{}")
}

/// Nothing to tell. The comment is for proxies, the event for clients that want to know that the
/// connection lives, and the id keeps the way short for those who come back.
pub fn heartbeat(at: i64) -> String {
    format!(": nothing new\n{}", event("heartbeat", Some(at), "{}"))
}

/// Everything that happened up to a place.
///
/// Of several events about one entry only the last has its id: a connection that breaks between them
/// leads back to before the first. At the end the client's place is moved to where the stretch ended.
pub fn written(happenings: Vec<Happening>, now: Timestamp, until: i64) -> String {
    let places: Vec<i64> = happenings.iter().map(|happening| happening.seq).collect();
    let mut text = String::new();
    for (n, Happening { seq, what }) in happenings.into_iter().enumerate() {
        let id = (places.get(n + 1) != Some(&seq)).then_some(seq);
        text += &match what {
            What::RunCreated(run, automation) => {
                json_event("run-created", id, &LiveRun::new(*run, *automation, now))
            }
            What::Run(run, automation) => {
                json_event("run", id, &LiveRun::new(*run, *automation, now))
            }
            What::Approvals(open) => json_event("approvals", id, &LiveApprovals { open }),
            What::Incident(incident) => json_event("incident", id, &LiveIncident::from(*incident)),
        };
    }
    if !places.is_empty() && places.last() != Some(&until) {
        // Without data it is no event.
        let _ = write!(text, "id: {until}\n\n");
    }
    text
}

fn json_event(name: &str, id: Option<i64>, document: &impl Serialize) -> String {
    // These documents have string keys and finite numbers, so they can be written.
    event(name, id, &serde_json::to_string(document).unwrap_or_default())
}

fn event(name: &str, id: Option<i64>, data: &str) -> String {
    let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
    format!("{id}event: {name}\ndata: {data}\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn approvals(seq: i64, open: i64) -> Happening {
        Happening { seq, what: What::Approvals(open) }
    }

    #[test]
    fn an_event_is_its_id_its_name_and_one_line_of_data() {
        let text = written(vec![approvals(7, 2)], Timestamp::UNIX_EPOCH, 7);
        assert_eq!(text, "id: 7\nevent: approvals\ndata: {\"open\":2}\n\n");
        assert_eq!(ready(-1), "id: -1\nevent: ready\ndata: {}\n\n");
        assert!(!end().contains("id:"));
    }

    #[test]
    fn of_events_about_one_entry_only_the_last_has_its_id() {
        let told = vec![approvals(7, 1), approvals(7, 2), approvals(9, 3)];
        let text = written(told, Timestamp::UNIX_EPOCH, 12);
        let ids: Vec<_> = text.lines().filter(|line| line.starts_with("id:")).collect();
        assert_eq!(ids, ["id: 7", "id: 9", "id: 12"]);
        assert!(text.starts_with("event: approvals\ndata: {\"open\":1}\n\nid: 7\n"), "{text}");
        assert!(text.ends_with("\n\nid: 12\n\n"), "{text}");
        assert_eq!(written(Vec::new(), Timestamp::UNIX_EPOCH, 12), "");
    }
}
