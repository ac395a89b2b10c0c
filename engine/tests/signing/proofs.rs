//! Proofs against what was signed: those that the whole tree gives, made of a few reads.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use engine::{both_databases, services::ServiceError, store::Backend, testing};
use ledger::{
    Frontier, Hash, VerifierKey,
    node::{Address, HashReader},
    proof::{Plan, verify_consistency},
    tlog_proof::TlogProof,
};
use tracing::{Event, Metadata, Subscriber, span};

use crate::house::House;

/// A tree with every node of it in memory.
#[derive(Default)]
struct Whole {
    tree: Frontier,
    nodes: HashMap<Address, Hash>,
    leaves: Vec<Hash>,
    /// The root over the first so many leaves.
    roots: Vec<Hash>,
}

impl HashReader for Whole {
    fn hash(&self, address: Address) -> Option<Hash> {
        self.nodes.get(&address).copied()
    }
}

impl Whole {
    async fn of(house: &House) -> Self {
        let mut whole = Self { roots: vec![Frontier::new().root()], ..Self::default() };
        loop {
            let mut session = house.services.store().read().await.unwrap();
            let lines =
                session.log_lines(house.workspace, whole.tree.size(), 10_000).await.unwrap();
            if lines.is_empty() {
                return whole;
            }
            for line in lines {
                let hash = line.hash();
                let nodes = &mut whole.nodes;
                whole.tree.push_noting(hash, |address, hash| {
                    nodes.insert(address, hash);
                });
                whole.leaves.push(hash);
                whole.roots.push(whole.tree.root());
            }
        }
    }

    fn inclusion(&self, index: u64, size: u64) -> Vec<Hash> {
        Plan::inclusion(index, size).unwrap().assemble(self).unwrap()
    }
}

async fn is_proven(house: &House, whole: &Whole, keys: &[VerifierKey], seq: u64) {
    let proof = house.services.inclusion_proof(house.host, seq).await.unwrap();
    assert_eq!(proof.hashes, whole.inclusion(seq, proof.checkpoint.size), "{seq}");
    let text = house.services.tlog_proof(house.host, seq).await.unwrap();
    let read = TlogProof::parse(text.as_bytes()).unwrap();
    let tree = read.verify(&whole.leaves[seq as usize], keys).unwrap();
    assert_eq!((tree.size, tree.root), (proof.checkpoint.size, proof.checkpoint.root));
}

fn code<T>(result: Result<T, ServiceError>) -> &'static str {
    match result {
        Err(ServiceError::Conflict { code, .. }) => code,
        Err(ServiceError::NotFound(what)) => what,
        Err(error) => panic!("{error}"),
        Ok(_) => "ok",
    }
}

both_databases! {
    async fn proofs_of_small_logs_are_those_of_the_whole_tree(db: TestStore) {
        let house = House::new(&db).await;
        let sizes = [1_u64, 2, 3, 7, 8, 255, 256, 257, 511, 513];
        for size in sizes {
            house.grow(size - house.size().await).await;
            assert_eq!(house.minute().await, 1);
            assert_eq!(house.latest().await.size, size);
            let (whole, keys) = (Whole::of(&house).await, house.keys().await);
            for seq in (0..size).filter(|seq| size < 10 || seq % 51 == 0 || seq + 3 > size) {
                is_proven(&house, &whole, &keys, seq).await;
            }
        }
        let whole = Whole::of(&house).await;
        for (n, &old) in sizes.iter().enumerate() {
            for &new in &sizes[n..] {
                let proof = house.services.consistency_proof(house.host, old, new).await.unwrap();
                assert_eq!(proof, Plan::consistency(old, new).unwrap().assemble(&whole).unwrap());
                let (before, after) = (&whole.roots[old as usize], &whole.roots[new as usize]);
                verify_consistency(old, before, new, after, &proof).unwrap();
            }
        }
        // Against an earlier checkpoint, too.
        let early = house.services.checkpoint_at(house.host, 256).await.unwrap().unwrap();
        let proof = house.services.inclusion_proof_in(house.host, &early, 200).await.unwrap();
        assert_eq!(proof.hashes, whole.inclusion(200, 256));
    }

    async fn proofs_of_a_large_log_are_those_of_the_whole_tree(db: TestStore) {
        let house = House::new(&db).await;
        house.grow(65_534).await;
        for size in [65_535_u64, 65_536, 65_537, 65_793] {
            house.grow(size - house.size().await).await;
            assert_eq!(house.minute().await, 1);
            let (whole, keys) = (Whole::of(&house).await, house.keys().await);
            assert_eq!(house.latest().await.root, whole.tree.root());
            for seq in [0, 255, 256, 40_000, 65_279, 65_280, 65_534, size - 1] {
                is_proven(&house, &whole, &keys, seq).await;
            }
            let proof = house.services.consistency_proof(house.host, 65_535, size).await.unwrap();
            assert_eq!(proof, Plan::consistency(65_535, size).unwrap().assemble(&whole).unwrap());
        }
    }

    async fn what_is_not_signed_has_no_proof(db: TestStore) {
        let house = House::new(&db).await;
        assert_eq!(code(house.services.inclusion_proof(house.host, 0).await), "not-signed-yet");
        house.minute().await;
        house.grow(1).await;
        assert_eq!(code(house.services.inclusion_proof(house.host, 0).await), "ok");
        assert_eq!(code(house.services.inclusion_proof(house.host, 1).await), "not-signed-yet");
        assert_eq!(code(house.services.inclusion_proof(house.host, 2).await), "entry");
        assert_eq!(code(house.services.consistency_proof(house.host, 1, 2).await), "checkpoint");
    }
}

/// Counts the statements that are sent to Postgres from this thread.
struct Statements(Arc<AtomicUsize>);

impl Subscriber for Statements {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("sqlx::query")
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, _: &Event<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

#[tokio::test]
async fn a_proof_in_a_large_log_takes_a_handful_of_statements() {
    let Some(db) = testing::fresh(Backend::Postgres).await else { return };
    let house = House::new(&db).await;
    house.grow(65_792).await;
    house.minute().await;
    for seq in [0, 300, 40_000, 65_792] {
        let sent = Arc::new(AtomicUsize::new(0));
        let counting = tracing::subscriber::set_default(Statements(Arc::clone(&sent)));
        house.services.inclusion_proof(house.host, seq).await.unwrap();
        drop(counting);
        let sent = sent.load(Ordering::Relaxed);
        // The checkpoint, the entry, and a few ranges of hashes.
        assert!((4..=7).contains(&sent), "{sent} statements for {seq}");
    }
}
