//! Bundles: ordering one, making it, and taking it home.

use std::path::{Path, PathBuf};

use domain::{
    audit::{Draft, Object, Verb},
    bundle::{Bundle, BundleFile, BundleStatus},
    id::BundleId,
    member::Principal,
    period::Period,
    permission::Permission,
    problem::Failure,
    time,
};
use serde_json::json;

use super::{Caller, ServiceError, Services};
use crate::{
    bundle::{LEASE, Made, make, path_of},
    store::SignedCheckpoint,
};

/// Orders of a workspace that may wait at the same time.
const MOST_WAITING: i64 = 10;

/// Definitions that one bundle may be limited to.
const MOST_DEFINITIONS: usize = 100;

/// How long an order waits until it is looked at again, in seconds, when the log is not signed yet.
const PATIENCE: i64 = 5;

/// How long it waits in all, in seconds.
const MOST_PATIENCE: i64 = 3_600;

/// What is ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBundle {
    pub period: Period,
    /// Keys of definitions; none for all of the workspace.
    pub automations: Vec<String>,
}

/// A file that may be taken home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Download {
    pub bundle: Bundle,
    pub file: BundleFile,
    /// Where it is on this machine.
    pub path: PathBuf,
}

impl Services {
    /// The bundles of the workspace, newest first, before `before`, at most `limit`.
    pub async fn bundles(
        &self,
        caller: Caller,
        before: Option<BundleId>,
        limit: i64,
    ) -> Result<Vec<Bundle>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewAuditLog).await?;
        let before = match before {
            Some(id) => {
                let found = session.bundle(caller.workspace, id).await?;
                let found = found.ok_or(ServiceError::NotFound("bundle"))?;
                Some((found.requested_at, found.id))
            }
            None => None,
        };
        Ok(session.bundles(caller.workspace, before, limit).await?)
    }

    /// A bundle and how far it has come.
    pub async fn bundle(&self, caller: Caller, id: BundleId) -> Result<Bundle, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewAuditLog).await?;
        let found = session.bundle(caller.workspace, id).await?;
        found.ok_or(ServiceError::NotFound("bundle"))
    }

    /// Orders a bundle of a period, of which the caller has to see all; a worker will make it.
    pub async fn order_bundle(
        &self,
        caller: Caller,
        order: NewBundle,
    ) -> Result<Bundle, ServiceError> {
        let bundle = self.enter_order(caller, order, false).await?;
        self.wake.notify();
        Ok(bundle)
    }

    /// Orders a bundle for the worker that asks for it: nobody else will take it up.
    pub(crate) async fn order_bundle_here(
        &self,
        caller: Caller,
        order: NewBundle,
    ) -> Result<Bundle, ServiceError> {
        self.enter_order(caller, order, true).await
    }

    /// The file of a finished bundle. Every time is an entry in the log.
    pub async fn download_bundle(
        &self,
        caller: Caller,
        id: BundleId,
    ) -> Result<Download, ServiceError> {
        let bundle = self.bundle(caller, id).await?;
        let directory = self.bundle_directory()?;
        let Some(file) = bundle.file.clone().filter(|_| bundle.status == BundleStatus::Ready)
        else {
            let message = "this bundle is not ready, so there is nothing to download";
            return Err(ServiceError::conflict("bundle-not-ready", message));
        };
        let path = path_of(directory, &bundle);
        let size = tokio::fs::metadata(&path).await.map(|found| found.len());
        if size.ok() != u64::try_from(file.size).ok() {
            let message = "the file of this bundle is not, or not whole, in the directory for \
                           bundles of this machine; order it again";
            return Err(ServiceError::conflict("bundle-file-missing", message));
        }
        let draft = about(caller.principal, Verb::BundleDownloaded, &bundle)
            .with(json!({"digest": file.digest, "file": file.name}));
        self.enter(caller.workspace, draft).await?;
        Ok(Download { bundle, file, path })
    }

    /// The directory that bundles lie in.
    pub(crate) fn bundle_directory(&self) -> Result<&Path, ServiceError> {
        self.bundles.as_deref().ok_or_else(|| {
            let message = "this process has no directory for bundles; name one with --bundle-dir";
            ServiceError::conflict("no-bundle-directory", message)
        })
    }

    async fn enter_order(
        &self,
        caller: Caller,
        order: NewBundle,
        here: bool,
    ) -> Result<Bundle, ServiceError> {
        self.require_period(caller, Permission::ViewAuditLog, order.period).await?;
        self.bundle_directory()?;
        let (ids, now) = (self.ids.clone(), self.clock.now());
        let automations = self.check_order(caller, order.automations, order.period).await?;
        let bundle = Bundle {
            id: BundleId::new(ids.uuid(now)),
            workspace: caller.workspace,
            period: order.period,
            automations,
            requested_by: caller.principal.member(),
            requested_at: now,
            status: if here { BundleStatus::Assembling } else { BundleStatus::Pending },
            failure: None,
            attempt: i64::from(here),
            lease_until: here.then(|| time::later(now, chrono::Duration::seconds(LEASE))),
            rows_done: 0,
            rows_expected: None,
            checkpoint_size: None,
            file: None,
            ended_at: None,
        };
        self.write(move |tx| {
            Box::pin(async move {
                if tx.unfinished_bundles(caller.workspace).await? >= MOST_WAITING {
                    let message = "so many bundles are being made already; wait for one of them";
                    return Err(ServiceError::conflict("too-many-bundles", message));
                }
                tx.insert_bundle(&bundle).await?;
                let draft = about(caller.principal, Verb::BundleRequested, &bundle);
                tx.append_audit(caller.workspace, &ids, now, &[draft]).await?;
                Ok(bundle)
            })
        })
        .await
    }

    /// The definitions of an order, sorted, each once.
    async fn check_order(
        &self,
        caller: Caller,
        mut automations: Vec<String>,
        period: Period,
    ) -> Result<Vec<String>, ServiceError> {
        if period.begin() > self.clock.now() {
            return Err(ServiceError::invalid("from", "the period has not begun yet"));
        }
        automations.sort();
        automations.dedup();
        if automations.len() > MOST_DEFINITIONS {
            let message = format!("choose at most {MOST_DEFINITIONS} definitions, or all");
            return Err(ServiceError::invalid("automation", message));
        }
        let known = self.store.read().await?.automation_heads(caller.workspace).await?;
        let unknown = |key: &&String| !known.iter().any(|automation| automation.key == **key);
        match automations.iter().find(unknown) {
            Some(key) => {
                let message = format!("there is no definition '{key}'");
                Err(ServiceError::invalid("automation", message))
            }
            None => Ok(automations),
        }
    }

    /// Makes a claimed bundle and stores what came of it. Answers with the bundle where nothing can
    /// come of it yet, because the log is not signed so far.
    pub(crate) async fn carry_out(&self, bundle: Bundle) -> Result<Option<Bundle>, ServiceError> {
        let directory = self.bundle_directory()?.to_owned();
        if let Err(error) = tokio::fs::create_dir_all(&directory).await {
            let message = format!("The directory for bundles cannot be made: {error}.");
            let failure = Failure::deterministic("no-bundle-directory", message);
            return self.store_failure(bundle, failure).await.map(|()| None);
        }
        let slug = self.slug_of(&bundle).await?;
        let made = make(self, &directory, &slug, bundle.clone()).await?;
        let stored = match made {
            Made::File(bundle, file) => self.store_file(bundle, file).await,
            Made::Not(bundle, failure) => self.store_failure(bundle, failure).await,
            Made::NotSigned(bundle) => return Ok(Some(bundle)),
        };
        if stored.is_err() {
            // Another try went on: what this one wrote belongs to nobody.
            let _ = tokio::fs::remove_file(path_of(&directory, &bundle)).await;
        }
        stored.map(|()| None)
    }

    async fn slug_of(&self, bundle: &Bundle) -> Result<String, ServiceError> {
        let all = self.workspaces().await?;
        let found = all.into_iter().find(|workspace| workspace.id == bundle.workspace);
        found.map(|workspace| workspace.slug).ok_or(ServiceError::NotFound("workspace"))
    }

    async fn store_file(&self, bundle: Bundle, file: BundleFile) -> Result<(), ServiceError> {
        let (ids, now) = (self.ids.clone(), self.clock.now());
        let draft = about(Principal::System, Verb::BundleReady, &bundle).with(json!({
            "checkpoint_size": bundle.checkpoint_size,
            "digest": file.digest,
            "size": file.size,
        }));
        self.write(move |tx| {
            Box::pin(async move {
                tx.finish_bundle(&bundle, &file, now).await?;
                Ok(tx.append_audit(bundle.workspace, &ids, now, &[draft]).await?)
            })
        })
        .await
    }

    /// Ends an order that cannot be carried out.
    pub(crate) async fn store_failure(
        &self,
        bundle: Bundle,
        failure: Failure,
    ) -> Result<(), ServiceError> {
        let (ids, now) = (self.ids.clone(), self.clock.now());
        let draft =
            about(Principal::System, Verb::BundleFailed, &bundle).with(json!({"cause": failure}));
        self.write(move |tx| {
            Box::pin(async move {
                tx.fail_bundle(&bundle, &failure, now).await?;
                Ok(tx.append_audit(bundle.workspace, &ids, now, &[draft]).await?)
            })
        })
        .await
    }

    /// Lets a claimed bundle wait for the signer, though not for ever.
    pub(crate) async fn wait_for_signature(&self, bundle: Bundle) -> Result<(), ServiceError> {
        let now = self.clock.now();
        if (now - bundle.requested_at).num_seconds() >= MOST_PATIENCE {
            let failure = Failure::transient("not-signed", NOT_SIGNED);
            return self.store_failure(bundle, failure).await;
        }
        self.put_back(bundle, PATIENCE).await
    }

    /// Gives a claimed bundle back; nobody looks at it for so many seconds.
    pub(crate) async fn put_back(&self, bundle: Bundle, seconds: i64) -> Result<(), ServiceError> {
        let then = time::later(self.clock.now(), chrono::Duration::seconds(seconds));
        self.write(move |tx| Box::pin(async move { Ok(tx.put_back_bundle(&bundle, then).await?) }))
            .await
    }

    /// The earliest checkpoint over at least so many entries, one with a time stamp if there is one;
    /// none as long as the signer has not come that far.
    pub(crate) async fn checkpoint_covering(
        &self,
        bundle: &Bundle,
        size: u64,
    ) -> Result<Option<SignedCheckpoint>, ServiceError> {
        let mut session = self.store.read().await?;
        let stamped = session.stamped_checkpoint_covering(bundle.workspace, size).await?;
        Ok(match stamped {
            Some(stamped) => Some(stamped),
            None => session.checkpoint_covering(bundle.workspace, size).await?,
        })
    }
}

const NOT_SIGNED: &str = "The log was not signed for an hour, and a bundle needs a signed checkpoint over \
                          all that is in it. The audit log says more about the signer.";

/// An entry about a bundle, with what it covers.
fn about(by: Principal, verb: Verb, bundle: &Bundle) -> Draft {
    let object = Object::new("bundle", bundle.id);
    let draft = Draft::new(by, verb, object);
    if verb != Verb::BundleRequested {
        return draft;
    }
    draft.with(json!({
        "automations": bundle.automations,
        "from": bundle.period.from,
        "until": bundle.period.until,
    }))
}
