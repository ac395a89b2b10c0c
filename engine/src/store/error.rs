//! What can go wrong in the store.

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database did not do what it was asked.
    #[error("the database: {0}")]
    Driver(sqlx::Error),
    /// A uniqueness rule of the database refused a row.
    #[error("{0}")]
    Conflict(Conflict),
    /// A fenced write changed another number of rows than it had to: somebody else moved first.
    #[error("{what}: expected {expected} rows, changed {changed}")]
    Stale { what: &'static str, expected: u64, changed: u64 },
    /// A text holds a character that cannot be stored: Postgres knows no NUL.
    #[error("a text contains a character that cannot be stored")]
    Unstorable,
    /// A stored value that cannot be.
    #[error("table {table}, column {column}: {message}")]
    Inconsistent { table: &'static str, column: &'static str, message: String },
}

/// A row that would have stood twice.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it exists already")]
pub struct Conflict {
    /// The constraint or columns, as the database names them.
    pub rule: String,
}

/// How Postgres refuses a character: as it is, and escaped in JSON.
const UNSTORABLE: [&str; 2] = ["22021", "22P05"];

/// How SQLite and Postgres say that the disk is full.
const FULL: [&str; 2] = ["13", "53100"];

/// How the fences of SQLite refuse a second row with the same key, before its own rule would.
const EXISTS_ALREADY: &str = "exists already";

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if let sqlx::Error::Database(inner) = &error
            && (inner.is_unique_violation() || inner.message().ends_with(EXISTS_ALREADY))
        {
            let rule = inner.constraint().unwrap_or(inner.message()).to_owned();
            return Self::Conflict(Conflict { rule });
        }
        if let sqlx::Error::Database(inner) = &error
            && inner.code().is_some_and(|code| UNSTORABLE.contains(&code.as_ref()))
        {
            return Self::Unstorable;
        }
        Self::Driver(error)
    }
}

impl StoreError {
    /// A stored value that cannot be.
    pub(super) fn inconsistent(
        table: &'static str,
        column: &'static str,
        error: impl ToString,
    ) -> Self {
        Self::Inconsistent { table, column, message: error.to_string() }
    }

    /// The database has no room for what was to be written.
    pub fn is_full(&self) -> bool {
        match self {
            Self::Driver(sqlx::Error::Database(inner)) => {
                inner.code().is_some_and(|code| FULL.contains(&code.as_ref()))
            }
            _ => false,
        }
    }

    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict(_))
    }

    /// A number of rows other than the one that must have changed.
    pub(super) fn expect(what: &'static str, expected: usize, changed: u64) -> Result<(), Self> {
        let expected = expected as u64;
        if changed == expected { Ok(()) } else { Err(Self::Stale { what, expected, changed }) }
    }
}
