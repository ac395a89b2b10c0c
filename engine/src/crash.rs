//! Points at which a test kills the process, to see that nothing is lost and nothing done twice.
//!
//! Only in builds with debug assertions, and only when `ASSIZE_CRASH_AT` names a point and a count,
//! such as `C4:3`: the third time that point is reached, the process writes the point's name to the
//! file `ASSIZE_CRASH_TRACE` and ends by SIGKILL. A release holds none of this.

/// A point of `docs/ARCHITECTURE.md`, "a crash".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// Items are claimed, the claim is not committed.
    C1,
    /// The claim is committed, nothing has started.
    C2,
    /// Everything about the start is written, not committed.
    C3,
    /// The start is committed, nothing was sent.
    C4,
    /// The effect is done, or about to be written; its outcome is not.
    C6,
    /// The outcome is written, not committed.
    C7,
    /// The outcome is committed, nobody was told.
    C8,
}

/// Dies here if a test asked for it.
#[cfg(not(debug_assertions))]
#[inline]
pub(crate) fn point(_point: Point) {}

/// Dies here if a test asked for it.
#[cfg(debug_assertions)]
pub(crate) fn point(point: Point) {
    use std::sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
    };
    static WANTED: LazyLock<Option<(String, u32)>> = LazyLock::new(|| {
        let wanted = std::env::var("ASSIZE_CRASH_AT").ok()?;
        let (name, hit) = wanted.split_once(':')?;
        Some((name.to_owned(), hit.parse().ok()?))
    });
    static HITS: AtomicU32 = AtomicU32::new(0);
    let Some((name, wanted)) = WANTED.as_ref() else { return };
    if *name == format!("{point:?}") && HITS.fetch_add(1, Ordering::SeqCst) + 1 == *wanted {
        die(name);
    }
}

/// Leaves a trace and ends this process as the kernel would: no destructor, no flush.
#[cfg(debug_assertions)]
fn die(name: &str) -> ! {
    if let Ok(trace) = std::env::var("ASSIZE_CRASH_TRACE") {
        // A trace that cannot be written makes the test fail, which is all there is to do about it.
        drop(std::fs::write(trace, name));
    }
    let own = std::process::id().to_string();
    drop(std::process::Command::new("kill").args(["-KILL", &own]).status());
    // Where there is no `kill`, ending without clean-up comes closest.
    std::process::abort()
}
