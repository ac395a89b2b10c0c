//! Places where only a hash is left, and what the log itself says of them.

use crate::{Leaf, leaf::action, spans::Spans};

/// Entries that are gone, and what later entries say was removed.
#[derive(Debug, Default)]
pub(super) struct Removed {
    count: u64,
    gone: Spans,
    said: Spans,
}

impl Removed {
    /// In this place stands a hash.
    pub(super) fn miss(&mut self, place: u64) {
        self.count += 1;
        self.gone.push(place);
    }

    /// Takes in what an entry says.
    pub(super) fn hear(&mut self, leaf: &Leaf) {
        if leaf.verb != action::ENTRIES_REMOVED || leaf.object.kind != "entries" {
            return;
        }
        if let Ok(places) = leaf.object.id.parse() {
            // Nobody removes what is not there yet.
            self.said.extend_before(&places, leaf.seq);
        }
    }

    /// Do later entries say of each that it was removed?
    pub(super) fn finding(&self) -> Result<String, String> {
        if let Some((first, last)) = self.gone.not_within(&self.said) {
            return Err(format!(
                "of the entries {first} to {last} only hashes are left, and no later entry says \
                 that they were removed"
            ));
        }
        Ok(match self.count {
            0 => String::new(),
            count => format!(
                "{count} went with reported runs, as later entries say; their hashes stayed"
            ),
        })
    }
}
