//! Sixteen ways to forge a bundle, at the sizes where trees change their shape; and the agreement of
//! the verifiers: this crate, and the scripts that are shipped in every bundle.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use ledger::{
    Checkpoint, SignerKey,
    bundle::{consistency_text, parse_consistency},
    verify::Trust,
};

use crate::support::{
    Files, Log, Making, ORIGIN, bundle, key, leaf, pack, pinned, run, unpack, verify, verify_sh,
};

const SIZES: [u64; 9] = [0, 1, 2, 3, 7, 8, 255, 256, 257];

/// A bundle about to be forged.
struct Forgery {
    log: Log,
    key: SignerKey,
    files: Files,
    trust: Trust,
    /// The entry to lay hands on.
    at: usize,
}

impl Forgery {
    fn at_size(size: u64) -> Self {
        let (log, key) = (Log::of(size, 1), key(7));
        let files = unpack(&bundle(&log, &Making::plain(size / 2), &key));
        let at = usize::try_from(size * 2 / 3).unwrap();
        Self { trust: pinned(&key), log, key, files, at }
    }

    fn lines(&self, file: &str) -> Vec<String> {
        let text = String::from_utf8(self.files[file].clone()).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    fn set(&mut self, file: &str, text: String) {
        self.files.insert(file.to_owned(), text.into_bytes());
    }

    fn change_lines(&mut self, file: &str, change: impl FnOnce(&mut Vec<String>)) {
        let mut lines = self.lines(file);
        change(&mut lines);
        self.set(file, lines.iter().map(|line| format!("{line}\n")).collect());
    }

    fn change_line(&mut self, file: &str, from: &str, to: &str) {
        let at = self.at;
        self.change_lines(file, |lines| {
            let changed = lines[at].replacen(from, to, 1);
            assert_ne!(changed, lines[at]);
            lines[at] = changed;
        });
    }
}

type Forge = fn(&mut Forgery);

/// Name, the smallest size it works at, the code it must give, and what it does.
const FORGERIES: [(&str, u64, u8, Forge); 16] = [
    ("flip", 1, 30, |it| it.change_line("entries.jsonl", "T09:30", "T09:31")),
    ("drop", 1, 30, |it| {
        let at = it.at;
        it.change_lines("entries.jsonl", |lines| drop(lines.remove(at)));
    }),
    ("reorder", 2, 30, |it| {
        let at = it.at;
        it.change_lines("entries.jsonl", |lines| lines.swap(at, at - 1));
    }),
    ("insert", 0, 30, |it| {
        let (at, line) = (it.at, leaf(it.at as u64, "item.succeeded").to_line().unwrap());
        it.change_lines("entries.jsonl", |lines| lines.insert(at, line));
    }),
    ("truncate", 1, 30, |it| {
        let entries = it.files.get_mut("entries.jsonl").unwrap();
        entries.truncate(entries.len() * 2 / 3);
    }),
    ("size", 0, 20, |it| {
        let size = it.log.size();
        it.change_lines("checkpoint", |lines| lines[1] = (size + 1).to_string());
    }),
    ("origin", 0, 20, |it| it.change_lines("checkpoint", |lines| lines[0].push('2'))),
    ("key swap", 0, 20, |it| {
        let (size, other) = (it.log.size(), key(8));
        it.set("checkpoint", it.log.checkpoint(size, &other));
        it.set("checkpoint.prev", it.log.checkpoint(size / 2, &other));
        it.set("vkey", format!("{}\n", other.verifier()));
    }),
    ("previous swap", 0, 40, |it| {
        let (origin, size) = (ORIGIN.to_owned(), it.log.size() / 2);
        let other = Checkpoint { origin, size, root: [9; 32] };
        it.set("checkpoint.prev", other.sign(&[&it.key]).unwrap());
    }),
    ("payload", 1, 50, |it| it.change_line("payloads.jsonl", "Zoë", "Zoé")),
    ("salt", 1, 50, |it| {
        let line = it.lines("payloads.jsonl")[it.at].clone();
        let salt = line.split_once(r#""salt":""#).unwrap().1[..64].to_owned();
        it.change_line("payloads.jsonl", &salt, &"0".repeat(64));
    }),
    ("erase without entry", 1, 50, |it| {
        let at = it.at;
        it.change_lines("payloads.jsonl", |lines| drop(lines.remove(at)));
    }),
    ("duplicate", 1, 30, |it| {
        let at = it.at;
        it.change_lines("entries.jsonl", |lines| lines.insert(at, lines[at].clone()));
    }),
    ("replayed checkpoint", 1, 30, |it| {
        it.set("checkpoint", it.log.checkpoint(it.log.size() - 1, &it.key));
    }),
    ("forked tree", 1, 40, |it| {
        // Whoever holds the key signs another history; the auditor remembers the first one.
        let size = it.log.size();
        it.trust.previous = Some(it.log.checkpoint(size, &it.key).into_bytes());
        it.files = unpack(&bundle(&Log::of(size, 2), &Making::plain(size / 2), &it.key));
    }),
    ("forged proof", 0, 40, |it| {
        let (old, mut proof) = parse_consistency(&it.files["consistency.txt"]).unwrap();
        match proof.last_mut() {
            Some(hash) => hash[31] ^= 1,
            None => proof.push([3; 32]),
        }
        it.set("consistency.txt", consistency_text(old, &proof));
    }),
];

/// Calls a function for every item, on two threads.
fn on_two_threads<T: Sync>(items: &[T], work: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    work(item);
                }
            });
        }
    });
}

