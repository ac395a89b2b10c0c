//! What can go wrong with a command, and the exit code that says so.

use std::{
    fmt,
    io::{self, Write as _},
    process::ExitCode,
};

use engine::{
    services::ServiceError,
    store::{ConnectError, MigrateError, StoreError},
};
use serde_json::Value;

/// Why a command did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The arguments do not fit together.
    #[error("{0}")]
    Usage(String),
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// Some of what was asked is done; the output says which.
    #[error("{0}")]
    Partly(String),
    /// Something needs attention, which is what was asked.
    #[error("something needs attention")]
    Attention,
    #[error(transparent)]
    Internal(#[from] anyhow::Error),
    /// An operation of the API said no.
    #[error("{0}")]
    Told(Told),
    /// The reader of our output went away, as `head` does; nothing is wrong.
    #[error("the output was closed")]
    OutputClosed,
}

impl CliError {
    fn code(&self) -> u8 {
        match self {
            Self::OutputClosed => 0,
            Self::Told(told) => code_of(told.status),
            Self::Usage(_) | Self::Service(ServiceError::Invalid(_)) => 2,
            Self::Service(
                ServiceError::Refused(_)
                | ServiceError::OutsideWindows(_)
                | ServiceError::WrongCredentials
                | ServiceError::Throttled { .. },
            ) => 3,
            Self::Service(ServiceError::NotFound(_)) => 4,
            Self::Service(ServiceError::Conflict { .. }) => 5,
            Self::Partly(_) => 6,
            Self::Attention => 7,
            Self::Internal(_) | Self::Service(_) => 1,
        }
    }
}

/// A problem, as an operation told it.
#[derive(Debug)]
pub struct Told {
    pub status: u16,
    pub problem: Value,
}

impl Told {
    pub fn new(status: u16, problem: Value) -> Self {
        Self { status, problem }
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let detail = self.problem["detail"].as_str().unwrap_or("the server gave no reason");
        match self.problem["code"].as_str() {
            Some(code) => write!(f, "{detail} ({code})"),
            None => write!(f, "{detail} ({})", self.status),
        }
    }
}

/// The exit code for what an operation answers.
fn code_of(status: u16) -> u8 {
    match status {
        400 | 413 | 415 | 422 => 2,
        401 | 403 | 429 => 3,
        404 => 4,
        409 => 5,
        _ => 1,
    }
}

impl From<ConnectError> for CliError {
    fn from(error: ConnectError) -> Self {
        match error {
            ConnectError::UnknownScheme | ConnectError::InvalidAddress(_) => {
                Self::Usage(error.to_string())
            }
            other => Self::Internal(other.into()),
        }
    }
}

impl From<MigrateError> for CliError {
    fn from(error: MigrateError) -> Self {
        Self::Internal(error.into())
    }
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        Self::Service(error.into())
    }
}

impl From<io::Error> for CliError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::OutputClosed,
            _ => Self::Internal(error.into()),
        }
    }
}

/// Says what went wrong, and gives its exit code.
pub fn report(error: &CliError) -> ExitCode {
    if !matches!(error, CliError::OutputClosed) {
        let words = match error {
            CliError::Internal(inner) => format!("{inner:#}"),
            other => other.to_string(),
        };
        // Where even this cannot be written, nobody is listening.
        let _ = writeln!(io::stderr(), "assize: {words}");
    }
    ExitCode::from(error.code())
}

#[cfg(test)]
mod tests {
    use domain::permission::{Permission, Refused};

    use super::*;

    #[test]
    fn every_kind_of_error_has_its_exit_code() {
        let refused = Refused { role: "viewer", permission: Permission::CancelRuns, scoped: false };
        let code = |error: ServiceError| CliError::from(error).code();
        assert_eq!(code(ServiceError::invalid("email", "is empty")), 2);
        assert_eq!(code(ServiceError::Refused(refused)), 3);
        assert_eq!(code(ServiceError::NotFound("run")), 4);
        assert_eq!(code(ServiceError::conflict("plan-changed", "the plan changed")), 5);
        let told = |status| CliError::Told(Told::new(status, Value::Null)).code();
        assert_eq!((told(422), told(401), told(404), told(409)), (2, 3, 4, 5));
        assert_eq!(told(502), 1);
        assert_eq!(CliError::Partly("2 of 3 failed".to_owned()).code(), 6);
        assert_eq!(CliError::Attention.code(), 7);
        assert_eq!(CliError::from(ConnectError::UnknownScheme).code(), 2);
        assert_eq!(CliError::from(io::Error::from(io::ErrorKind::BrokenPipe)).code(), 0);
    }
}
