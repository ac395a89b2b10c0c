//! Looks for the subjects of new runs and makes their items, in resumable chunks.
//!
//! Looking is done outside of a transaction: reading a chunk of records and asking the condition
//! about each. Only what was found is stored in one, under the lock of the run, and only if no
//! other process has moved the run on meanwhile. A process that dies loses one chunk of looking.

mod item;
mod look;
mod store;

use domain::{
    Timestamp,
    id::{RunId, WorkspaceId},
};

use crate::services::{ServiceError, Services};

/// Subjects looked at in one go.
pub const CHUNK: i64 = 500;

/// Runs whose ids are read in one go.
const RUNS: i64 = 100;

/// Moves every run that waits for its subjects on by one chunk, so that a large run never keeps the
/// others waiting. Answers how many runs were moved; 0 means that there is nothing to do.
///
/// # Errors
/// The runs could not be read. A run that could not be moved is logged and has its turn again.
pub async fn tick(services: &Services, now: Timestamp) -> Result<usize, ServiceError> {
    let (mut moved, mut last) = (0, None);
    loop {
        let waiting = services.store.read().await?.runs_to_match(last, RUNS).await?;
        for &(workspace, run) in &waiting {
            match advance(services, workspace, run, now).await {
                Ok(true) => moved += 1,
                Ok(false) => {}
                Err(error) => tracing::error!(%run, %error, "a run could not be matched"),
            }
        }
        last = waiting.last().map(|(_, run)| *run);
        if (waiting.len() as i64) < RUNS {
            break;
        }
    }
    if moved > 0 {
        services.wake.notify();
    }
    Ok(moved)
}

/// Moves one run on by one chunk. False if there was nothing to do.
async fn advance(
    services: &Services,
    workspace: WorkspaceId,
    run: RunId,
    now: Timestamp,
) -> Result<bool, ServiceError> {
    match look::look(services, workspace, run, now).await? {
        Some(seen) => store::store(services, workspace, run, seen, now).await,
        None => Ok(false),
    }
}
