//! Plays a scenario: moves the clock to each instant at which something is due, and lets the engine
//! do its duties there.

use std::time::Duration;

use anyhow::ensure;
use chrono::TimeDelta;
use domain::Timestamp;
use engine::{
    clock::Clock,
    ids::Ids,
    net::{HttpClient, Limits},
    services::Services,
    signing::SigningDir,
    store::Store,
    work::{Engine, Signer, Worker},
};

use super::{Example, Receiver, Scenario, stage, stage::Cast};

/// What the audit log of the demo is named after.
pub const HOST: &str = "demo.assize.example";

/// The engine with a clock of its own, and everybody who acts.
pub(super) struct Player<'a> {
    pub(super) services: Services,
    pub(super) cast: Cast,
    pub(super) receiver: &'a Receiver,
    pub(super) clock: Clock,
    pub(super) engine: Engine,
    ids: Ids,
    /// Told every instant that is reached.
    progress: &'a (dyn Fn(Timestamp) + Sync),
}

/// Plays a whole example into an empty, migrated database. Its audit log ends with a checkpoint over all
/// of it.
pub async fn play(
    example: Example,
    store: Store,
    receiver: &Receiver,
    signing: SigningDir,
    progress: &(dyn Fn(Timestamp) + Sync),
) -> anyhow::Result<()> {
    let scenario = Scenario::read(example)?;
    let clock = Clock::manual(scenario.begins);
    let ids = Ids::random();
    let services = Services::new(store, clock.clone(), ids.clone());
    let signer = Signer::new(services.clone(), signing, Some(HOST));
    let engine = another_engine(&services, "demo", Limits::default())?.signing(signer.clone());
    let cast = stage::set(&services, &scenario, example.files(), receiver).await?;
    let player = Player { services, cast, receiver, clock, engine, ids, progress };
    for step in &scenario.steps {
        player.reach(step.at).await?;
        step.act.perform(&player, example.files()).await?;
    }
    player.reach(scenario.ends).await?;
    player.engine.run_until_idle().await?;
    // What came in the last minute waits for the next checkpoint.
    player.clock.advance(TimeDelta::minutes(1));
    signer.tick(player.clock.now()).await?;
    Ok(signer.end_term().await?)
}

/// An engine as another process would have it.
pub(super) fn another_engine(
    services: &Services,
    name: &str,
    limits: Limits,
) -> anyhow::Result<Engine> {
    let http = HttpClient::new(limits)?;
    Ok(Engine::new(Worker::new(services.clone(), http, name)))
}

/// The limits of a client that does not wait for long.
pub(super) fn impatient() -> Limits {
    let total = Duration::from_millis(400);
    Limits { total, ..Limits::default() }
}

impl Player<'_> {
    /// Carries out everything that is due before `until`, then moves there: schedules have fired and
    /// subjects are matched, but nothing is done yet.
    async fn reach(&self, until: Timestamp) -> anyhow::Result<()> {
        while self.clock.now() < until {
            self.breathe(until);
            self.engine.run_until_idle().await?;
            let now = self.clock.now();
            let next = self.engine.next_due().await?.map_or(until, |due| due.min(until));
            ensure!(next > now, "what is due at {now} does not get done");
            self.clock.advance_to(next);
            (self.progress)(next);
            self.engine.take_in().await?;
        }
        Ok(())
    }

    /// Lets a moment pass between matching and acting: otherwise no run would take any time.
    fn breathe(&self, until: Timestamp) {
        let moment = TimeDelta::milliseconds(900 + (2_500.0 * self.ids.jitter()) as i64);
        if self.clock.now() + moment < until {
            self.clock.advance(moment);
        }
    }
}
