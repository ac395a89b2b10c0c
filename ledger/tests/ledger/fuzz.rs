//! The fuzz targets, driven without a fuzzer: noise, and good input with a few bytes changed.

use ledger::{
    bundle::consistency_text, fuzzing::TARGETS, payload::PayloadLine, proof::Plan,
    tlog_proof::TlogProof,
};
use proptest::prelude::*;

use crate::support::{Log, Making, bundle, key, leaf};

/// Good input for the targets, each of which gets all of it.
fn corpus() -> Vec<Vec<u8>> {
    let (log, key) = (Log::of(9, 0), key(1));
    let tree = log.tree(9);
    let proof = tree.proof(&Plan::inclusion(4, 9).unwrap());
    let checkpoint = log.checkpoint(9, &key);
    let file = TlogProof { extra: None, index: 4, hashes: proof.clone(), checkpoint };
    vec![
        log.checkpoint(9, &key).into_bytes(),
        file.to_string().into_bytes(),
        [&4_u64.to_be_bytes()[..], &9_u64.to_be_bytes(), &proof.concat()].concat(),
        leaf(3, "item.started").to_line().unwrap().into_bytes(),
        serde_json::to_vec(&PayloadLine::new(3, &[1; 32], "{}")).unwrap(),
        key.to_secret_text().into_bytes(),
        key.verifier().to_string().into_bytes(),
        consistency_text(4, &proof).into_bytes(),
        bundle(&log, &Making::plain(4), &key),
        b"\x30\x03\x02\x01\x00".to_vec(),
        b"\x30\x82\x00\x12\x30\x03\x02\x01\x00\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
            .to_vec(),
    ]
}

fn all(bytes: &[u8]) {
    TARGETS.iter().for_each(|(_, target)| target(bytes));
}

#[test]
fn no_parser_panics_on_its_good_input() {
    corpus().iter().for_each(|good| all(good));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn no_parser_panics_on_noise(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        all(&bytes);
    }

    #[test]
    fn no_parser_panics_on_almost_good_input(
        which: prop::sample::Index,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in prop::option::weighted(0.2, any::<prop::sample::Index>()),
    ) {
        thread_local!(static CORPUS: Vec<Vec<u8>> = corpus());
        let mut bytes = CORPUS.with(|corpus| which.get(corpus).clone());
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.truncate(cut.map_or(bytes.len(), |cut| cut.index(bytes.len())));
        all(&bytes);
    }
}
