//! Which payloads the log itself says were erased.

use std::collections::HashMap;

use crate::{Leaf, leaf::action};

/// What later entries say of the payloads of earlier ones.
#[derive(Debug, Default)]
pub(super) struct Erased {
    /// The last entry that erased the payloads of a run.
    runs: HashMap<String, u64>,
    /// First and last entry, and the entry that says so.
    spans: Vec<(u64, u64, u64)>,
}

impl Erased {
    /// Takes in what an entry says.
    pub(super) fn hear(&mut self, leaf: &Leaf) {
        if ![action::PAYLOAD_ERASED, action::RUN_PRUNED].contains(&leaf.verb.as_str()) {
            return;
        }
        let name = &leaf.object.id;
        match leaf.object.kind.as_str() {
            "run" => {
                self.runs.insert(name.clone(), leaf.seq);
            }
            "entry" | "entries" => {
                let (first, last) = name.split_once('-').unwrap_or((name, name));
                if let (Ok(first), Ok(last)) = (first.parse(), last.parse()) {
                    self.spans.push((first, last, leaf.seq));
                }
            }
            _ => {}
        }
    }

    /// Was the payload of this entry erased by a later one?
    pub(super) fn covers(&self, leaf: &Leaf) -> bool {
        let by_run = leaf.run.as_ref().and_then(|run| self.runs.get(run));
        by_run.is_some_and(|by| *by > leaf.seq)
            || self
                .spans
                .iter()
                .any(|(first, last, by)| (*first..=*last).contains(&leaf.seq) && leaf.seq < *by)
    }
}
