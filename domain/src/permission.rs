//! The one table of who may do what. `Services` asks it before every act; the papers print it.

use crate::{
    member::{Principal, Role},
    words,
};

words! {
    /// Something a role may or may not do.
    Permission {
        /// Runs, items, registers, definitions and their history.
        ViewRuns = "view-runs",
        ViewAuditLog = "view-audit-log",
        ViewMembers = "view-members",
        /// Take home a list that one may read.
        ExportLists = "export-lists",
        RetryItems = "retry-items",
        CancelRuns = "cancel-runs",
        RequestRuns = "request-runs",
        /// Close a run that is held open because of failed items.
        CloseRuns = "close-runs",
        DecideApprovals = "decide-approvals",
        SendTriggerEvents = "send-trigger-events",
        ImportRecords = "import-records",
        ApplyDefinitions = "apply-definitions",
        ManageMembers = "manage-members",
        ManageDestinations = "manage-destinations",
    }
}

/// Whether `role` may do `permission`.
pub fn allows(role: Role, permission: Permission) -> bool {
    use Permission as P;
    use Role as R;
    match permission {
        P::ViewRuns | P::ExportLists => true,
        P::ViewAuditLog => !matches!(role, R::Viewer),
        P::ViewMembers => matches!(role, R::Owner | R::Auditor),
        P::RetryItems | P::CancelRuns | P::RequestRuns | P::CloseRuns => {
            matches!(role, R::Owner | R::Operator)
        }
        P::SendTriggerEvents | P::ImportRecords | P::ApplyDefinitions => {
            matches!(role, R::Owner | R::Operator)
        }
        P::DecideApprovals => matches!(role, R::Owner | R::Approver),
        P::ManageMembers | P::ManageDestinations => matches!(role, R::Owner),
    }
}

/// Every permission with the roles that have it, in the order of [`Role::ALL`]: what the papers print.
pub fn table() -> Vec<(Permission, [bool; 5])> {
    use Role as R;
    let roles = [R::Owner, R::Operator, R::Approver, R::Auditor, R::Viewer];
    Permission::ALL
        .iter()
        .map(|&permission| (permission, roles.map(|r| allows(r, permission))))
        .collect()
}

/// A refused act.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the role {role} may not {permission}")]
pub struct Refused {
    pub role: &'static str,
    pub permission: Permission,
}

/// Refuses unless the principal may do `permission`. The host and the system may do everything.
pub fn require(principal: Principal, permission: Permission) -> Result<(), Refused> {
    match principal {
        Principal::Host | Principal::System => Ok(()),
        Principal::Member { role, .. } if allows(role, permission) => Ok(()),
        Principal::Member { role, .. } => Err(Refused { role: role.as_str(), permission }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_auditor_and_a_viewer_change_nothing() {
        let reading = [
            Permission::ViewRuns,
            Permission::ViewAuditLog,
            Permission::ViewMembers,
            Permission::ExportLists,
        ];
        for &permission in Permission::ALL {
            if !reading.contains(&permission) {
                assert!(!allows(Role::Auditor, permission), "auditor {permission}");
                assert!(!allows(Role::Viewer, permission), "viewer {permission}");
            }
        }
    }

    #[test]
    fn an_operator_decides_no_approval_and_an_approver_retries_nothing() {
        assert!(!allows(Role::Operator, Permission::DecideApprovals));
        assert!(!allows(Role::Approver, Permission::RetryItems));
    }

    #[test]
    fn an_owner_may_do_everything() {
        assert!(Permission::ALL.iter().all(|&permission| allows(Role::Owner, permission)));
    }
}
