//! What the order of the entries forbids: starting under a kill switch, approving one's own request.

use std::collections::HashMap;

use crate::{Leaf, leaf::action};

/// The state of the guards as the log tells it.
#[derive(Debug, Default)]
pub(super) struct PolicyOrder {
    /// Kill switches that are on, by kind and id of their object, with the entry that says so.
    killed: HashMap<(String, String), u64>,
    /// Who asked for an approval.
    requested: HashMap<String, String>,
    breach: Option<String>,
    /// Starts and approvals that were looked at.
    judged: u64,
}

impl PolicyOrder {
    /// Takes in what an entry says.
    pub(super) fn hear(&mut self, leaf: &Leaf) {
        let object = || (leaf.object.kind.clone(), leaf.object.id.clone());
        match leaf.verb.as_str() {
            action::KILL_ACTIVATED => {
                self.killed.entry(object()).or_insert(leaf.seq);
            }
            action::KILL_RELEASED => {
                self.killed.remove(&object());
            }
            action::ITEM_STARTED => self.started(leaf),
            action::APPROVAL_REQUESTED => {
                if let Some(member) = &leaf.actor.id {
                    self.requested.insert(leaf.object.id.clone(), member.clone());
                }
            }
            action::APPROVAL_APPROVED => self.approved(leaf),
            _ => {}
        }
    }

    fn started(&mut self, leaf: &Leaf) {
        self.judged += 1;
        let hit = self.killed.iter().find(|((kind, id), _)| match kind.as_str() {
            "workspace" => true,
            "automation" => leaf.policy.as_ref().is_some_and(|policy| policy.id == *id),
            _ => false,
        });
        if let Some(((kind, _), by)) = hit {
            let (seq, item) = (leaf.seq, &leaf.object.id);
            self.breach.get_or_insert(format!(
                "entry {seq}: {item} was started although entry {by} had stopped the {kind}"
            ));
        }
    }

    fn approved(&mut self, leaf: &Leaf) {
        self.judged += 1;
        let requester = self.requested.get(&leaf.object.id);
        if requester.is_some() && requester == leaf.actor.id.as_ref() {
            let (seq, approval) = (leaf.seq, &leaf.object.id);
            self.breach
                .get_or_insert(format!("entry {seq}: {approval} was approved by its requester"));
        }
    }

    /// Was anything done that should not have been possible?
    pub(super) fn finding(&self) -> Result<String, String> {
        match &self.breach {
            Some(breach) => Err(breach.clone()),
            None => Ok(format!("{} starts and approvals", self.judged)),
        }
    }
}
