//! What an entry is about, told from an id alone.

use std::str::FromStr;

use super::{Object, Verb};
use crate::id::{
    ApprovalId, AutomationId, DeliveryId, InboundId, IncidentId, ItemId, MemberId, PolicyId,
    RecordId, ReportId, RunId, TokenId, TriggerEventId, WebhookId, WorkspaceId,
};

/// Not the whole id of anything entries are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected the whole id of a run, an item, an approval, an automation, a member, an event …, \
     such as run_ followed by 26 characters"
)]
pub struct NotAnObject;

/// An id says by its beginning what it is the id of.
impl FromStr for Object {
    type Err = NotAnObject;

    fn from_str(text: &str) -> Result<Self, NotAnObject> {
        let text = text.trim();
        let id = |kind, known: bool| known.then(|| Self::new(kind, text));
        let found = match text.split_once('_').map(|(prefix, _)| prefix) {
            Some(RunId::PREFIX) => id("run", text.parse::<RunId>().is_ok()),
            Some(ItemId::PREFIX) => id("item", text.parse::<ItemId>().is_ok()),
            Some(ApprovalId::PREFIX) => id("approval", text.parse::<ApprovalId>().is_ok()),
            Some(AutomationId::PREFIX) => id("automation", text.parse::<AutomationId>().is_ok()),
            Some(MemberId::PREFIX) => id("member", text.parse::<MemberId>().is_ok()),
            Some(RecordId::PREFIX) => id("record", text.parse::<RecordId>().is_ok()),
            Some(TriggerEventId::PREFIX) => id("event", text.parse::<TriggerEventId>().is_ok()),
            Some(ReportId::PREFIX) => id("report", text.parse::<ReportId>().is_ok()),
            Some(IncidentId::PREFIX) => id("incident", text.parse::<IncidentId>().is_ok()),
            Some(PolicyId::PREFIX) => id("policy", text.parse::<PolicyId>().is_ok()),
            Some(TokenId::PREFIX) => id("token", text.parse::<TokenId>().is_ok()),
            Some(WebhookId::PREFIX) => id("webhook", text.parse::<WebhookId>().is_ok()),
            Some(InboundId::PREFIX) => id("inbound", text.parse::<InboundId>().is_ok()),
            Some(DeliveryId::PREFIX) => id("delivery", text.parse::<DeliveryId>().is_ok()),
            Some(WorkspaceId::PREFIX) => id("workspace", text.parse::<WorkspaceId>().is_ok()),
            _ => id("destination", text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit())),
        };
        found.ok_or(NotAnObject)
    }
}

impl Object {
    /// The kinds of objects there are entries about, in the order of the verbs.
    pub fn kinds() -> Vec<&'static str> {
        let mut kinds: Vec<&str> = Vec::new();
        for verb in Verb::ALL {
            if !kinds.contains(&verb.about()) {
                kinds.push(verb.about());
            }
        }
        kinds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_says_what_it_is_the_id_of() {
        for (text, kind) in [
            ("run_01k6xw3v5te8ds8yb3p96fx2kq", "run"),
            (" itm_01k6xw3v5te8ds8yb3p96fx2kq ", "item"),
            ("evt_01k6xw3v5te8ds8yb3p96fx2kq", "event"),
            ("0123456789abcdef0123456789abcdef", "destination"),
        ] {
            let found: Object = text.parse().unwrap();
            assert_eq!((found.kind.as_str(), found.id.as_str()), (kind, text.trim()));
        }
        for text in ["run", "run_", "run_x", "xyz_01k6xw3v5te8ds8yb3p96fx2kq", "zz", "\u{e9}_"] {
            assert!(text.parse::<Object>().is_err(), "{text}");
        }
    }
}
