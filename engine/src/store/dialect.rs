//! Where the two databases differ in a word; how they take many rows at once is in `bulk`.

/// A statement that locks what it reads where there is more than one writer: a pair for
/// [`super::Session::pick`].
macro_rules! locking {
    ($text:literal) => {
        [$text, concat!($text, " FOR UPDATE")]
    };
}
pub(super) use locking;
