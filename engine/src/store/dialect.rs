//! The only file that knows where the two databases differ.

use chrono::SecondsFormat;
use domain::Timestamp;
use uuid::Uuid;

/// A statement over many rows at once: the rows come as one JSON array of objects, bound as `$1`,
/// and are read as a table called `j` with the columns named here.
///
/// `rows!([id uuid, state text], "UPDATE run_item SET state = j.state FROM j WHERE …")` answers with
/// the text for SQLite and the text for Postgres; [`super::Session::pick`] chooses.
macro_rules! rows {
    ([$($column:ident $kind:tt),+ $(,)?], $statement:expr) => {[
        concat!(
            "WITH j AS MATERIALIZED (SELECT 0 AS none",
            $(", ", $crate::store::dialect::rows!(@sqlite $column $kind)),+,
            " FROM json_each($1)) ",
            $statement
        ),
        concat!(
            "WITH j AS MATERIALIZED (SELECT 0 AS none",
            $(", ", $crate::store::dialect::rows!(@postgres $column $kind)),+,
            " FROM json_to_recordset($1::json) AS t(none bigint",
            $(", \"", stringify!($column), "\" ", $crate::store::dialect::rows!(@type $kind)),+,
            ")) ",
            $statement
        ),
    ]};
    (@sqlite $column:ident uuid) => { rows!(@unhex $column) };
    (@sqlite $column:ident bytes) => { rows!(@unhex $column) };
    (@sqlite $column:ident $kind:tt) => {
        concat!("value->>'", stringify!($column), "' AS ", stringify!($column))
    };
    (@unhex $column:ident) => {
        concat!("unhex(value->>'", stringify!($column), "') AS ", stringify!($column))
    };
    (@postgres $column:ident bytes) => {
        concat!("decode(t.", stringify!($column), ", 'hex') AS ", stringify!($column))
    };
    (@postgres $column:ident $kind:tt) => { concat!("t.\"", stringify!($column), "\"") };
    (@type uuid) => { "uuid" };
    (@type text) => { "text" };
    (@type bytes) => { "text" };
    (@type int) => { "bigint" };
    (@type bool) => { "boolean" };
    (@type time) => { "timestamptz" };
    (@type day) => { "date" };
}
pub(super) use rows;

/// An instant in the rows of a statement: the text that is stored in SQLite, which Postgres reads.
pub(super) fn instant(at: Timestamp) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, false)
}

/// An id in the rows of a statement.
pub(super) fn hex_id(id: Uuid) -> String {
    id.simple().to_string()
}

/// The same for a text that is a literal: a pair for [`super::Session::pick`].
macro_rules! locking {
    ($text:literal) => {
        [$text, concat!($text, " FOR UPDATE")]
    };
}
pub(super) use locking;
