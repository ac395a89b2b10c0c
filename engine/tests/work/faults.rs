//! Whatever goes wrong, in whatever order: every abnormal end has exactly one incident, and every round that
//! ended exactly one report.

use chrono::Duration;
use domain::{id::RunId, incident::IncidentType, member::Role};
use engine::{
    both_databases,
    services::{KillOrder, Presence},
    testing::TestStore,
};
use tokio::task::JoinHandle;

use crate::{
    house::{House, replica},
    incidents::{complete, incidents},
    receiver::{Plan, Receiver},
    remote::settle_in_time,
    reports,
};

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn plan(&mut self) -> Plan {
        match self.below(6) {
            0 => Plan::Refuse(503),
            1 => Plan::Refuse(429),
            2 => Plan::Refuse(422),
            3 => Plan::LoseReply,
            _ => Plan::Refuse(500),
        }
    }
}

/// What happens to the worker that takes the run first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mishap {
    None,
    /// It is gone in the middle of a call.
    Vanishes,
    /// It wakes up after its lease.
    StandsStill,
}

/// What a member does meanwhile.
#[derive(Debug, Clone, Copy)]
enum Act {
    Cancel,
    Kill,
    Nothing,
}

/// A run of an automation of its own, whose receiver nobody else calls.
async fn begin(house: &House, n: usize) -> Receiver {
    let receiver = Receiver::start().await;
    house.services.allow_destination(house.host, &receiver.address, true).await.unwrap();
    house
        .apply(&format!(
            "key: faults-{n}\nname: Faults\ntrigger: {{ kind: governed-event, type: checked }}\n\
             subjects: {{ from: register, kind: account }}\n\
             action: {{ actioner: evidence.request-claim, with: {{ claim: x, \
             deliver: {{ url: '{}/requests' }} }} }}\n\
             retry: {{ max-attempts: 2, backoff: {{ initial: PT30S, max: PT1M }} }}\n",
            receiver.address
        ))
        .await;
    receiver
}

/// Another worker that takes the run, and has a call under way.
async fn second_worker(db: &TestStore, house: &House, receiver: &Receiver) -> JoinHandle<()> {
    let (_, second) = replica(&db.store, &house.clock, "worker-2");
    let work = tokio::spawn(async move { second.run_until_idle().await.unwrap() });
    receiver.arrival().await;
    work
}

async fn act(house: &House, run: RunId, act: Act) {
    match act {
        Act::Nothing => {}
        // What has ended is not stopped any more.
        Act::Cancel => drop(house.services.cancel(house.acting(Role::Owner), run, "enough").await),
        Act::Kill => {
            let order = KillOrder { automation: None, reason: "enough".into() };
            let owner = house.acting(Role::Owner);
            let pressed = house.services.press_kill_switch(owner, order).await.unwrap().switch;
            let now = Presence::SignedIn(house.clock.now());
            house.services.release_kill_switch(owner, pressed.id, "go on", now).await.unwrap();
        }
    }
}

async fn suffer(db: &TestStore, house: &House, dice: &mut Dice, n: usize) -> RunId {
    let receiver = begin(house, n).await;
    let mishap = [Mishap::None, Mishap::Vanishes, Mishap::StandsStill][dice.below(3) as usize];
    let done = [Act::Cancel, Act::Kill, Act::Nothing, Act::Nothing][dice.below(4) as usize];
    receiver.plan((mishap != Mishap::None).then_some(Plan::Hold));
    let faults = dice.below(9);
    receiver.plan((0..faults).map(|_| dice.plan()).collect::<Vec<_>>());
    let run = house.event(&format!("e-{n}"), None).await[0];
    let second = match mishap {
        Mishap::None => None,
        _ => Some(second_worker(db, house, &receiver).await),
    };
    if let Some(work) = second.as_ref().filter(|_| mishap == Mishap::Vanishes) {
        work.abort();
    }
    if dice.below(2) == 0 {
        act(house, run, done).await;
    }
    house.clock.advance(Duration::seconds(if mishap == Mishap::None { 0 } else { 31 }));
    settle_in_time(house).await;
    if let Some(work) = second {
        receiver.release();
        // One that was aborted says so.
        drop(work.await);
    }
    settle_in_time(house).await;
    if dice.below(2) == 0 && reports::retry(house, run).await {
        settle_in_time(house).await;
    }
    house.services.set_enabled(house.host, &format!("faults-{n}"), false).await.unwrap();
    run
}

both_databases! {
    async fn whatever_goes_wrong_each_abnormal_end_has_one_incident_and_each_round_one_report(db: TestStore) {
        let long = std::env::var_os("ASSIZE_TEST_LONG").is_some();
        let (seeds, sequences) = if long { (20, 12) } else { (1, 12) };
        let house = House::new(&db).await;
        house.accounts(3).await;
        let (mut raised, mut rounds) = (Vec::new(), 0);
        for seed in 0..seeds {
            let mut dice = Dice(7 + seed);
            for n in 0..sequences {
                let run = suffer(&db, &house, &mut dice, seed as usize * sequences + n).await;
                complete(&house, run).await;
                reports::recount(&house, run).await;
                raised.extend(incidents(&house, run).await);
                rounds += reports::reports(&house, run).await.len();
            }
        }
        let had = |kind| raised.iter().any(|incident| incident.kind == kind);
        for kind in [
            IncidentType::StepError,
            IncidentType::ToolRejection,
            IncidentType::Interrupted,
            IncidentType::Fenced,
            IncidentType::KillSwitchActivated,
        ] {
            assert!(had(kind), "{kind} was never brought about");
        }
        assert!(rounds > seeds as usize * sequences, "some were retried: {rounds} rounds");
    }
}
