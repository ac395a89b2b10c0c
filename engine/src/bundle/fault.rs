//! Why a bundle could not be made, and whether trying again can help.

use domain::problem::Failure;
use ledger::bundle::BundleError;

use crate::{services::ServiceError, store::StoreError};

/// What ended a try.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// It cannot be made as ordered: the order ends, with this cause.
    #[error(transparent)]
    Final(Failure),
    /// The log was changed by retention beyond the checkpoint: another one is needed.
    #[error("retention removed entries meanwhile")]
    Moved,
    /// Something that passes, or another worker that went on: the order stands.
    #[error(transparent)]
    Passing(#[from] ServiceError),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Passing(error.into())
    }
}

impl From<BundleError> for Fault {
    fn from(error: BundleError) -> Self {
        let code = match &error {
            BundleError::Io(_) => "storage-failed",
            BundleError::TooManyFiles => "too-many-files",
            BundleError::Zip(_)
            | BundleError::Name(_)
            | BundleError::Order(_)
            | BundleError::Malformed { .. } => "not-written",
        };
        Self::Final(Failure::deterministic(code, sentence(&error.to_string())))
    }
}

/// An error's words as a sentence.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string());
    let end = if text.ends_with('.') { "" } else { "." };
    format!("{}{}{end}", first.unwrap_or_default(), letters.as_str())
}
