//! Carries the origin of an act from the request to the entries it leaves, without every call on the
//! way having to name it.

use domain::origin::Origin;

tokio::task_local! {
    static CURRENT: Origin;
}

/// Runs `step`; whatever it enters into the audit log names `origin`.
pub async fn within<F: Future>(origin: Origin, step: F) -> F::Output {
    CURRENT.scope(origin, step).await
}

/// What brought the present step about: nothing, for the host and for workers.
pub fn current() -> Origin {
    CURRENT.try_with(|origin| *origin).unwrap_or_default()
}
