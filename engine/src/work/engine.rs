//! All duties together: as loops in a server, or step by step under a clock of one's own.

use std::{sync::Arc, time::Duration};

use domain::Timestamp;
use tokio::{
    sync::{Semaphore, watch},
    task::JoinSet,
};
use tracing::{error, info, warn};

use super::{
    Outbox, Signer, Stamper, Worker, bundler, dispatcher::REMOTE_CALLS, intake, outbox::Calls,
    retention, scheduler,
};
use crate::services::ServiceError;

/// How long a loop rests when there was nothing to do and nobody woke it.
const IDLE: Duration = Duration::from_secs(1);

/// Batches of local items under way at the same time in one process: one is worked out while another
/// is written, and the database writes one at a time.
const LOCAL_LOOPS: usize = 2;

/// How often the signer looks whether a log is to be signed.
const SIGNER_REST: Duration = Duration::from_secs(5);

/// How long it rests after an error, which does not mend itself.
const SIGNER_AFTER_ERROR: Duration = Duration::from_secs(60);

/// How often the stamper looks whether a checkpoint is to be stamped.
const STAMPER_REST: Duration = Duration::from_secs(60);

/// How long it rests after an error: an authority that is down is not helped by haste.
const STAMPER_AFTER_ERROR: Duration = Duration::from_secs(300);

/// How many times as long as a batch took the sweep rests after it: others come first.
const RETENTION_YIELDS: u32 = 3;

/// How long a loop rests after an error.
const AFTER_ERROR: Duration = Duration::from_secs(2);

/// The scheduler, the intake, the dispatcher and the sweeper of one process.
#[derive(Debug, Clone)]
pub struct Engine {
    worker: Worker,
    slots: Arc<Semaphore>,
    outbox: Outbox,
    signer: Option<Signer>,
    stamper: Option<Stamper>,
}

/// What a round of duties did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settled {
    pub fired: usize,
    pub matched: usize,
    pub items: usize,
    pub killed: usize,
    pub rescued: usize,
    pub expired: usize,
    /// What was written by SQL and is in the log now.
    pub entered: usize,
    /// Reported runs that were found silent.
    pub silent: usize,
}

impl Settled {
    fn is_idle(self) -> bool {
        self == Self::default()
    }
}

impl Engine {
    pub fn new(worker: Worker) -> Self {
        let outbox = Outbox::new(worker.services.clone(), worker.http.clone());
        let slots = Arc::new(Semaphore::new(REMOTE_CALLS));
        Self { worker, slots, outbox, signer: None, stamper: None }
    }

    /// Has the audit logs signed, too.
    #[must_use]
    pub fn signing(mut self, signer: Signer) -> Self {
        self.signer = Some(signer);
        self
    }

    /// Has checkpoints stamped by an independent authority, too.
    #[must_use]
    pub fn stamping(mut self, stamper: Option<Stamper>) -> Self {
        self.stamper = stamper;
        self
    }

    /// Fires what is due and matches all subjects, without carrying anything out.
    pub async fn take_in(&self) -> Result<Settled, ServiceError> {
        let now = self.worker.now();
        let fired = scheduler::tick(&self.worker.services, now).await?;
        let mut settled = Settled { fired, ..Settled::default() };
        loop {
            let matched = intake::tick(&self.worker.services, now).await?;
            if matched == 0 {
                return Ok(settled);
            }
            settled.matched += matched;
        }
    }

    /// Does every duty until nothing is due at the present instant of the clock.
    pub async fn run_until_idle(&self) -> Result<(), ServiceError> {
        loop {
            let mut calls = JoinSet::new();
            let taken = self.take_in().await?;
            let items = self.run_local().await?;
            let sent = self.worker.run_remote(&self.slots, &mut calls).await?;
            join_all(&mut calls).await?;
            let swept = self.sweep().await?;
            if taken.is_idle() && swept.is_idle() && items + sent == 0 {
                self.sign().await?;
                return self.empty_outbox().await;
            }
        }
    }

    /// Sends what is due, which does not bring about anything else.
    async fn empty_outbox(&self) -> Result<(), ServiceError> {
        while self.outbox.tick(self.worker.now()).await? > 0 {}
        Ok(())
    }

