//! Where the two databases differ in a word; how they take many rows at once is in `bulk`.

/// The records `r` of the register `$2`, where they are walked in order: how the index for that has
/// the kind.
pub(super) const IN_REGISTER: [&str; 2] = ["r.kind = $2", "r.kind COLLATE \"C\" = $2"];

/// The day on which the run `r` completed, in UTC: instants are text in the one and read in the zone of
/// the session in the other.
pub(super) const COMPLETED_DAY: [&str; 2] =
    ["substr(r.completed_order, 1, 10)", "CAST(r.completed_order AT TIME ZONE 'UTC' AS DATE)"];

/// The day on which the run `r` started, in the same way.
pub(super) const STARTED_DAY: [&str; 2] =
    ["substr(r.started_order, 1, 10)", "CAST(r.started_order AT TIME ZONE 'UTC' AS DATE)"];

/// A pair that begins to choose among rows of `run`. SQLite knows how much is where only if it is made to
/// count, so it is told which index has these and nothing else.
macro_rules! from_runs {
    ($index:literal, $condition:literal) => {
        [
            concat!(" FROM run r INDEXED BY ", $index, " WHERE ", $condition),
            concat!(" FROM run r WHERE ", $condition),
        ]
    };
}

/// The runs that ended and have their detail.
pub(super) const FROM_KEPT: [&str; 2] =
    from_runs!("run_kept", "r.pruned_at IS NULL AND r.completed_at IS NOT NULL");

/// The runs that have none any more.
pub(super) const FROM_STUBS: [&str; 2] = from_runs!("run_stub", "r.pruned_at IS NOT NULL");

/// A statement that locks what it reads where there is more than one writer: a pair for
/// [`super::Session::pick`].
macro_rules! locking {
    ($text:literal) => {
        [$text, concat!($text, " FOR UPDATE")]
    };
}
pub(super) use locking;
