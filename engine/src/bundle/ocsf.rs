//! `ocsf.jsonl`: the entries of the period as OCSF events, one JSON object a line, for the tools that
//! collect security events. Which event an act becomes stands in one table; what the entry said beyond
//! its leaf stays in `payloads.jsonl`.

use domain::audit::{Verb, instant};
use serde_json::{Value, json};

use super::{Maker, fault::Fault, log::Places};
use crate::store::LogEvent;

/// The version of OCSF the events follow.
const VERSION: &str = "1.3.0";

/// A class of events, with the number and name that OCSF gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    AccountChange,
    Authentication,
    EntityManagement,
    ApiActivity,
}

impl Class {
    const fn uid(self) -> u32 {
        match self {
            Self::AccountChange => 3001,
            Self::Authentication => 3002,
            Self::EntityManagement => 3004,
            Self::ApiActivity => 6003,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::AccountChange => "Account Change",
            Self::Authentication => "Authentication",
            Self::EntityManagement => "Entity Management",
            Self::ApiActivity => "API Activity",
        }
    }

    const fn category(self) -> (u32, &'static str) {
        match self {
            Self::ApiActivity => (6, "Application Activity"),
            _ => (3, "Identity & Access Management"),
        }
    }
}

/// Did the act work?
const SUCCESS: u32 = 1;
const FAILURE: u32 = 2;

const INFORMATIONAL: u32 = 1;
const LOW: u32 = 2;
const MEDIUM: u32 = 3;

/// What an act is in OCSF: its class, the activity within it, its status and its severity. 99 is
/// OCSF's number for an activity it has no name for; the act itself is always in
/// `metadata.event_code`.
const fn mapping(verb: Verb) -> (Class, u32, u32, u32) {
    use Class as C;
    use Verb as V;
    match verb {
        V::SignInSucceeded => (C::Authentication, 1, SUCCESS, INFORMATIONAL),
        V::SignInRefused => (C::Authentication, 1, FAILURE, MEDIUM),
        V::SignedOut => (C::Authentication, 2, SUCCESS, INFORMATIONAL),
        V::MemberAdded => (C::AccountChange, 1, SUCCESS, LOW),
        V::MemberPasswordSet => (C::AccountChange, 3, SUCCESS, LOW),
        V::SignInLinkIssued => (C::AccountChange, 4, SUCCESS, LOW),
        V::MemberRemoved => (C::AccountChange, 6, SUCCESS, LOW),
        V::MemberRoleChanged => (C::AccountChange, 99, SUCCESS, LOW),
        V::ActRefused | V::InboundRefused => (C::ApiActivity, 99, FAILURE, MEDIUM),
        V::WorkspaceCreated
        | V::DefinitionCreated
        | V::RunCreated
        | V::ReportCreated
        | V::ApprovalRequested => (C::EntityManagement, 1, SUCCESS, INFORMATIONAL),
        V::IncidentRaised => (C::EntityManagement, 1, SUCCESS, MEDIUM),
        V::KillSwitchActivated => (C::EntityManagement, 3, SUCCESS, MEDIUM),
        V::RunFailed | V::ItemFailed | V::ItemInterrupted | V::BundleFailed => {
            (C::EntityManagement, 3, FAILURE, MEDIUM)
        }
        V::DestinationRemoved => (C::EntityManagement, 4, SUCCESS, LOW),
        V::ListExported | V::BundleDownloaded => (C::ApiActivity, 2, SUCCESS, LOW),
        V::RecordsImported | V::EventReceived | V::BundleRequested => {
            (C::ApiActivity, 1, SUCCESS, INFORMATIONAL)
        }
        _ => (C::EntityManagement, 3, SUCCESS, INFORMATIONAL),
    }
}

const fn activity(class: Class, id: u32) -> &'static str {
    match (class, id) {
        (Class::Authentication, 1) => "Logon",
        (Class::Authentication, 2) => "Logoff",
        (Class::AccountChange, 3) => "Password Change",
        (Class::AccountChange, 4) => "Password Reset",
        (Class::AccountChange, 6) | (_, 4) => "Delete",
        (_, 1) => "Create",
        (_, 2) => "Read",
        (_, 3) => "Update",
        _ => "Other",
    }
}

impl Maker {
    /// `ocsf.jsonl`.
    pub(super) async fn ocsf(&mut self, places: Places, origin: &str) -> Result<(), Fault> {
        self.sink.start("ocsf.jsonl").await?;
        for window in places.windows() {
            let width = window.end - window.start;
            let (workspace, chosen) = (self.scope.workspace, &self.scope.chosen);
            let mut session = self.store().read().await?;
            let events = session.log_events(workspace, window, chosen).await?;
            drop(session);
            for entry in events.iter().filter(|entry| self.scope.period.covers(entry.at)) {
                self.sink.line(&event(entry, origin))?;
            }
            self.page(usize::try_from(width).unwrap_or(0)).await?;
        }
        Ok(())
    }
}

