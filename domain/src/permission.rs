//! The one table of who may do what. `Services` asks it before every act; the papers print it.

use crate::{
    member::{Principal, Role},
    token::Scopes,
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
        /// Say what became of an incident.
        SettleIncidents = "settle-incidents",
        DecideApprovals = "decide-approvals",
        SendTriggerEvents = "send-trigger-events",
        /// Tell of runs that take place elsewhere.
        ReportRuns = "report-runs",
        ImportRecords = "import-records",
        ApplyDefinitions = "apply-definitions",
        ManageMembers = "manage-members",
        ManageDestinations = "manage-destinations",
        /// Webhooks, and what became of what was sent to them.
        ViewWebhooks = "view-webhooks",
        /// Add, change, test and remove webhooks; send a delivery again.
        ManageWebhooks = "manage-webhooks",
        /// Keep what an independent authority says about when a checkpoint existed.
        StampCheckpoints = "stamp-checkpoints",
        /// What tokens of language models cost.
        ManagePrices = "manage-prices",
        /// Keep things from being erased.
        ManageHolds = "manage-holds",
        /// Say how long runs are kept, and see what the database weighs.
        ManageRetention = "manage-retention",
        /// Erase what the audit log says about a run beyond its leaves.
        ErasePayloads = "erase-payloads",
        /// Stop everything, or one automation, at once.
        PressKillSwitch = "press-kill-switch",
        ReleaseKillSwitch = "release-kill-switch",
        /// Write policies, test them against past runs, switch them on and off.
        ManagePolicies = "manage-policies",
        /// Tokens of one's own: make, list and revoke them.
        UseTokens = "use-tokens",
        /// Everybody's tokens: list and revoke them.
        ManageTokens = "manage-tokens",
    }
}

/// Whether `role` may do `permission`.
pub fn allows(role: Role, permission: Permission) -> bool {
    use Permission as P;
    use Role as R;
    match permission {
        P::ViewRuns | P::ExportLists | P::UseTokens => true,
        P::ViewAuditLog => !matches!(role, R::Viewer),
        P::ViewMembers => matches!(role, R::Owner | R::Auditor),
        P::RetryItems
        | P::CancelRuns
        | P::RequestRuns
        | P::CloseRuns
        | P::SettleIncidents
        | P::PressKillSwitch => matches!(role, R::Owner | R::Operator),
        P::SendTriggerEvents | P::ReportRuns | P::ImportRecords | P::ApplyDefinitions => {
            matches!(role, R::Owner | R::Operator)
        }
        P::DecideApprovals => matches!(role, R::Owner | R::Approver),
        P::ViewWebhooks => matches!(role, R::Owner | R::Operator),
        P::ManageMembers
        | P::ManageDestinations
        | P::ManageWebhooks
        | P::ManageTokens
        | P::StampCheckpoints
        | P::ManageHolds
        | P::ManagePrices
        | P::ManageRetention
        | P::ReleaseKillSwitch
        | P::ManagePolicies
        | P::ErasePayloads => matches!(role, R::Owner),
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
#[error("{} may not {permission}", if *.scoped { "this token".to_owned() } else { format!("the role {role}") })]
pub struct Refused {
    pub role: &'static str,
    pub permission: Permission,
    /// The role may do it; the token that was used may not.
    pub scoped: bool,
}

/// What a principal may do now. The host and the system may do everything.
pub fn rights(principal: Principal) -> Scopes {
    match principal {
        Principal::Host | Principal::System => Scopes::all(),
        Principal::Member { role, .. } => Scopes::of_role(role),
        Principal::Token { role, scopes, .. } => Scopes::of_role(role).within(scopes),
    }
}

/// Refuses unless the principal may do `permission`.
pub fn require(principal: Principal, permission: Permission) -> Result<(), Refused> {
    if rights(principal).contains(permission) {
        return Ok(());
    }
    let role = principal.role();
    let scoped = role.is_some_and(|role| allows(role, permission));
    Err(Refused { role: role.map_or(principal.kind(), Role::as_str), permission, scoped })
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
            // Makes nothing more of a member than they are.
            Permission::UseTokens,
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
