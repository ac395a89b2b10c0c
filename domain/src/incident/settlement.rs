//! What people say about an incident afterwards, and incidents of one cause taken together. Both are
//! additions: the incident itself never changes.

use serde::{Deserialize, Serialize};

use super::{Cause, IncidentType, Severity};
use crate::{
    Timestamp,
    id::{IncidentId, MemberId, WorkspaceId},
    words,
};

words! {
    /// Whether somebody has settled an incident.
    Standing {
        /// Nobody has, yet.
        Open = "open",
        Settled = "settled",
    }
}

/// Somebody looked into an incident and says what became of it. Written once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    pub incident: IncidentId,
    pub workspace: WorkspaceId,
    pub note: String,
    /// `None` when it was settled on the host's command line.
    pub settled_by: Option<MemberId>,
    pub settled_at: Timestamp,
}

/// Incidents that are put down to the same cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentGroup {
    pub cause: Cause,
    #[serde(rename = "type")]
    pub kind: IncidentType,
    pub severity: Severity,
    pub incidents: i64,
    /// Of them, those that nobody has settled.
    pub open: i64,
    pub first_at: Timestamp,
    pub last_at: Timestamp,
}
