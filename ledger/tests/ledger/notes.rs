//! Notes, keys, checkpoints and proofs in their text forms, against published examples and `signed_note`.

use ledger::{
    Checkpoint, SignerKey, VerifierKey,
    checkpoint::CheckpointError,
    leaf_hash,
    note::{NoteError, SignedNote},
    proof::Plan,
    tlog_proof::TlogProof,
};
use proptest::prelude::*;
use signed_note::{Note, StandardSigner, StandardVerifier, VerifierList};

use crate::support::{Log, ORIGIN, key};

// The example of the specification.
const SECRET: &str =
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const PUBLIC: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const TEXT: &str = "If you think cryptography is the answer to your problem,\n\
                    then you don't know what your problem is.\n";
const LINE: &str = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

#[test]
fn the_published_note_is_signed_and_verified_byte_for_byte() {
    let secret = SignerKey::parse(SECRET).unwrap();
    assert_eq!(secret.to_secret_text(), SECRET);
    assert_eq!(secret.verifier().to_string(), PUBLIC);
    let note = SignedNote::sign(TEXT, &[&secret]).unwrap();
    assert_eq!(note.to_string(), format!("{TEXT}\n{LINE}"));
    let read = SignedNote::parse(note.to_string().as_bytes()).unwrap();
    assert_eq!(read.verify(&[VerifierKey::parse(PUBLIC).unwrap()]).unwrap().len(), 1);
}

#[test]
fn what_is_no_note_is_refused() {
    let wrong = [
        String::new(),
        TEXT.to_owned(),
        format!("{TEXT}\n"),
        format!("{TEXT}{LINE}"),
        format!("{TEXT}\n{}", LINE.trim_end()),
        format!("{TEXT}\n{LINE}\n"),
        format!("{TEXT}\n{LINE}more"),
        format!("{TEXT}\r\n\n{LINE}"),
        format!("a\tb\n\n{LINE}"),
        format!("{TEXT}\n{}", LINE.replace('—', "-")),
        format!("{TEXT}\n— a+b x08go/Y=\n"),
        format!("{TEXT}\n— PeterNeumann x08gow==\n"),
        format!("{TEXT}\n— PeterNeumann !\n"),
        format!("{TEXT}\n{}", LINE.repeat(65)),
    ];
    for text in wrong {
        assert!(
            matches!(SignedNote::parse(text.as_bytes()), Err(NoteError::Malformed(_))),
            "{text:?}"
        );
    }
}

#[test]
fn a_wrong_signature_of_a_trusted_key_counts_and_lines_of_strangers_do_not() {
    let (ours, stranger) = (key(1), SignerKey::from_seed("witness.example", &[2; 32]).unwrap());
    let trusted = [ours.verifier().clone()];
    let both = SignedNote::sign("hello\n", &[&stranger, &ours]).unwrap().to_string();
    assert_eq!(
        SignedNote::parse(both.as_bytes()).unwrap().verify(&trusted).unwrap(),
        [&trusted[0]]
    );
    let changed = both.replace("hello", "hallo");
    let changed = SignedNote::parse(changed.as_bytes()).unwrap();
    assert_eq!(changed.verify(&trusted), Err(NoteError::BadSignature(ORIGIN.to_owned())));
    let theirs = SignedNote::sign("hello\n", &[&stranger]).unwrap();
    assert_eq!(theirs.verify(&trusted), Err(NoteError::NotSigned));
    // The same name with another key is a stranger, too.
    assert_eq!(
        SignedNote::sign("x\n", &[&key(2)]).unwrap().verify(&trusted),
        Err(NoteError::NotSigned)
    );
}

#[test]
fn keys_that_are_none_are_refused() {
    let weak = VerifierKey::new("weak", &[0; 32]);
    assert!(weak.is_err(), "a point of small order");
    for wrong in [
        "",
        "a+b",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeuman+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+AhpC2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ] {
        assert!(VerifierKey::parse(wrong).is_err(), "{wrong:?}");
    }
    assert!(SignerKey::parse(PUBLIC).is_err());
    assert!(!format!("{:?}", key(1)).contains(&key(1).to_secret_text()[40..]));
}

