//! What happens to processes in a scenario: a second worker that loses patience, vanishes or stands
//! still. It is another engine on the same database with a client of its own, as another process would
//! have it; the requests are real.

use anyhow::Context as _;
use chrono::TimeDelta;
use domain::lease::LEASE;
use engine::{net::Limits, work::Engine};

use super::{
    player::{Player, another_engine, impatient},
    scenario::Mishap,
};

/// What the second worker is called.
const SECOND: &str = "worker-2";

impl Mishap {
    pub(super) async fn befall(self, player: &Player<'_>) -> anyhow::Result<()> {
        let limits = if self == Self::GivesUp { impatient() } else { Limits::default() };
        let second = another_engine(&player.services, SECOND, limits)?;
        match self {
            Self::GivesUp => give_up(player, &second).await,
            Self::Vanishes => vanish(player, second).await,
            Self::StandsStill => stand_still(player, second).await,
        }
    }
}

/// The receiver does not answer, and the worker does not wait for ever.
async fn give_up(player: &Player<'_>, second: &Engine) -> anyhow::Result<()> {
    player.receiver.hold();
    let worked = second.run_until_idle().await;
    player.receiver.let_go();
    Ok(worked?)
}

/// The process ends while it waits for an answer: nobody writes down what came of it.
async fn vanish(player: &Player<'_>, second: Engine) -> anyhow::Result<()> {
    player.receiver.hold();
    let work = tokio::spawn(async move { second.run_until_idle().await });
    player.receiver.arrival().await;
    work.abort();
    // That it was aborted is what it answers with.
    drop(work.await);
    player.receiver.let_go();
    after_its_lease(player);
    Ok(player.engine.run_until_idle().await?)
}

/// The process stands still until somebody else has done its work, then goes on as if nothing had
/// happened.
async fn stand_still(player: &Player<'_>, second: Engine) -> anyhow::Result<()> {
    player.receiver.hold();
    let work = tokio::spawn(async move { second.run_until_idle().await });
    player.receiver.arrival().await;
    after_its_lease(player);
    player.engine.run_until_idle().await?;
    player.receiver.let_go();
    Ok(work.await.context("the second worker")??)
}

fn after_its_lease(player: &Player<'_>) {
    player.clock.advance(LEASE + TimeDelta::seconds(11));
}
