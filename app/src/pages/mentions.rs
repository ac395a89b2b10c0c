//! How pages mention things that have a page of their own: always as a link to it.

use std::collections::HashMap;

use domain::{
    filter::{encode, query},
    id::{
        ApprovalId, BundleId, DeliveryId, InboundId, IncidentId, ItemId, KillSwitchId, MemberId,
        RunId, TriggerEventId, WebhookId,
    },
    permission::Permission,
    record::RecordRef,
};
use engine::services::ExportedList;
use leptos::prelude::*;
use serde_json::Value;

use crate::{
    components::app_frame::Section,
    context::{Page, Place},
    format,
};

/// What the members are called, by id.
pub type Names = HashMap<MemberId, String>;

/// Addresses of pages, for links and for what a form answers with.
impl Place {
    pub fn runs(&self) -> String {
        Section::Runs.href(&self.workspace.slug)
    }

    pub fn run(&self, run: RunId) -> String {
        format!("{}/{run}", self.runs())
    }

    /// The plan of a retry.
    pub fn retry(&self, run: RunId) -> String {
        format!("{}/retry", self.run(run))
    }

    /// What cancelling would do.
    pub fn cancel(&self, run: RunId) -> String {
        format!("{}/cancel", self.run(run))
    }

    /// What closing a held run accepts.
    pub fn close(&self, run: RunId) -> String {
        format!("{}/close", self.run(run))
    }

    /// What the audit log says about a run, erased.
    pub fn erase(&self, run: RunId) -> String {
        format!("{}/erase", self.run(run))
    }

    pub fn item(&self, run: RunId, item: ItemId) -> String {
        format!("{}/items/{item}", self.run(run))
    }

    pub fn approvals(&self) -> String {
        Section::Approvals.href(&self.workspace.slug)
    }

    pub fn approval(&self, approval: ApprovalId) -> String {
        format!("{}/{approval}", self.approvals())
    }

    pub fn events(&self) -> String {
        Section::Events.href(&self.workspace.slug)
    }

    pub fn event(&self, event: TriggerEventId) -> String {
        format!("{}/{event}", self.events())
    }

    pub fn incidents(&self) -> String {
        Section::Incidents.href(&self.workspace.slug)
    }

    pub fn incident(&self, incident: IncidentId) -> String {
        format!("{}/{incident}", self.incidents())
    }

    /// Where a list is taken home with its filter; the format is still to be said.
    pub fn export(&self, list: &ExportedList) -> String {
        let path = self.href(&format!("exports/lists/{}", list.name()));
        match list.query() {
            everything if everything.is_empty() => path,
            filter => format!("{path}?{filter}"),
        }
    }

    pub fn health(&self) -> String {
        Section::Health.href(&self.workspace.slug)
    }

    /// The health of one automation.
    pub fn health_of(&self, key: &str) -> String {
        format!("{}/{}", self.health(), encode(key))
    }

    pub fn definitions(&self) -> String {
        Section::Definitions.href(&self.workspace.slug)
    }

    pub fn definition(&self, key: &str) -> String {
        format!("{}/{}", self.definitions(), encode(key))
    }

    pub fn version(&self, key: &str, number: i64) -> String {
        format!("{}/versions/{number}", self.definition(key))
    }

    pub fn registers(&self) -> String {
        Section::Registers.href(&self.workspace.slug)
    }

    pub fn register(&self, kind: &str) -> String {
        format!("{}/{}", self.registers(), encode(kind))
    }

    pub fn record(&self, kind: &str, key: &str) -> String {
        format!("{}/{}", self.register(kind), encode(key))
    }

    pub fn members(&self) -> String {
        Section::Members.href(&self.workspace.slug)
    }

    pub fn member(&self, member: MemberId) -> String {
        format!("{}/{member}", self.members())
    }

    /// Where the windows of an auditor are granted.
    pub fn windows(&self, member: MemberId) -> String {
        format!("{}/windows", self.member(member))
    }

    pub fn tokens(&self) -> String {
        Section::Tokens.href(&self.workspace.slug)
    }

    pub fn prices(&self) -> String {
        Section::Prices.href(&self.workspace.slug)
    }

    pub fn holds(&self) -> String {
        Section::Holds.href(&self.workspace.slug)
    }

    pub fn policies(&self) -> String {
        Section::Policies.href(&self.workspace.slug)
    }

    pub fn policy(&self, key: &str) -> String {
        format!("{}/{}", self.policies(), encode(key))
    }

    pub fn new_policy(&self) -> String {
        self.href("settings/new-policy")
    }

    pub fn retention(&self) -> String {
        Section::Retention.href(&self.workspace.slug)
    }

    /// Where the policy of one definition is set.
    pub fn retention_of(&self, key: &str) -> String {
        format!("{}/policy?definition={}", self.retention(), encode(key))
    }

    /// Where the policy of the workspace is set.
    pub fn retention_policy(&self) -> String {
        format!("{}/policy", self.retention())
    }

    pub fn storage(&self) -> String {
        Section::Storage.href(&self.workspace.slug)
    }

    pub fn kill_switch(&self) -> String {
        Section::KillSwitch.href(&self.workspace.slug)
    }

