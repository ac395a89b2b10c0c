//! What can go wrong in a service, in the terms of whoever asked.

use domain::{permission::Refused, problem::IllegalMove, window::Sight};
use serde::{Deserialize, Serialize};

use crate::store::{MigrateError, StoreError};

/// One field that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// Where: a form field, or `file:line:column field.path` of a definition.
    pub field: String,
    /// One sentence.
    pub message: String,
}

impl FieldError {
    pub fn new(field: impl Into<String>, message: impl ToString) -> Self {
        Self { field: field.into(), message: message.to_string() }
    }
}

/// Why a service did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// It does not exist, or not in this workspace.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Not all of a period lies in the windows of the auditor who asks: these.
    #[error("{}", outside(.0))]
    OutsideWindows(Sight),
    /// Sign-in data are wrong; deliberately no word about which.
    #[error("the e-mail address or the password is not right")]
    WrongCredentials,
    /// Too many tries.
    #[error("too many tries; wait {retry_after_seconds} seconds")]
    Throttled { retry_after_seconds: i64 },
    /// What was sent cannot be used.
    #[error("{}", summary(.0))]
    Invalid(Vec<FieldError>),
    /// The state does not allow it, or it changed meanwhile. The code is stable, for programs.
    #[error("{message}")]
    Conflict { code: &'static str, message: String },
    /// The store failed; nothing was changed.
    #[error(transparent)]
    Store(StoreError),
    #[error(transparent)]
    Migrate(#[from] MigrateError),
}

fn summary(errors: &[FieldError]) -> String {
    let lines: Vec<_> =
        errors.iter().map(|error| format!("{}: {}", error.field, error.message)).collect();
    lines.join("\n")
}

fn outside(windows: &Sight) -> String {
    match windows.is_blind() {
        true => {
            "no window was granted to you yet; ask an owner for the period you are to look into"
                .to_owned()
        }
        false => format!("this period is not inside your windows; you see {windows}"),
    }
}

impl ServiceError {
    /// One field that is not as it should be.
    pub fn invalid(field: &str, message: impl ToString) -> Self {
        Self::Invalid(vec![FieldError::new(field, message)])
    }

    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::Conflict { code, message: message.into() }
    }

    /// Stable, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "not-found",
            Self::Refused(_) => "not-allowed",
            Self::OutsideWindows(_) => "outside-windows",
            Self::WrongCredentials => "wrong-credentials",
            Self::Throttled { .. } => "throttled",
            Self::Invalid(_) => "invalid",
            Self::Conflict { code, .. } => code,
            Self::Store(_) | Self::Migrate(_) => "internal",
        }
    }
}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unstorable => Self::invalid("text", error),
            error => Self::Store(error),
        }
    }
}

impl From<IllegalMove> for ServiceError {
    fn from(refusal: IllegalMove) -> Self {
        Self::conflict("illegal-move", refusal.to_string())
    }
}
