//! Making the auditor's bundle: a period of a workspace in one file that proves itself.
//!
//! The rows are read a page at a time, each page by a short read of its own, so that memory stays
//! the same however long the period is, nobody waits, and the database can tidy up meanwhile. Files
//! inside the bundle come in the order of their names, as the ledger wants them.
//!
//! Which checkpoint goes in: the earliest one over all that the bundle speaks of, that is the period
//! and the last entry of each of its runs; the earliest one with a time stamp where there is one.
//! Later entries do not change it, so the same period gives the same bytes for as long as nothing
//! happens to its runs and no first time stamp comes.

mod definitions;
mod fault;
mod log;
mod ocsf;
mod oscal;
mod policies;
mod progress;
mod reported;
mod rows;
mod scope;
mod sink;

use std::path::{Path, PathBuf};

use chrono::SecondsFormat;
use domain::{
    bundle::{Bundle, BundleFile},
    member::Principal,
    problem::Failure,
};
use ledger::{
    Checkpoint, VerifierKey,
    bundle::{FORMAT, Manifest},
};

use self::{
    fault::{Fault, sentence},
    log::{Places, Survey},
    progress::Progress,
    scope::Scope,
    sink::{Papers, Sink},
};
use crate::{
    services::{Caller, ServiceError, Services},
    store::{SignedCheckpoint, Store, place},
};

pub(crate) use progress::LEASE;

/// Makes one bundle.
struct Maker {
    services: Services,
    caller: Caller,
    scope: Scope,
    progress: Progress,
    sink: Sink,
}

/// How a try ended.
#[derive(Debug)]
pub(crate) enum Made {
    /// The file is there, under the name of this try.
    File(Bundle, BundleFile),
    /// It cannot be made as ordered.
    Not(Bundle, Failure),
    /// There is no checkpoint yet over all that belongs in it.
    NotSigned(Bundle),
}

/// Where the file of a try is.
pub(crate) fn path_of(directory: &Path, bundle: &Bundle) -> PathBuf {
    directory.join(format!("{}.{}.zip", bundle.id, bundle.attempt))
}

/// Makes the file of a bundle that was claimed.
///
/// # Errors
/// What passes by itself, and `Stale` when somebody else has begun another try.
pub(crate) async fn make(
    services: &Services,
    directory: &Path,
    slug: &str,
    bundle: Bundle,
) -> Result<Made, ServiceError> {
    match try_making(services, directory, slug, bundle.clone()).await {
        Ok(Some((bundle, file))) => Ok(Made::File(bundle, file)),
        Ok(None) => Ok(Made::NotSigned(bundle)),
        Err(Fault::Moved) => {
            // What was written of it belongs to nobody.
            let _ = tokio::fs::remove_file(path_of(directory, &bundle)).await;
            Ok(Made::NotSigned(bundle))
        }
        Err(Fault::Final(failure)) => Ok(Made::Not(bundle, failure)),
        // A refusal of the services is not made better by asking again.
        Err(Fault::Passing(ServiceError::Conflict { code, message })) => {
            let failure = Failure::deterministic(code, sentence(&message));
            Ok(Made::Not(bundle, failure))
        }
        Err(Fault::Passing(error)) => Err(error),
    }
}

async fn try_making(
    services: &Services,
    directory: &Path,
    slug: &str,
    bundle: Bundle,
) -> Result<Option<(Bundle, BundleFile)>, Fault> {
    let caller = Caller { workspace: bundle.workspace, principal: Principal::System };
    let scope = Scope::of(&services.store, &bundle).await?;
    let survey = log::survey(&services.store, &scope).await?;
    let size = services.audit_root(caller).await?.size;
    let bounds = log::bounds(&services.store, &scope, size).await?;
    let covers = bounds.map_or(survey.covers, |(_, last)| survey.covers.max(last + 1));
    let Some(checkpoint) = services.checkpoint_covering(&bundle, covers).await? else {
        return Ok(None);
    };
    let places = Places::new(bounds, checkpoint.size);
    let papers = papers(services, caller, &scope, &bundle, &checkpoint, places).await?;
    let origin = papers.manifest.origin.clone();

    let name = file_name(slug, &bundle);
    let mut progress = Progress::new(services.clone(), bundle);
    progress.bundle.checkpoint_size = Some(place(checkpoint.size));
    progress.bundle.rows_expected = Some(place(rows_of(&survey, places)));
    progress.tell().await?;
    let sink = Sink::create(path_of(directory, &progress.bundle), papers);
    let services = services.clone();
    let mut maker = Maker { services, caller, scope, progress, sink };
    maker.write_all(&survey, places, &checkpoint, &origin).await?;
    let Maker { mut progress, sink, .. } = maker;
    // Packing the end of a long file takes a while.
    progress.tell().await?;
    let written = sink.finish().await?;
    let size = i64::try_from(written.size).unwrap_or(i64::MAX);
    let mut bundle = progress.bundle;
    bundle.rows_expected = Some(bundle.rows_done);
    Ok(Some((bundle, BundleFile { name, size, digest: written.digest })))
}

