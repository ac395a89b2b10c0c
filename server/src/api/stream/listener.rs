//! One who listens.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::body::Bytes;
use engine::services::Watched;
use futures::{Stream, stream};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{Instant, Interval, interval_at},
};

use super::{feed::Batch, told};
use crate::{
    api::{access::Pass, problem::Problem},
    web::state::AppState,
};

/// The longest silence.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// How often it is asked whether the asker may still listen. Most ways to lose that stand in the log
/// and are noticed at once; this is for sessions and tokens that end by themselves.
const CHECK: Duration = Duration::from_secs(60);

pub struct Listener {
    state: AppState,
    pass: Pass,
    watched: Watched,
    told: Receiver<Arc<Batch>>,
    /// The place up to which everything was told.
    at: i64,
    first: Option<String>,
    heartbeat: Interval,
    check: Interval,
    over: bool,
}

/// What comes next.
enum Next {
    Told(Result<Arc<Batch>, RecvError>),
    Heartbeat,
    Check,
}

impl Listener {
    pub fn new(
        state: AppState,
        pass: Pass,
        watched: Watched,
        told: Receiver<Arc<Batch>>,
        at: i64,
        first: String,
    ) -> Self {
        let every = |period| interval_at(Instant::now() + period, period);
        let (heartbeat, check) = (every(HEARTBEAT), every(CHECK));
        let first = Some(first);
        Self { state, pass, watched, told, at, first, heartbeat, check, over: false }
    }

    /// Everything it is told, to the end.
    pub fn stream(self) -> impl Stream<Item = Result<Bytes, Infallible>> {
        stream::unfold(self, async |mut listener| {
            let text = listener.next().await?;
            Some((Ok(text), listener))
        })
    }

    async fn next(&mut self) -> Option<Bytes> {
        if self.over {
            return None;
        }
        if let Some(first) = self.first.take() {
            return Some(first.into());
        }
        loop {
            let next = tokio::select! {
                told = self.told.recv() => Next::Told(told),
                _ = self.heartbeat.tick() => Next::Heartbeat,
                _ = self.check.tick() => Next::Check,
            };
            match next {
                Next::Told(Ok(batch)) => {
                    if self.pass.is_among(&batch.rights)
                        && let Some(farewell) = self.farewell().await
                    {
                        return farewell;
                    }
                    self.at = batch.until;
                    if !batch.text.is_empty() {
                        return Some(batch.text.clone());
                    }
                }
                Next::Told(Err(RecvError::Lagged(_))) => return Some(told::resync(self.at).into()),
                // Nobody tells any more.
                Next::Told(Err(RecvError::Closed)) => return None,
                Next::Heartbeat => return Some(told::heartbeat(self.at).into()),
                Next::Check => {
                    if let Some(farewell) = self.farewell().await {
                        return farewell;
                    }
                }
            }
        }
    }

    /// `None` while the asker may listen to the same. Otherwise the stream ends: with a word to those who
    /// may not listen any more, and without one to those who see something else now and come back for it.
    async fn farewell(&mut self) -> Option<Option<Bytes>> {
        let watched = match self.pass.again(&self.state).await {
            Ok(access) => access.services.watched(access.caller).await.map_err(Problem::from),
            Err(problem) => Err(problem),
        };
        self.over = true;
        match watched {
            Ok(watched) if watched == self.watched => {
                self.over = false;
                None
            }
            Err(problem) if problem.status.is_client_error() => Some(Some(told::end().into())),
            _ => Some(None),
        }
    }
}