proptest! {
    #[test]
    fn notes_are_those_of_another_implementation(seed: [u8; 32], words in "[a-zé \n]{0,60}") {
        let (text, ours) = (format!("{words}\n"), SignerKey::from_seed("log.example/x", &seed).unwrap());
        let mine = SignedNote::sign(&text, &[&ours]).unwrap().to_string();
        let signer = StandardSigner::new(&ours.to_secret_text()).unwrap();
        let mut theirs = Note::new(text.as_bytes(), &[]).unwrap();
        theirs.add_sigs(&[&signer]).unwrap();
        prop_assert_eq!(mine.as_bytes(), theirs.to_bytes());
        let verifier = StandardVerifier::new(&ours.verifier().to_string()).unwrap();
        let known = VerifierList::new(vec![Box::new(verifier)]);
        prop_assert!(Note::from_bytes(mine.as_bytes()).unwrap().verify(&known).is_ok());
        let read = SignedNote::parse(&theirs.to_bytes()).unwrap();
        let keys = [ours.verifier().clone()];
        prop_assert_eq!(read.verify(&keys).unwrap(), vec![ours.verifier()]);
    }

    #[test]
    fn notes_are_refused_when_another_implementation_refuses_them(text in "[ab\n— =+\t]{0,40}") {
        // Ours may be stricter, never laxer.
        if SignedNote::parse(text.as_bytes()).is_ok() {
            prop_assert!(Note::from_bytes(text.as_bytes()).is_ok());
        }
    }

    #[test]
    fn checkpoints_are_those_of_another_implementation(size in 0..1_u64 << 60, root: [u8; 32]) {
        let mine = Checkpoint { origin: ORIGIN.to_owned(), size, root };
        let theirs = tlog_tiles::Checkpoint::new(ORIGIN, size, tlog_tiles::Hash(root), "").unwrap();
        prop_assert_eq!(mine.text().into_bytes(), theirs.to_bytes());
        prop_assert_eq!(Checkpoint::parse_text(&mine.text()).unwrap(), mine);
    }
}

#[test]
fn extension_lines_of_others_are_tolerated_and_malformed_checkpoints_are_not() {
    let root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let good = format!("origin\n5\n{root}\n");
    assert_eq!(Checkpoint::parse_text(&good).unwrap().size, 5);
    assert_eq!(Checkpoint::parse_text(&format!("{good}more\n")).unwrap().size, 5);
    for wrong in [
        format!("origin\n05\n{root}\n"),
        format!("origin\n+5\n{root}\n"),
        format!("origin\n5\n{root}"),
        format!("\n5\n{root}\n"),
        format!("origin\n5\n{}\n", &root[4..]),
        format!("{good}\n"),
        "origin\n5\n".to_owned(),
    ] {
        assert!(Checkpoint::parse_text(&wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn a_checkpoint_is_only_believed_from_the_key_of_its_origin() {
    let (mine, other) = (key(1), SignerKey::from_seed("other.example", &[2; 32]).unwrap());
    let keys = [mine.verifier().clone(), other.verifier().clone()];
    let log = Log::of(3, 0);
    assert!(Checkpoint::open(log.checkpoint(3, &mine).as_bytes(), &keys).is_ok());
    assert_eq!(
        Checkpoint::open(log.checkpoint(3, &other).as_bytes(), &keys),
        Err(CheckpointError::Note(NoteError::NotSigned))
    );
}

#[test]
fn a_proof_file_proves_one_entry_offline() {
    let (log, key) = (Log::of(9, 0), key(1));
    let (checkpoint, tree) = (log.checkpoint(9, &key), log.tree(9));
    let hashes = tree.proof(&Plan::inclusion(4, 9).unwrap());
    let proof = TlogProof { extra: Some(b"run_0".to_vec()), index: 4, hashes, checkpoint };
    let read = TlogProof::parse(proof.to_string().as_bytes()).unwrap();
    assert_eq!(read, proof);
    let keys = [key.verifier().clone()];
    let leaf = leaf_hash(log.lines[4].as_bytes());
    assert_eq!(read.verify(&leaf, &keys).unwrap().size, 9);
    assert!(read.verify(&leaf_hash(log.lines[5].as_bytes()), &keys).is_err());
    assert!(read.verify(&leaf, &[crate::support::key(2).verifier().clone()]).is_err());
}

#[test]
fn the_published_forms_of_a_proof_are_read_and_written() {
    for text in [
        "c2sp.org/tlog-proof@v1\nindex 0\n\ncheckpoint\n",
        "c2sp.org/tlog-proof@v1\nextra ZXh0cmE=\nindex 10\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\ncheckpoint data\n",
    ] {
        assert_eq!(TlogProof::parse(text.as_bytes()).unwrap().to_string(), text);
    }
    for wrong in [
        "wrong-header\nindex 0\n\ncheckpoint\n",
        "c2sp.org/tlog-proof@v1\nextra !\nindex 0\n\ncheckpoint\n",
        "c2sp.org/tlog-proof@v1\n\ncheckpoint\n",
        "c2sp.org/tlog-proof@v1\nindex -1\n\ncheckpoint\n",
        "c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\ncheckpoint\n",
        "c2sp.org/tlog-proof@v1\nindex 0\n",
    ] {
        assert!(TlogProof::parse(wrong.as_bytes()).is_err(), "{wrong:?}");
    }
}
