//! Signing out of turn, for those who need what was entered just now signed.

use domain::{Timestamp, id::WorkspaceId};

use super::{Signer, SignerError};

impl Signer {
    /// Signs a log although it may not be time, if this process has the term or can have it. Answers
    /// whether it was signed.
    pub async fn sign_now(
        &self,
        workspace: WorkspaceId,
        now: Timestamp,
    ) -> Result<bool, SignerError> {
        let states = self.services.store.read().await?.log_states().await?;
        let state = states.into_iter().find(|state| state.workspace == workspace);
        let Some(state) = state.filter(|state| !state.refused && state.size > 0) else {
            return Ok(false);
        };
        let Some(fence) = self.take_term(now, false).await? else { return Ok(false) };
        let Some(log) = self.open(state.workspace, now).await? else { return Ok(false) };
        match self.count(&log, false).await? {
            Ok(counted) if counted.tree.size() > log.stored_size() && !log.is_kept_behind() => {
                self.seal(log, counted, Vec::new(), fence, now).await
            }
            Ok(_) => Ok(false),
            Err(fault) => {
                self.refuse(&log, fault, now).await?;
                Ok(false)
            }
        }
    }
}
