//! One reader of each log, however many listen.
//!
//! Those who see the same of a workspace share a feed. It looks at the log's end a few times a second
//! while anybody listens, reads what happened since in a few queries, writes it out once, and hands the
//! same bytes to everyone. A listener that does not keep up loses the oldest of them and is told so; it
//! never makes memory grow.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::body::Bytes;
use domain::id::WorkspaceId;
use engine::services::{Happened, ServiceError, Services, Watched};
use http::StatusCode;
use tokio::sync::broadcast::{self, Receiver, Sender};

use super::told;
use crate::api::problem::Problem;

/// How often a feed looks. It is also how long what happens is gathered.
const PACE: Duration = Duration::from_millis(250);

/// The most who listen to one workspace in one process.
pub const MOST_LISTENERS: usize = 1_000;

/// How many stretches a listener may be behind.
pub(super) const BEHIND: usize = 64;

/// What a stretch of the log came to, as it is sent.
#[derive(Debug)]
pub struct Batch {
    /// The place it ends at.
    pub until: i64,
    /// Its events; empty where there is nothing to tell.
    pub text: Bytes,
    /// The ids of members and tokens whose rights may have changed.
    pub rights: Vec<String>,
}

#[derive(Debug)]
struct Feed {
    watched: Watched,
    /// How far it has read.
    at: i64,
    tell: Sender<Arc<Batch>>,
}

#[derive(Debug, Default)]
pub(super) struct Feeds {
    ended: bool,
    all: Vec<Feed>,
}

/// Everybody who listens in this process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Live {
    services: Services,
    feeds: Arc<Mutex<Feeds>>,
}

impl Live {
    pub fn new(services: Services) -> Self {
        Self { services, feeds: Arc::default() }
    }

    /// Begins to listen: to what comes after the place that is given with it.
    pub async fn attach(&self, watched: &Watched) -> Result<Joined, Problem> {
        if let Some(attached) = self.lock().join(watched)? {
            return Ok(attached);
        }
        let at = self.services.live_place(watched).await?;
        let mut feeds = self.lock();
        // Somebody else may have been faster.
        if let Some(attached) = feeds.join(watched)? {
            return Ok(attached);
        }
        let (tell, told) = broadcast::channel(BEHIND);
        feeds.all.push(Feed { watched: watched.clone(), at, tell });
        tokio::spawn(self.clone().read(watched.clone()));
        Ok((told, at))
    }

    /// Ends all streams, and begins no more: the process is to end.
    pub fn end(&self) {
        let mut feeds = self.lock();
        feeds.ended = true;
        feeds.all.clear();
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Feeds> {
        self.feeds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads for as long as anybody listens.
    async fn read(self, watched: Watched) {
        loop {
            tokio::time::sleep(PACE).await;
            let Some(at) = self.lock().place_of(&watched) else { return };
            match self.look(&watched, at).await {
                Ok(None) => {}
                Ok(Some(batch)) => self.lock().tell(&watched, batch),
                Err(error) => {
                    // Those who listen would take silence for peace; they come back by themselves.
                    tracing::error!(%error, "a log cannot be followed; its streams are ended");
                    self.lock().remove(&watched);
                    return;
                }
            }
        }
    }

    async fn look(&self, watched: &Watched, at: i64) -> Result<Option<Batch>, ServiceError> {
        let until = self.services.live_place(watched).await?;
        if until <= at {
            return Ok(None);
        }
        Ok(Some(match self.services.happened(watched, at, until).await? {
            Happened::Told(told) => {
                let text = told::written(told.happenings, self.services.clock().now(), until);
                Batch { until, text: text.into(), rights: told.rights }
            }
            Happened::TooMuch => {
                Batch { until, text: told::resync(until).into(), rights: Vec::new() }
            }
        }))
    }
}

/// What somebody who joined hears, and the place from which on.
type Joined = (Receiver<Arc<Batch>>, i64);

impl Feeds {
    /// Joins the feed of those who see the same, if there is one.
    fn join(&self, watched: &Watched) -> Result<Option<Joined>, Problem> {
        if self.ended {
            let detail = "The server is about to end; another one answers soon.";
            return Err(unavailable("ending", detail, 2));
        }
        if self.listeners(watched.workspace()) >= MOST_LISTENERS {
            let detail = format!("{MOST_LISTENERS} listen to this workspace already; try later.");
            return Err(unavailable("too-many-listeners", &detail, 30));
        }
        let feed = self.all.iter().find(|feed| feed.watched == *watched);
        Ok(feed.map(|feed| (feed.tell.subscribe(), feed.at)))
    }

    fn listeners(&self, workspace: WorkspaceId) -> usize {
        let of_it = self.all.iter().filter(|feed| feed.watched.workspace() == workspace);
        of_it.map(|feed| feed.tell.receiver_count()).sum()
    }

    /// How far a feed has read. One nobody listens to is taken away.
    fn place_of(&mut self, watched: &Watched) -> Option<i64> {
        self.all.retain(|feed| feed.watched != *watched || feed.tell.receiver_count() > 0);
        Some(self.all.iter().find(|feed| feed.watched == *watched)?.at)
    }

    pub(super) fn tell(&mut self, watched: &Watched, batch: Batch) {
        if let Some(feed) = self.all.iter_mut().find(|feed| feed.watched == *watched) {
            feed.at = batch.until;
            // Without a listener nothing is lost: whoever comes later begins here.
            let _ = feed.tell.send(Arc::new(batch));
        }
    }

    fn remove(&mut self, watched: &Watched) {
        self.all.retain(|feed| feed.watched != *watched);
    }
}

fn unavailable(code: &'static str, detail: &str, seconds: i64) -> Problem {
    let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, code, detail);
    Problem { retry_after: Some(seconds), ..problem }
}