#[test]
fn sixteen_forgeries_are_detected_at_every_size_and_the_verifiers_agree() {
    let cases: Vec<_> = FORGERIES
        .iter()
        .flat_map(|forgery| SIZES.iter().map(move |size| (*size, forgery)))
        .filter(|(size, (_, smallest, ..))| size >= smallest)
        .collect();
    let by_code = Mutex::new(BTreeMap::new());
    on_two_threads(&cases, |(size, (name, _, code, forge))| {
        let mut it = Forgery::at_size(*size);
        forge(&mut it);
        let zip = pack(&mut it.files);
        let report = verify(&zip, &it.trust);
        assert_eq!(report.exit_code, *code, "{name} at size {size}:\n{report}");
        let (sh, said) = verify_sh(&it.files, it.key.verifier(), it.trust.previous.as_deref());
        assert_eq!(sh, *code, "verify.sh: {name} at size {size}: {said}");
        *by_code.lock().unwrap().entry(*code).or_insert(0) += 1;
    });
    println!(
        "{} forgeries detected by both verifiers with the same code: {:?}",
        cases.len(),
        by_code.into_inner().unwrap()
    );
    assert_eq!(cases.len(), 133);
}

/// Good bundles of all kinds: first and later quarters, erased payloads, chosen automations.
fn good(n: u64) -> (Vec<u8>, Trust, SignerKey) {
    let key = key(u8::try_from(n % 250).unwrap());
    let size = if n < 9 { SIZES[n as usize] } else { n * 7 % 61 };
    let mut log = Log::of(size, n);
    if n % 4 == 1 && size > 0 {
        let mut erasure = leaf(size, "payload.erased");
        erasure.run = None;
        (erasure.object.kind, erasure.object.id) = ("run".to_owned(), run(0));
        log.payloads.iter_mut().take(5).for_each(|payload| *payload = None);
        log.push(erasure, None);
    }
    let size = log.size();
    let mut making = Making::plain(size * (n % 5) / 5);
    making.all_hashes = n % 6 == 2;
    match n % 3 {
        0 => {
            making.previous = None;
        }
        1 => {
            making.first = size / 2;
            making.entries_from = size / 3;
        }
        _ if n.is_multiple_of(2) => {
            making.automations = vec!["aut_0".to_owned()];
        }
        _ => {}
    }
    let mut trust = pinned(&key);
    if n % 7 == 3 {
        trust.previous = Some(log.checkpoint(size * 3 / 4, &key).into_bytes());
    }
    (bundle(&log, &making, &key), trust, key)
}

#[test]
fn two_hundred_good_bundles_raise_no_alarm_and_the_verifiers_agree() {
    let cases: Vec<u64> = (0..200).collect();
    let agreed = AtomicUsize::new(0);
    on_two_threads(&cases, |n| {
        let (zip, trust, key) = good(*n);
        let report = verify(&zip, &trust);
        assert_eq!(report.exit_code, 0, "bundle {n}:\n{report}");
        let (sh, said) = verify_sh(&unpack(&zip), key.verifier(), trust.previous.as_deref());
        assert_eq!(sh, 0, "verify.sh: bundle {n}: {said}");
        agreed.fetch_add(1, Ordering::Relaxed);
    });
    println!("{} good bundles, no alarm from either verifier", agreed.into_inner());
}
