//! What an entry is about, as a link to it; where it has no page, to everything else about it.

use std::collections::HashMap;

use domain::{
    audit::{Entry, ends_of_places},
    automation::Automation,
    filter::query,
    id::{AutomationId, MemberId},
    permission::Permission,
};
use leptos::prelude::*;

use crate::{
    context::Page,
    pages::mentions::{self, Names, short_id},
};

/// What the objects of a page of entries are called.
pub struct Objects {
    pub automations: HashMap<AutomationId, Automation>,
    pub names: Names,
}

impl Objects {
    /// The object of an entry, and what kind of thing it is.
    pub fn link(&self, page: &Page, entry: &Entry) -> AnyView {
        let kind = entry.object.kind.clone();
        view! {
            <span>
                <span class="quiet">{kind}</span>
                " "
                {self.named(page, entry)}
            </span>
        }
        .into_any()
    }

    /// The object of an entry, where the words before it say its kind.
    pub fn named(&self, page: &Page, entry: &Entry) -> AnyView {
        let (href, name) = self.target(page, entry).unwrap_or_else(|| self.history(page, entry));
        let whole = entry.object.id.clone();
        view! {
            <a href=href title=whole>
                {name}
            </a>
        }
        .into_any()
    }

    /// The object's own page, if it has one.
    fn target(&self, page: &Page, entry: &Entry) -> Option<(String, String)> {
        let (place, id) = (&page.place, entry.object.id.as_str());
        let href = match entry.object.kind.as_str() {
            "run" => place.run(id.parse().ok()?),
            "item" => place.item(entry.run?, id.parse().ok()?),
            "approval" => place.approval(id.parse().ok()?),
            "incident" => place.incident(id.parse().ok()?),
            "webhook" if page.may(Permission::ViewWebhooks) => place.webhook(id.parse().ok()?),
            "delivery" if page.may(Permission::ViewWebhooks) => place.delivery(id.parse().ok()?),
            "report" => format!("{}#report", place.run(entry.run?)),
            "automation" => {
                let automation = self.automations.get(&id.parse().ok()?)?;
                return Some((place.definition(&automation.key), automation.name.clone()));
            }
            "member" => {
                let member: MemberId = id.parse().ok()?;
                let name = mentions::member(&self.names, Some(member));
                return page.may(Permission::ViewMembers).then(|| (place.member(member), name));
            }
            _ => return None,
        };
        Some((href, short_id(id)))
    }

    /// Everything else the log says about the object.
    fn history(&self, page: &Page, entry: &Entry) -> (String, String) {
        let id = entry.object.id.as_str();
        let member: Option<MemberId> = id.parse().ok().filter(|_| entry.object.kind == "member");
        let name = match (entry.object.kind.as_str(), member) {
            ("workspace", _) => page.place.workspace.name.clone(),
            ("entries", _) => ends_of_places(id),
            (_, Some(member)) => mentions::member(&self.names, Some(member)),
            _ => short_id(id),
        };
        (page.place.audit_log(&query([("object", id)])), name)
    }
}