    /// Carries out local items until none is due: one batch is worked out while another is written.
    async fn run_local(&self) -> Result<usize, ServiceError> {
        let mut sides = JoinSet::new();
        for _ in 0..LOCAL_LOOPS {
            let worker = self.worker.clone();
            sides.spawn(async move {
                let mut items = 0;
                loop {
                    match worker.run_local().await? {
                        0 => return Ok::<_, ServiceError>(items),
                        taken => items += taken,
                    }
                }
            });
        }
        let mut items = 0;
        while let Some(side) = sides.join_next().await {
            items += side.map_err(aborted)??;
        }
        Ok(items)
    }

    /// Signs the logs that are due.
    async fn sign(&self) -> Result<(), ServiceError> {
        match &self.signer {
            Some(signer) => Ok(signer.tick(self.worker.now()).await.map(drop)?),
            None => Ok(()),
        }
    }

    /// When something will be due by itself: a fire, a queued item, a delivery, the end of a lease.
    pub async fn next_due(&self) -> Result<Option<Timestamp>, ServiceError> {
        let services = &self.worker.services;
        let mut session = services.store.read().await?;
        let (item, sent) = (session.next_item_due().await?, session.next_delivery_due().await?);
        drop(session);
        let fire = scheduler::next_due(services).await?;
        Ok(item.into_iter().chain(sent).chain(fire).min())
    }

    async fn sweep(&self) -> Result<Settled, ServiceError> {
        let now = self.worker.now();
        let killed = self.worker.services.kill_stopped_runs().await?;
        let rescued = self.worker.rescue_leases(now).await?;
        let expired = self.worker.expire_approvals(now).await?;
        let entered = self.worker.enter_reported().await?;
        let silent = self.worker.notice_silence(now).await?;
        Ok(Settled { killed, rescued, expired, entered, silent, ..Settled::default() })
    }

    /// Runs all loops until `stop` says so, then waits for the calls that are under way.
    pub async fn run(&self, stop: watch::Receiver<bool>) {
        info!(worker = %self.worker.name, "the engine runs");
        let mut local = JoinSet::new();
        for _ in 0..LOCAL_LOOPS {
            let (engine, stop) = (self.clone(), stop.clone());
            local.spawn(async move { engine.local_loop(stop).await });
        }
        tokio::join!(
            self.clock_loop(stop.clone()),
            self.remote_loop(stop.clone()),
            self.outbox_loop(stop.clone()),
            self.signer_loop(stop.clone()),
            self.stamper_loop(stop.clone()),
            self.retention_loop(stop.clone()),
            self.bundle_loop(stop),
            local.join_all()
        );
        info!("the engine has stopped");
    }

