//! The first reading of the entries: the tree over them, and what they say by themselves.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    io::{BufReader, Read, Seek},
};

use super::{erased::Erased, policy::PolicyOrder, removed::Removed};
use crate::{
    Checkpoint, Frontier, Hash, Leaf,
    bundle::{Bundle, BundleError, Manifest, name},
    leaf_hash,
    removed::RemovedLine,
};

/// What to look out for while reading.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// Sizes of earlier trees whose roots are wanted.
    pub sizes: BTreeSet<u64>,
    /// Entries whose leaf hash is wanted.
    pub entries: BTreeSet<u64>,
}

/// What the entries give.
#[derive(Debug, Default)]
pub(super) struct Entries {
    pub tree: Frontier,
    /// The roots of the earlier trees that were wanted.
    pub roots: BTreeMap<u64, Hash>,
    /// Leaf hash and run of the entries that were wanted.
    pub leaves: HashMap<u64, (Hash, Option<String>)>,
    /// The first entry that is not the one `hashes.bin` recorded.
    pub changed: Option<u64>,
    /// The first line that holds the entry of another place: the place, and the other.
    pub misplaced: Option<(u64, u64)>,
    /// The first entry that is none, and why.
    pub unreadable: Option<(u64, String)>,
    /// The first entry of the period that the manifest leaves out of it.
    pub left_out: Option<u64>,
    pub erased: Erased,
    pub removed: Removed,
    pub policy: PolicyOrder,
}

impl Entries {
    /// Reads all entries.
    pub(super) fn read<R: Read + Seek>(
        bundle: &Bundle<R>,
        manifest: &Manifest,
        watch: &Watch,
    ) -> Result<Self, BundleError> {
        let mut found = Self::default();
        let (mut entries, mut hashes) = (bundle.view(), bundle.view());
        let mut lines = bundle.lines(&mut entries, name::ENTRIES)?;
        let mut recorded = bundle.file(&mut hashes, name::HASHES)?.map(BufReader::new);
        found.remember_root(watch);
        while found.tree.size() < manifest.entries_from {
            let Some(hash) = next_hash(&mut recorded)?.and_then(|hash| hash.try_into().ok()) else {
                return Ok(found);
            };
            found.push(hash, None, watch);
        }
        while let Some(line) = lines.next()? {
            let removed = RemovedLine::parse(line);
            let hash = removed.as_ref().map_or_else(|| leaf_hash(line), |(_, hash)| *hash);
            let known = next_hash(&mut recorded)?;
            if known.is_some_and(|known| known != hash) {
                found.changed.get_or_insert(found.tree.size());
            }
            let run = match removed {
                Some((removed, _)) => found.miss(&removed),
                None => found.hear(line, manifest),
            };
            found.push(hash, run, watch);
        }
        Ok(found)
    }

    fn push(&mut self, hash: Hash, run: Option<String>, watch: &Watch) {
        if watch.entries.contains(&self.tree.size()) {
            self.leaves.insert(self.tree.size(), (hash, run));
        }
        self.tree.push(hash);
        self.remember_root(watch);
    }

    fn remember_root(&mut self, watch: &Watch) {
        if watch.sizes.contains(&self.tree.size()) {
            self.roots.insert(self.tree.size(), self.tree.root());
        }
    }

    /// Takes in that only the hash of an entry is left; of which run it was is not known.
    fn miss(&mut self, removed: &RemovedLine) -> Option<String> {
        let place = self.tree.size();
        if removed.seq != place {
            self.misplaced.get_or_insert((place, removed.seq));
        }
        self.removed.miss(place);
        None
    }

    /// Takes in what an entry says; answers with its run.
    fn hear(&mut self, line: &[u8], manifest: &Manifest) -> Option<String> {
        let place = self.tree.size();
        let leaf = match Leaf::parse(line) {
            Ok(leaf) => leaf,
            Err(error) => {
                self.unreadable.get_or_insert((place, error.to_string()));
                return None;
            }
        };
        if leaf.seq != place {
            self.misplaced.get_or_insert((place, leaf.seq));
        }
        let in_period = (manifest.first_seq..manifest.end_seq).contains(&place);
        if manifest.covers(&leaf.ts) && !in_period {
            self.left_out.get_or_insert(place);
        }
        self.erased.hear(&leaf);
        self.removed.hear(&leaf);
        self.policy.hear(&leaf);
        leaf.run
    }

    /// Are these the entries that were signed? If not, names the first that is wrong, if it shows.
    pub(super) fn compare(&self, size: u64, root: &Hash) -> Result<String, String> {
        let (found, found_root) = (self.tree.size(), self.tree.root());
        if let Some(entry) = self.changed {
            return Err(format!("entry {entry} is not the one that hashes.bin recorded"));
        }
        if found == size && found_root == *root {
            return Ok(format!("{size} entries give the signed root"));
        }
        let whole = if found == size { "" } else { &format!("; {found} entries, not {size}") };
        Err(match (&self.misplaced, &self.unreadable) {
            (Some((place, seq)), _) => {
                format!("entry {place} is wrong: in its place is entry {seq}{whole}")
            }
            (None, Some((place, why))) => format!("entry {place} is wrong: {why}{whole}"),
            (None, None) => format!("the entries give another root{whole}"),
        })
    }

    /// Does every entry say what an entry must, and the manifest nothing else?
    pub(super) fn well_formed(
        &self,
        manifest: &Manifest,
        tree: &Checkpoint,
    ) -> Result<String, String> {
        if manifest.origin != tree.origin {
            return Err(format!("the manifest is of the log {}", manifest.origin));
        }
        if manifest.end_seq > tree.size {
            return Err(format!("the manifest speaks of {} entries", manifest.end_seq));
        }
        if let Some((place, why)) = &self.unreadable {
            return Err(format!("entry {place}: {why}"));
        }
        if let Some((place, seq)) = self.misplaced {
            return Err(format!("entry {place} says that it is entry {seq}"));
        }
        if let Some(place) = self.left_out {
            return Err(format!("the manifest leaves entry {place} out of the period it is in"));
        }
        self.removed.finding()
    }
}

/// The next recorded hash: 32 bytes, fewer if the file ends within it.
fn next_hash(recorded: &mut Option<impl Read>) -> Result<Option<Vec<u8>>, BundleError> {
    let Some(file) = recorded else { return Ok(None) };
    let mut hash = Vec::with_capacity(32);
    file.by_ref().take(32).read_to_end(&mut hash)?;
    Ok((!hash.is_empty()).then_some(hash))
}
