//! What fuzzers call: every parser of foreign bytes. Each must return, whatever it is given, and what
//! it accepts must be written as it was read.

use std::io::Cursor;

use crate::{
    Checkpoint, Leaf,
    bundle::{consistency_text, parse_consistency},
    note::{SignedNote, SignerKey, VerifierKey},
    payload::PayloadLine,
    proof::{verify_consistency, verify_inclusion},
    tlog_proof::TlogProof,
    verify::{Trust, verify_bundle},
};

/// A target: its name, and the function to call.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: &[Target] = &[
    ("note", note),
    ("checkpoint", checkpoint),
    ("tlog_proof", tlog_proof),
    ("proofs", proofs),
    ("leaf", leaf),
    ("payload", payload),
    ("keys", keys),
    ("consistency", consistency),
    ("bundle", bundle),
    #[cfg(feature = "timestamps")]
    ("timestamp", timestamp),
];

/// Signed notes.
pub fn note(bytes: &[u8]) {
    if let Ok(note) = SignedNote::parse(bytes) {
        assert_eq!(note.to_string().as_bytes(), bytes, "a note has one spelling");
        let _ = note.verify(&[]);
    }
}

/// Checkpoints.
pub fn checkpoint(bytes: &[u8]) {
    if let Ok((tree, note)) = Checkpoint::parse(bytes) {
        assert!(note.text().starts_with(&tree.text()), "a checkpoint has one spelling");
    }
}

/// Proofs of single entries.
pub fn tlog_proof(bytes: &[u8]) {
    if let Ok(proof) = TlogProof::parse(bytes) {
        assert_eq!(proof.to_string().as_bytes(), bytes, "a proof has one spelling");
        let _ = proof.verify(&[0; 32], &[]);
    }
}

/// Hashes of proofs: two sizes, then 32 bytes a hash.
pub fn proofs(bytes: &[u8]) {
    let Some((sizes, hashes)) = bytes.split_first_chunk::<16>() else { return };
    let number = |from: usize| {
        sizes[from..from + 8].iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte))
    };
    let (old, new) = (number(0), number(8));
    let proof: Vec<_> = hashes.as_chunks::<32>().0.to_vec();
    let _ = verify_inclusion(&[1; 32], old, new, &[2; 32], &proof);
    let _ = verify_consistency(old, &[1; 32], new, &[2; 32], &proof);
}

/// Leaves.
pub fn leaf(bytes: &[u8]) {
    if let Ok(leaf) = Leaf::parse(bytes) {
        assert_eq!(leaf.to_line().map(String::into_bytes).as_deref(), Ok(bytes));
    }
}

/// Lines of payloads.
pub fn payload(bytes: &[u8]) {
    if let Ok(line) = serde_json::from_slice::<PayloadLine>(bytes) {
        let _ = line.opened();
    }
}

/// Keys in text form.
pub fn keys(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(key) = VerifierKey::parse(text) {
        assert_eq!(key.to_string(), text, "a key has one spelling");
    }
    if let Ok(key) = SignerKey::parse(text) {
        assert_eq!(key.to_secret_text(), text, "a key has one spelling");
    }
}

/// Consistency proofs in a bundle.
pub fn consistency(bytes: &[u8]) {
    if let Some((old, proof)) = parse_consistency(bytes) {
        assert_eq!(consistency_text(old, &proof).as_bytes(), bytes);
    }
}

/// Whole bundles.
pub fn bundle(bytes: &[u8]) {
    let trust = Trust { allow_unpinned: true, ..Trust::default() };
    let report = verify_bundle(Cursor::new(bytes), &trust);
    assert_eq!(report.exit_code, report.verdict.code());
}

/// Time-stamp responses, and certificates.
#[cfg(feature = "timestamps")]
pub fn timestamp(bytes: &[u8]) {
    let _ = crate::timestamp::verify(bytes, b"", bytes);
}