    /// What pressing a switch would stop: everything, or one definition.
    pub fn press_kill_switch(&self, definition: Option<&str>) -> String {
        let address = format!("{}/press", self.kill_switch());
        match definition {
            Some(key) => format!("{address}?definition={}", encode(key)),
            None => address,
        }
    }

    pub fn release_kill_switch(&self, switch: KillSwitchId) -> String {
        format!("{}/{switch}/release", self.kill_switch())
    }

    pub fn destinations(&self) -> String {
        Section::Destinations.href(&self.workspace.slug)
    }

    pub fn inbound(&self) -> String {
        self.href("settings/inbound")
    }

    /// One inbound endpoint.
    pub fn inbound_endpoint(&self, endpoint: InboundId) -> String {
        format!("{}/{endpoint}", self.inbound())
    }

    pub fn webhooks(&self) -> String {
        Section::Webhooks.href(&self.workspace.slug)
    }

    pub fn webhook(&self, webhook: WebhookId) -> String {
        format!("{}/{webhook}", self.webhooks())
    }

    /// The log of what was sent to webhooks.
    pub fn deliveries(&self) -> String {
        self.href("settings/deliveries")
    }

    pub fn delivery(&self, delivery: DeliveryId) -> String {
        format!("{}/{delivery}", self.deliveries())
    }

    pub fn exports(&self) -> String {
        Section::Exports.href(&self.workspace.slug)
    }

    /// The file of a bundle.
    pub fn bundle_file(&self, bundle: BundleId) -> String {
        format!("{}/bundles/{bundle}", self.exports())
    }

    /// One entry of the audit log.
    pub fn audit_entry(&self, seq: i64) -> String {
        format!("{}/{seq}", Section::AuditLog.href(&self.workspace.slug))
    }

    /// The audit log, filtered: `place.audit_log("verb=member.added")`.
    pub fn audit_log(&self, query: &str) -> String {
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{}{mark}{query}", Section::AuditLog.href(&self.workspace.slug))
    }
}

/// The entries of the audit log about one thing, for those who may read them.
pub fn entries(page: &Page, name: &str, id: &str) -> Option<AnyView> {
    let href = page.place.audit_log(&query([(name, id)]));
    let link = || view! { <a href=href>"Audit entries"</a> }.into_any();
    page.may(Permission::ViewAuditLog).then(link)
}

/// A record by kind and key.
pub fn record(place: &Place, kind: &str, key: &str) -> AnyView {
    let href = place.record(kind, key);
    view! {
        <a href=href class="record-link">
            <span class="quiet">{kind.to_owned()}"/"</span>
            {key.to_owned()}
        </a>
    }
    .into_any()
}

/// A reference to a record in JSON, if `value` is one: an object of a kind and a key, nothing else.
pub fn reference(value: &Value) -> Option<RecordRef> {
    let object = value.as_object().filter(|object| object.len() == 2)?;
    let text = |name: &str| object.get(name)?.as_str().map(str::to_owned);
    let (kind, key) = (text("kind")?, text("key")?);
    let named =
        domain::record::check_kind(&kind).is_ok() && domain::record::check_key(&key).is_ok();
    named.then_some(RecordRef { kind, key })
}

/// A run by the end of its id, which is where ids of one day differ.
pub fn run(place: &Place, run: RunId) -> AnyView {
    let (href, whole) = (place.run(run), run.to_string());
    let short = short_id(&whole);
    view! {
        <a href=href title=whole>
            <code>{short}</code>
        </a>
    }
    .into_any()
}

/// `run_…6fx2kq`: what tells ids apart at a glance.
pub fn short_id(id: &str) -> String {
    match (id.split_once('_'), id.len().checked_sub(6).and_then(|start| id.get(start..))) {
        (Some((prefix, rest)), Some(end)) if rest.len() > 8 => format!("{prefix}_…{end}"),
        _ => format::short_digest(id),
    }
}

/// What a member is called; the host's command line has no member.
pub fn member(names: &Names, id: Option<MemberId>) -> String {
    match id {
        None => "the host".to_owned(),
        Some(id) => names.get(&id).cloned().unwrap_or_else(|| id.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_an_object_of_kind_and_key_is_a_reference() {
        let found = reference(&json!({"kind": "account", "key": "ACC-1"})).unwrap();
        assert_eq!(found.to_string(), "account/ACC-1");
        for other in [
            json!("account/ACC-1"),
            json!({"kind": "account"}),
            json!({"kind": "account", "key": "ACC-1", "note": "x"}),
            json!({"kind": "An account", "key": "ACC-1"}),
            json!({"kind": "account", "key": ".."}),
            json!({"kind": "account", "key": 1}),
        ] {
            assert_eq!(reference(&other), None, "{other}");
        }
    }

    #[test]
    fn a_short_id_keeps_its_kind_and_its_end() {
        assert_eq!(short_id("run_01k6xw3v5te8ds8yb3p96fx2kq"), "run_…6fx2kq");
        assert_eq!(short_id("3f2a9c0177aa3f2a9c0177aa"), "3f2a9c01…");
        assert_eq!(short_id("é_éééééééééééééé"), "é_…ééé");
    }
}