    /// Fires, matches and sweeps.
    async fn clock_loop(&self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let done = async {
                let taken = self.take_in().await?;
                let swept = self.sweep().await?;
                Ok(!(taken.is_idle() && swept.is_idle()))
            };
            let busy = report("intake", done.await);
            if busy.is_ok_and(|busy| busy) {
                self.worker.services.wake.notify();
            }
            self.rest(&mut stop, busy).await;
        }
    }

    async fn local_loop(&self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let busy = report("local", self.worker.run_local().await.map(|items| items > 0));
            self.rest(&mut stop, busy).await;
        }
    }

    /// Makes bundles. One that is cut short by the end is made anew by whoever comes next.
    async fn bundle_loop(&self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let tick = async {
                let services = &self.worker.services;
                bundler::tick(services, self.signer.as_ref(), self.worker.now()).await
            };
            let made = tokio::select! {
                made = tick => report("bundle", made.map(|made| made > 0)),
                _ = stop.changed() => return,
            };
            let time = match made {
                Ok(true) => continue,
                Ok(false) => IDLE,
                Err(()) => AFTER_ERROR,
            };
            // Not woken by hints: those are for the loops that carry out items.
            pause(&mut stop, time).await;
        }
    }

    async fn signer_loop(&self, mut stop: watch::Receiver<bool>) {
        let Some(signer) = &self.signer else { return };
        while !*stop.borrow() {
            let signed = self.sign().await;
            let time = if signed.is_ok() { SIGNER_REST } else { SIGNER_AFTER_ERROR };
            if let Err(error) = signed {
                error!(%error, "an audit log could not be signed");
            }
            pause(&mut stop, time).await;
        }
        if let Err(error) = signer.end_term().await {
            warn!(%error, "the term could not be ended; another process signs when it is over");
        }
    }

    async fn stamper_loop(&self, mut stop: watch::Receiver<bool>) {
        let Some(stamper) = &self.stamper else { return };
        while !*stop.borrow() {
            let stamped = tokio::select! {
                stamped = stamper.tick(self.worker.now()) => stamped,
                _ = stop.changed() => return,
            };
            if let Err(error) = &stamped {
                warn!(%error, "no time stamp could be had; it will be asked for again");
            }
            let time = if stamped.is_ok() { STAMPER_REST } else { STAMPER_AFTER_ERROR };
            pause(&mut stop, time).await;
        }
    }

    /// Prunes what is due, batch by batch, and yields to everything else.
    async fn retention_loop(&self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let begun = tokio::time::Instant::now();
            let swept = retention::tick(&self.worker.services, self.worker.now()).await;
            let time = match report("retention", swept.map(|swept| !swept.is_idle())) {
                Ok(true) => begun.elapsed() * RETENTION_YIELDS,
                Ok(false) => retention::REST,
                Err(()) => AFTER_ERROR,
            };
            pause(&mut stop, time).await;
        }
    }

    async fn remote_loop(&self, mut stop: watch::Receiver<bool>) {
        let mut calls = JoinSet::new();
        while !*stop.borrow() {
            let taken = self.worker.run_remote(&self.slots, &mut calls).await;
            let busy = report("remote", taken.map(|items| items > 0));
            while let Some(done) = calls.try_join_next() {
                report_call(done);
            }
            self.rest(&mut stop, busy).await;
        }
        // Draining: what was started is seen through.
        while let Some(done) = calls.join_next().await {
            report_call(done);
        }
    }

    /// Sends what is queued for webhooks. What is being sent when it is time to end is seen through.
    async fn outbox_loop(&self, mut stop: watch::Receiver<bool>) {
        let mut calls = Calls::new();
        while !*stop.borrow() {
            let taken = self.outbox.take(self.worker.now(), &mut calls).await;
            let busy = report("outbox", taken.map(|taken| taken > 0));
            // A call that ends makes room for the next; the others are looked for once in a while.
            let pause = if busy.is_ok() { IDLE } else { AFTER_ERROR };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                Some(done) = calls.join_next() => report_call(done),
                _ = stop.changed() => {}
            }
        }
        while let Some(done) = calls.join_next().await {
            report_call(done);
        }
    }

    /// Goes on at once while there is work; else waits for a hint, a while, or the end.
    async fn rest(&self, stop: &mut watch::Receiver<bool>, busy: Result<bool, ()>) {
        let pause = match busy {
            Ok(true) => return tokio::task::yield_now().await,
            Ok(false) => IDLE,
            Err(()) => AFTER_ERROR,
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = self.worker.services.wake.wait() => {}
            _ = stop.changed() => {}
        }
    }
}

/// Waits for a while, or the end.
async fn pause(stop: &mut watch::Receiver<bool>, time: Duration) {
    tokio::select! {
        () = tokio::time::sleep(time) => {}
        _ = stop.changed() => {}
    }
}

/// Waits for all calls; the first error is the answer.
async fn join_all(calls: &mut JoinSet<Result<(), ServiceError>>) -> Result<(), ServiceError> {
    let mut first = Ok(());
    while let Some(done) = calls.join_next().await {
        let done = done.unwrap_or_else(|error| Err(aborted(error)));
        if first.is_ok() {
            first = done;
        }
    }
    first
}

fn aborted(error: tokio::task::JoinError) -> ServiceError {
    ServiceError::conflict("call-aborted", error.to_string())
}

fn report(duty: &str, done: Result<bool, ServiceError>) -> Result<bool, ()> {
    done.map_err(|error| error!(duty, %error, "a duty failed and will be tried again"))
}

fn report_call(done: Result<Result<(), ServiceError>, tokio::task::JoinError>) {
    match done {
        Ok(Ok(())) => {}
        // The item stays started until its lease ends; the sweeper sees to it.
        Ok(Err(error)) => warn!(%error, "an outcome could not be stored"),
        Err(error) => error!(%error, "a call ended abnormally"),
    }
}
