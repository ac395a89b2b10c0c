//! Carries the key a request came with to the transaction of its change, without every call on the way
//! having to name it: a change and the mark that it was made are one commit.

use domain::id::WorkspaceId;

/// A key that this request, and no other, may carry out now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    pub workspace: WorkspaceId,
    /// Who asked: the id of a token or of a member.
    pub principal: String,
    /// As the client made it up.
    pub key: String,
    /// The fence: a claim that was taken over changes nothing any more.
    pub attempt: i64,
}

tokio::task_local! {
    static CURRENT: Claim;
}

/// Runs `step`; whatever it commits is marked as done for `claim`.
pub async fn within<F: Future>(claim: Claim, step: F) -> F::Output {
    CURRENT.scope(claim, step).await
}

/// The key the present step was asked for with, if any.
pub fn current() -> Option<Claim> {
    CURRENT.try_with(Claim::clone).ok()
}
