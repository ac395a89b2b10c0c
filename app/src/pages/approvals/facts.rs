//! What is known around a page of approvals, looked up for all of them at once.

use std::collections::HashMap;

use domain::{
    approval::{Approval, Decision, Verdict},
    automation::Automation,
    id::{ApprovalId, ItemId, RunId},
    item::Item,
};
use engine::services::ServiceError;
use leptos::prelude::*;

use super::words;
use crate::{
    context::{Page, Place},
    pages::mentions::{self, Names},
};

/// The subjects, automations, members and decisions of some approvals.
#[derive(Debug, Clone)]
pub struct Facts {
    items: HashMap<ItemId, Item>,
    automations: HashMap<RunId, Automation>,
    decisions: HashMap<ApprovalId, Vec<Decision>>,
    names: Names,
}

impl Facts {
    pub async fn load(page: &Page, approvals: &[Approval]) -> Result<Self, ServiceError> {
        let (services, caller) = (&page.services, page.caller);
        let items: Vec<_> = approvals.iter().map(|approval| approval.item).collect();
        let runs: Vec<_> = approvals.iter().map(|approval| approval.run).collect();
        let ids: Vec<_> = approvals.iter().map(|approval| approval.id).collect();
        Ok(Self {
            items: services.items_by_ids(caller, &items).await?,
            automations: services.automations_of_runs(caller, &runs).await?,
            decisions: services.decisions_of(caller, &ids).await?,
            names: services.member_names(caller).await?,
        })
    }

    pub fn decisions(&self, approval: &Approval) -> &[Decision] {
        self.decisions.get(&approval.id).map(Vec::as_slice).unwrap_or_default()
    }

    /// How many have approved.
    pub fn approved(&self, approval: &Approval) -> i64 {
        let decisions = self.decisions(approval).iter();
        decisions.filter(|decision| decision.verdict == Verdict::Approve).count() as i64
    }

    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The record that would be acted on.
    pub fn subject(&self, place: &Place, approval: &Approval) -> AnyView {
        match self.items.get(&approval.item) {
            Some(item) => mentions::record(place, &item.subject_kind, &item.subject_key),
            None => ().into_any(),
        }
    }

    /// `account/ACC-0417`, for those who hear the page.
    pub fn subject_text(&self, approval: &Approval) -> String {
        let item = self.items.get(&approval.item);
        item.map(|item| format!("{}/{}", item.subject_kind, item.subject_key)).unwrap_or_default()
    }

    /// The member who asked, if it was one.
    pub fn member(&self, approval: &Approval) -> Option<String> {
        let member = approval.requested_by?;
        Some(mentions::member(&self.names, Some(member)))
    }

    /// Who asked: a member, or the automation itself.
    pub fn asker(&self, place: &Place, approval: &Approval) -> AnyView {
        let automation = self.automation(place, approval);
        match self.member(approval) {
            None => automation,
            Some(name) => {
                view! { {name} <span class="quiet">" in "</span> {automation} }.into_any()
            }
        }
    }

    /// The automation whose run it is.
    pub fn automation(&self, place: &Place, approval: &Approval) -> AnyView {
        match self.automations.get(&approval.run).cloned() {
            Some(automation) => {
                let href = place.definition(&automation.key);
                view! { <a href=href>{automation.name}</a> }.into_any()
            }
            None => ().into_any(),
        }
    }

    /// Whether approving could make the receiver act a second time.
    pub fn may_act_twice(&self, page: &Page, approval: &Approval) -> bool {
        self.items.get(&approval.item).is_some_and(|item| item.may_act_twice(page.now))
    }

    /// `1 of 2`, with what it counts for those who hear the page.
    pub fn progress(&self, approval: &Approval) -> AnyView {
        let (given, needed) = (self.approved(approval), approval.rule.quorum);
        view! {
            <span title=words::quorum(&approval.rule)>{format!("{given} of {needed}")}</span>
        }
        .into_any()
    }
}
