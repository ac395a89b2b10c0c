//! Stretches of items: many short runs at once, or a piece of a long one, so that going through a
//! million items takes as many rows at a time whatever the runs are like.

use domain::id::{RunId, WorkspaceId};

use super::Rows;

/// The items of one run at the positions from `from` until before `until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    pub run: RunId,
    pub from: i64,
    pub until: i64,
    /// Its place among the stretches that are read together.
    pub place: i64,
}

impl Stretch {
    pub(super) fn rows(workspace: WorkspaceId, stretches: &[Self]) -> Rows<'_, Self> {
        Rows::of(stretches)
            .within(workspace)
            .int("n", |stretch| stretch.place)
            .uuid("run_id", |stretch| stretch.run.uuid())
            .int("low", |stretch| stretch.from)
            .int("high", |stretch| stretch.until)
    }
}

/// Restricts `run_item` to a stretch in `j`.
macro_rules! in_stretch {
    () => {
        "run_item.run_id = j.run_id AND run_item.position >= j.low AND run_item.position < j.high"
    };
}
pub(super) use in_stretch;
