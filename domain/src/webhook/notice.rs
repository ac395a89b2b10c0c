//! What is told of a happening: a small document of ids, words and numbers, with a link to the rest.
//!
//! It is made from the audit entry of the happening, of which only named facts are taken over. So it
//! holds no names of people, no reasons, no parameters.

use serde_json::{Map, Value, json};

use super::EventKind;
use crate::{
    Timestamp,
    audit::{Draft, Verb, instant},
    canonical,
    id::{AutomationId, RunId, WebhookId, WorkspaceId},
};

/// A happening that webhooks may listen to.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    pub event: EventKind,
    /// The run it belongs to, if any.
    pub run: Option<RunId>,
    /// Of the page about it, inside the workspace.
    path: String,
    facts: Map<String, Value>,
}

/// Who tells: the workspace, and where it is found.
#[derive(Debug, Clone, Copy)]
pub struct Sender<'a> {
    pub workspace: WorkspaceId,
    pub slug: &'a str,
    /// `https://assize.example`; empty where it is not known, and then links begin with a slash.
    pub site: &'a str,
}

/// The facts of an entry that are passed on.
const RUN: &[&str] = &["status", "round", "counts"];
const APPROVAL: &[&str] = &["kind", "item", "action_digest", "expires_at"];
const INCIDENT: &[&str] = &["item", "type", "severity", "cause", "phase", "policy"];

const AUTOMATION: &str = "governance/automation";

impl Notice {
    /// What an entry of the audit log is told as, if it is told at all.
    pub fn of(draft: &Draft) -> Option<Self> {
        let (event, pages, facts) = match draft.verb {
            // The verb also says that a run begins to fail; it is told at its end, which has a status.
            Verb::RunFailed if draft.payload.as_ref()?.get("status").is_none() => return None,
            Verb::RunFailed => (EventKind::RunFailed, "runs", RUN),
            Verb::RunCompleted | Verb::RunCancelled | Verb::RunKilled => {
                (EventKind::RunFinished, "runs", RUN)
            }
            Verb::ApprovalRequested => (EventKind::ApprovalRequested, "approvals", APPROVAL),
            Verb::IncidentRaised => (EventKind::IncidentRaised, "incidents", INCIDENT),
            _ => return None,
        };
        let mut taken = Map::new();
        for &name in facts {
            if let Some(fact) = draft.payload.as_ref().and_then(|payload| payload.get(name)) {
                taken.insert(name.to_owned(), fact.clone());
            }
        }
        if let Some(run) = draft.run {
            taken.insert("run".to_owned(), run.to_string().into());
        }
        taken.insert(draft.object.kind.clone(), draft.object.id.clone().into());
        let path = format!("{AUTOMATION}/{pages}/{}", draft.object.id);
        Some(Self { event, run: draft.run, path, facts: taken })
    }

    /// A checkpoint: the signed note, byte for byte.
    pub fn checkpoint(number: i64, size: u64, note: &str) -> Self {
        let facts = [("checkpoint", json!(number)), ("size", json!(size)), ("note", json!(note))];
        Self::new(EventKind::CheckpointSigned, "audit-log".to_owned(), facts)
    }

    /// Nothing happened; somebody wants to see whether it arrives.
    pub fn test(webhook: WebhookId) -> Self {
        let path = format!("settings/webhooks/{webhook}");
        Self::new(EventKind::Test, path, [("webhook", json!(webhook))])
    }

    fn new<const N: usize>(event: EventKind, path: String, facts: [(&str, Value); N]) -> Self {
        let facts = facts.into_iter().map(|(name, fact)| (name.to_owned(), fact)).collect();
        Self { event, run: None, path, facts }
    }

    /// Adds what the run is a run of, so that receivers can tell definitions apart.
    #[must_use]
    pub fn of_automation(mut self, automation: AutomationId, key: &str) -> Self {
        self.facts.insert("automation".to_owned(), automation.to_string().into());
        self.facts.insert("definition".to_owned(), key.into());
        self
    }

    /// The body of its deliveries, in the shape that Standard Webhooks recommends.
    pub fn body(&self, sender: Sender<'_>, at: Timestamp) -> String {
        let Sender { workspace, slug, site } = sender;
        let mut data = self.facts.clone();
        data.insert("workspace".to_owned(), workspace.to_string().into());
        data.insert("url".to_owned(), format!("{site}/w/{slug}/{}", self.path).into());
        let body = json!({"type": self.event, "timestamp": instant(at), "data": data});
        canonical::text(&body)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{audit::Object, id::IncidentId, member::Principal};

    fn draft(verb: Verb, payload: Value) -> Draft {
        let run = RunId::new(Uuid::from_u128(1));
        let object = match verb {
            Verb::IncidentRaised => Object::new("incident", IncidentId::new(Uuid::from_u128(2))),
            _ => Object::new("run", run),
        };
        Draft::new(Principal::System, verb, object).in_run(run).with(payload)
    }

    fn body(notice: &Notice) -> Value {
        let workspace = WorkspaceId::new(Uuid::from_u128(7));
        let sender = Sender { workspace, slug: "main", site: "https://assize.example" };
        let at = "2026-07-01T08:00:00Z".parse().unwrap();
        serde_json::from_str(&notice.body(sender, at)).unwrap()
    }

    #[test]
    fn the_end_of_a_run_is_told_with_its_counts_and_a_link() {
        let payload = json!({"status": "completed", "round": 0, "counts": {"succeeded": 3}});
        let notice = Notice::of(&draft(Verb::RunCompleted, payload)).unwrap();
        assert_eq!(notice.event, EventKind::RunFinished);
        let body = body(&notice);
        assert_eq!(
            (&body["type"], &body["data"]["counts"]["succeeded"]),
            (&json!("run.finished"), &json!(3))
        );
        let run = "run_00000000000000000000000001";
        assert_eq!(body["data"]["run"], run);
        let url = format!("https://assize.example/w/main/governance/automation/runs/{run}");
        assert_eq!(body["data"]["url"], url);
        assert_eq!(body["timestamp"], "2026-07-01T08:00:00.000000Z");
    }

    #[test]
    fn a_failed_run_is_told_once_when_it_has_ended() {
        let begins = draft(Verb::RunFailed, json!({"cause": {"message": "somebody's words"}}));
        assert_eq!(Notice::of(&begins), None);
        let ends = draft(Verb::RunFailed, json!({"status": "failed", "round": 0}));
        assert_eq!(Notice::of(&ends).unwrap().event, EventKind::RunFailed);
    }

    #[test]
    fn only_named_facts_leave_the_house() {
        let payload = json!({"severity": "high", "message": "about Ada", "digests": {"x": "y"}});
        let notice = Notice::of(&draft(Verb::IncidentRaised, payload)).unwrap();
        let body = body(&notice);
        assert_eq!(body["data"]["severity"], "high");
        assert!(
            !body.to_string().contains("Ada") && body["data"].get("digests").is_none(),
            "{body}"
        );
    }

    #[test]
    fn what_nobody_can_listen_to_is_not_told() {
        for verb in [Verb::RunCreated, Verb::ItemStarted, Verb::ItemFailed, Verb::SignInSucceeded] {
            assert_eq!(Notice::of(&draft(verb, json!({}))), None, "{verb}");
        }
    }
}
