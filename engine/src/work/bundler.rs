//! Makes the bundles that were ordered: one at a time in a process, one worker at a time for each.

use domain::{
    Timestamp,
    bundle::{Bundle, BundleStatus},
    problem::Failure,
    time,
};
use tracing::warn;

use super::Signer;
use crate::{
    bundle::LEASE,
    services::{Caller, NewBundle, ServiceError, Services},
    store::StoreError,
};

/// Makes the bundle that has waited longest, if there is one. Answers how many were taken up.
pub async fn tick(
    services: &Services,
    signer: Option<&Signer>,
    now: Timestamp,
) -> Result<usize, ServiceError> {
    match claim(services, now).await? {
        Some(bundle) => make(services, signer, bundle).await.map(|()| 1),
        None => Ok(0),
    }
}

/// Orders a bundle and makes it here and now. One that cannot be made is a conflict, with the cause as
/// its message.
pub async fn make_now(
    services: &Services,
    signer: Option<&Signer>,
    caller: Caller,
    order: NewBundle,
) -> Result<Bundle, ServiceError> {
    let bundle = services.order_bundle_here(caller, order).await?;
    let id = bundle.id;
    make(services, signer, bundle).await?;
    let bundle = services.bundle(caller, id).await?;
    match &bundle.failure {
        Some(failure) => Err(ServiceError::conflict("bundle-failed", failure.message.clone())),
        None if bundle.status == BundleStatus::Ready => Ok(bundle),
        None => {
            let message = format!(
                "{id} waits for the signer: the log is not signed as far as it needs; a worker makes \
                 it as soon as it is"
            );
            Err(ServiceError::conflict("not-signed-yet", message))
        }
    }
}

/// Takes the next bundle for a while; none in a process that has no place to put it.
pub async fn claim(services: &Services, now: Timestamp) -> Result<Option<Bundle>, ServiceError> {
    if services.bundle_directory().is_err() {
        return Ok(None);
    }
    let Some(found) = services.store.read().await?.due_bundle(now).await? else {
        return Ok(None);
    };
    if found.is_hopeless() {
        let message = "The making of it was interrupted again and again, so it was given up.";
        let failure = Failure::unknown("interrupted-too-often", message);
        services.store_failure(found, failure).await?;
        return Ok(None);
    }
    let until = time::later(now, chrono::Duration::seconds(LEASE));
    let mut claimed = found.clone();
    let won = services
        .store
        .write(move |tx| Box::pin(async move { tx.claim_bundle(&found, until).await }))
        .await?;
    claimed.attempt += 1;
    claimed.status = BundleStatus::Assembling;
    claimed.lease_until = Some(until);
    Ok(won.then_some(claimed))
}

/// Makes a claimed bundle; has the log signed first, if it is not signed far enough.
async fn make(
    services: &Services,
    signer: Option<&Signer>,
    bundle: Bundle,
) -> Result<(), ServiceError> {
    let made = async {
        let Some(bundle) = services.carry_out(bundle).await? else { return Ok(()) };
        if let Some(signer) = signer
            && let Err(error) = signer.sign_now(bundle.workspace, services.clock.now()).await
        {
            // It may be another process that can.
            warn!(%error, "the log was not signed for a bundle");
        }
        match services.carry_out(bundle).await? {
            Some(bundle) => services.wait_for_signature(bundle).await,
            None => Ok(()),
        }
    };
    match made.await {
        Err(ServiceError::Store(StoreError::Stale { .. })) => {
            warn!("a bundle was taken over by another worker");
            Ok(())
        }
        made => made,
    }
}
