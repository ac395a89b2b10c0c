//! Runs played at random, the way the engine plays them, with everything checked after every step.

mod op;
mod play;
mod world;

use std::{cell::RefCell, collections::BTreeSet};

use domain::{item::ItemState, run::RunStatus};
use proptest::{
    collection::vec,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use self::world::World;

/// What was seen over all plays: a simulation that never gets anywhere proves nothing.
#[derive(Debug, Default)]
struct Seen {
    statuses: BTreeSet<RunStatus>,
    states: BTreeSet<ItemState>,
    facts: BTreeSet<&'static str>,
}

#[test]
fn whatever_happens_counts_and_rollups_equal_a_recount_and_every_run_can_end() {
    let seen = RefCell::new(Seen::default());
    let config = Config { cases: 160, failure_persistence: None, ..Config::default() };
    // The same plays every time, because what they saw is held against a list below.
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let played = runner.run(&vec(op::any(), 0..240), |ops| {
        let mut world = World::new();
        for some in ops.chunks(20) {
            some.iter().for_each(|op| world.play(op));
            world.check_rollup();
        }
        world.drain();
        world.check_rollup();
        world.check_ended();
        seen.borrow_mut().take(&world);
        Ok(())
    });
    if let Err(error) = played {
        panic!("{error}");
    }
    let seen = seen.into_inner();
    assert_eq!(seen.statuses.len(), RunStatus::ALL.len(), "{:?}", seen.statuses);
    assert_eq!(seen.states.len(), ItemState::ALL.len(), "{:?}", seen.states);
    let expected = [
        "asked-while-stopping",
        "denied",
        "failed-with-items-in-flight",
        "held",
        "held-back",
        "moved-to-another-day",
        "reopened",
        "retried",
        "retried-twice",
        "retried-with-approval",
        "tried-again",
    ];
    assert_eq!(seen.facts.iter().copied().collect::<Vec<_>>(), expected);
}

impl Seen {
    fn take(&mut self, world: &World) {
        self.statuses.extend(&world.statuses);
        self.states.extend(&world.states);
        self.facts.extend(&world.facts);
    }
}