/// What [`Progress`] will count: items are gone through three times, runs six times.
fn rows_of(survey: &Survey, places: Places) -> u64 {
    let log = places.size - places.lines_from + 2 * (places.end - places.first);
    3 * survey.items + 6 * survey.runs + log + survey.last_entries.len() as u64
}

async fn papers(
    services: &Services,
    caller: Caller,
    scope: &Scope,
    bundle: &Bundle,
    checkpoint: &SignedCheckpoint,
    places: Places,
) -> Result<Papers, Fault> {
    let (note, _) = Checkpoint::parse(checkpoint.note.as_bytes()).map_err(unreadable)?;
    let keys = services.verifier_keys(caller).await?;
    let keys = keys.iter().map(|key| VerifierKey::parse(key)).collect::<Result<Vec<_>, _>>();
    let second = |at: domain::Timestamp| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let manifest = Manifest {
        automations: bundle.automations.clone(),
        custody: services.key_custody(caller).await?.unwrap_or_default(),
        end_seq: places.end,
        entries_from: places.lines_from,
        first_seq: places.first,
        format: FORMAT.to_owned(),
        from: second(scope.period.begin()),
        origin: note.origin,
        until: second(scope.period.end()),
    };
    let mut session = services.store.read().await?;
    let previous = session.checkpoint_until(scope.workspace, places.first).await?;
    let stamp = session.checkpoint_stamp(scope.workspace, checkpoint.number).await?;
    drop(session);
    let previous = match previous {
        Some(old) => {
            let proof = services.consistency_proof(caller, old.size, checkpoint.size).await?;
            Some((old.note, proof))
        }
        None => None,
    };
    Ok(Papers {
        manifest,
        keys: keys.map_err(unreadable)?,
        checkpoint: checkpoint.note.clone(),
        previous,
        timestamp: stamp.map(|stamp| stamp.token),
    })
}

fn unreadable(error: impl std::fmt::Display) -> Fault {
    Fault::Final(Failure::deterministic("checkpoint-unreadable", sentence(&error.to_string())))
}

/// `assize-main-2026-07-01-to-2026-09-30.zip`
fn file_name(slug: &str, bundle: &Bundle) -> String {
    let period = bundle.period;
    let part = if bundle.automations.is_empty() { "" } else { "-part" };
    format!("assize-{slug}-{}-to-{}{part}.zip", period.from, period.last_day())
}

impl Maker {
    fn store(&self) -> &Store {
        &self.services.store
    }

    /// Hands on a page that was written, and counts it.
    async fn page(&mut self, rows: usize) -> Result<(), Fault> {
        self.sink.flush().await?;
        Ok(self.progress.advance(rows).await?)
    }

    /// Every file, in the order of their names.
    async fn write_all(
        &mut self,
        survey: &Survey,
        places: Places,
        checkpoint: &SignedCheckpoint,
        origin: &str,
    ) -> Result<(), Fault> {
        self.approvals().await?;
        self.attempts().await?;
        self.definitions().await?;
        self.entries(places).await?;
        self.incidents().await?;
        self.items().await?;
        self.ocsf(places, origin).await?;
        self.oscal(checkpoint.signed_at, checkpoint.size).await?;
        self.payloads(places).await?;
        self.policies().await?;
        self.proofs(survey, checkpoint).await?;
        self.reported().await?;
        self.reports().await?;
        self.runs().await
    }

    /// `proofs/<run>.tlog-proof`: that the log holds the last entry of each run.
    async fn proofs(
        &mut self,
        survey: &Survey,
        checkpoint: &SignedCheckpoint,
    ) -> Result<(), Fault> {
        for &(run, seq) in &survey.last_entries {
            let proof = self.services.inclusion_proof_in(self.caller, checkpoint, seq).await?;
            self.sink.start(format!("proofs/{run}.tlog-proof")).await?;
            self.sink.bytes(proof.to_string().as_bytes());
            self.page(1).await?;
        }
        Ok(())
    }
}
