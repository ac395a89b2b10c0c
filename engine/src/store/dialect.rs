//! Where the two databases differ in a word; how they take many rows at once is in `bulk`.

/// The records `r` of the register `$2`, where they are walked in order: how the index for that has
/// the kind.
pub(super) const IN_REGISTER: [&str; 2] = ["r.kind = $2", "r.kind COLLATE \"C\" = $2"];

/// A statement that locks what it reads where there is more than one writer: a pair for
/// [`super::Session::pick`].
macro_rules! locking {
    ($text:literal) => {
        [$text, concat!($text, " FOR UPDATE")]
    };
}
pub(super) use locking;
