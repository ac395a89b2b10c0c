//! Places where only a hash is left, and what the log itself says of them.

use crate::{Leaf, leaf::action};

/// A run of places, both ends included.
type Span = (u64, u64);

/// Entries that are gone, and what later entries say was removed.
#[derive(Debug, Default)]
pub(super) struct Removed {
    count: u64,
    /// Neighbours together, in the order of the log.
    gone: Vec<Span>,
    said: Vec<Span>,
}

impl Removed {
    /// In this place stands a hash.
    pub(super) fn miss(&mut self, place: u64) {
        self.count += 1;
        match self.gone.last_mut() {
            Some((_, last)) if *last + 1 == place => *last = place,
            _ => self.gone.push((place, place)),
        }
    }

    /// Takes in what an entry says.
    pub(super) fn hear(&mut self, leaf: &Leaf) {
        if leaf.verb != action::ENTRIES_REMOVED || leaf.object.kind != "entries" {
            return;
        }
        let ends = leaf.object.id.split_once('-');
        let ends = ends.and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
        // Nobody removes what is not there yet.
        self.said.extend(ends.filter(|(_, last): &Span| *last < leaf.seq));
    }

    /// Do later entries say of each that it was removed?
    pub(super) fn finding(&self) -> Result<String, String> {
        let said = merged(self.said.clone());
        for &(first, last) in &self.gone {
            let at = said.partition_point(|(_, to)| *to < first);
            if said.get(at).is_none_or(|(from, to)| first < *from || *to < last) {
                return Err(format!(
                    "of the entries {first} to {last} only hashes are left, and no later entry says \
                     that they were removed"
                ));
            }
        }
        Ok(match self.count {
            0 => String::new(),
            count => format!(
                "{count} went with reported runs, as later entries say; their hashes stayed"
            ),
        })
    }
}

/// The same places in as few spans as there can be, in their order.
fn merged(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    spans.dedup_by(|next, kept| {
        let touches = next.0 <= kept.1.saturating_add(1);
        if touches {
            kept.1 = kept.1.max(next.1);
        }
        touches
    });
    spans
}
