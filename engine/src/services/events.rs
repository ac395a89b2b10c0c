//! Trigger events: received once, and every run they bring about created with them.

mod admit;
mod list;
mod receive;
mod request;

pub use receive::NewEvent;
pub(crate) use receive::check_text;
pub use request::RunRequest;

use domain::{
    id::{KillSwitchId, RunId, TriggerEventId},
    permission::Permission,
    trigger::TriggerEvent,
};

pub(crate) use admit::{Listeners, admit};

use super::{Caller, ServiceError, Services};

/// Sources that begin with this are Assize itself.
pub const OWN_SOURCES: &str = "assize/";

/// The source of events that stand for a member's request.
pub const MANUAL_SOURCE: &str = "assize/manual";

/// The source of the fires of one schedule.
pub fn schedule_source(automation_key: &str) -> String {
    format!("{OWN_SOURCES}schedule/{automation_key}")
}

/// An event that stands in the workspace now.
#[derive(Debug, Clone, PartialEq)]
pub struct Received {
    pub event: TriggerEvent,
    /// True when the very same event had come before; then nothing happened now.
    pub duplicate: bool,
    /// The runs it brought about, now or then.
    pub runs: Vec<RunId>,
    /// The kill switches that kept it from bringing about runs, or more of them. Nothing makes up for
    /// those.
    pub refused_by: Vec<KillSwitchId>,
}

impl Services {
    pub async fn trigger_event(
        &self,
        caller: Caller,
        id: TriggerEventId,
    ) -> Result<TriggerEvent, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        let found = session.trigger_event(caller.workspace, id).await?;
        found.ok_or(ServiceError::NotFound("trigger event"))
    }
}