fn event(entry: &LogEvent, origin: &str) -> Value {
    let verb = entry.verb.parse::<Verb>().ok();
    let mapped = verb.map_or((Class::EntityManagement, 99, SUCCESS, INFORMATIONAL), mapping);
    let (class, activity_id, status, severity) = mapped;
    let (category, category_name) = class.category();
    let activity = activity(class, activity_id);
    let mut event = json!({
        "activity_id": activity_id,
        "activity_name": if activity == "Other" { entry.verb.as_str() } else { activity },
        "actor": actor(entry),
        "category_name": category_name,
        "category_uid": category,
        "class_name": class.name(),
        "class_uid": class.uid(),
        "message": entry.verb,
        "metadata": {
            "event_code": entry.verb,
            "log_name": origin,
            "original_time": instant(entry.at),
            "product": {"name": "Assize", "vendor_name": "Assize"},
            "sequence": entry.seq,
            "uid": format!("{origin}/{}", entry.seq),
            "version": VERSION,
        },
        "severity": severity_name(severity),
        "severity_id": severity,
        "status": if status == SUCCESS { "Success" } else { "Failure" },
        "status_id": status,
        "time": entry.at.timestamp_millis(),
        "type_name": format!("{}: {activity}", class.name()),
        "type_uid": class.uid() * 100 + activity_id,
        "unmapped": {"object_kind": entry.object_kind, "run": entry.run},
    });
    for (name, value) in specifics(class, entry) {
        event[name] = value;
    }
    event
}

const fn severity_name(id: u32) -> &'static str {
    match id {
        INFORMATIONAL => "Informational",
        LOW => "Low",
        _ => "Medium",
    }
}

/// Members by id, the host and Assize itself by name.
fn actor(entry: &LogEvent) -> Value {
    match entry.actor {
        Some(member) => json!({"user": {"type": "User", "type_id": 1, "uid": member}}),
        None => json!({"app_name": format!("assize {}", entry.actor_kind)}),
    }
}

/// What the class wants besides.
fn specifics(class: Class, entry: &LogEvent) -> Vec<(&'static str, Value)> {
    let user = || json!({"type": "User", "type_id": 1, "uid": entry.object_id});
    match class {
        Class::AccountChange => vec![("user", user())],
        Class::Authentication => vec![("service", json!({"name": "Assize"})), ("user", user())],
        Class::EntityManagement => {
            let entity = json!({"type": entry.object_kind, "uid": entry.object_id});
            vec![("entity", entity)]
        }
        Class::ApiActivity => vec![
            ("api", json!({"operation": entry.verb, "service": {"name": "Assize"}})),
            ("resources", json!([{"type": entry.object_kind, "uid": entry.object_id}])),
            // Where a request came from is not kept; the process that took it is named instead.
            ("src_endpoint", json!({"svc_name": "assize"})),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_act_becomes_an_event_whose_numbers_agree() {
        for &verb in Verb::ALL {
            let entry = LogEvent {
                seq: 7,
                at: "2026-07-06T06:00:00.25Z".parse().unwrap(),
                actor_kind: "host".to_owned(),
                actor: None,
                verb: verb.to_string(),
                object_kind: "run".to_owned(),
                object_id: "run_1".to_owned(),
                run: None,
            };
            let event = event(&entry, "assize.example/ws/1");
            let number = |name: &str| event[name].as_u64().unwrap();
            assert_eq!(number("type_uid"), number("class_uid") * 100 + number("activity_id"));
            assert_eq!(number("category_uid"), number("class_uid") / 1000, "{verb}");
            assert_eq!(number("time"), 1_783_317_600_250);
            assert_eq!(event["metadata"]["event_code"], verb.as_str());
            let wanted =
                REQUIRED.iter().find(|(class, _)| *class == number("class_uid")).unwrap().1;
            assert!(wanted.iter().all(|name| event[name].is_object()), "{event}");
            let named = ACTIVITIES.iter().find(|(classes, id, _)| {
                classes.contains(&number("class_uid")) && *id == number("activity_id")
            });
            let known = named.map_or(verb.as_str(), |(_, _, name)| name);
            assert_eq!(event["activity_name"], known, "{verb}");
            assert!(named.is_some() || number("activity_id") == 99, "{verb}");
            let product = &event["metadata"]["product"];
            assert!(product["vendor_name"].is_string() && event["metadata"]["version"].is_string());
            // One of the names that an actor needs at least.
            assert!(event["actor"]["app_name"].is_string(), "{event}");
        }
    }

    /// What the classes require of an event, by the definitions of OCSF 1.3.0; of `service` and
    /// `dst_endpoint` an authentication needs one.
    const REQUIRED: &[(u64, &[&str])] = &[
        (3001, &["metadata", "user"]),
        (3002, &["metadata", "user", "service"]),
        (3004, &["metadata", "entity"]),
        (6003, &["metadata", "actor", "api", "src_endpoint"]),
    ];

    /// What those definitions call an activity; 99 is named by the source.
    const ACTIVITIES: &[(&[u64], u64, &str)] = &[
        (&[3001, 3004, 6003], 1, "Create"),
        (&[3001], 3, "Password Change"),
        (&[3001], 4, "Password Reset"),
        (&[3001], 6, "Delete"),
        (&[3002], 1, "Logon"),
        (&[3002], 2, "Logoff"),
        (&[3004, 6003], 2, "Read"),
        (&[3004, 6003], 3, "Update"),
        (&[3004, 6003], 4, "Delete"),
    ];
}
