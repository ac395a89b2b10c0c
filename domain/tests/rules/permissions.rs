//! Who may do what, in full.

use domain::{
    id::{MemberId, TokenId},
    member::{Principal, Role},
    permission::{Permission, allows, require, table},
};

use crate::build::uuid;

/// The columns are in the order of `Role::ALL`.
const TABLE: &str = "
                       owner  operator  approver  auditor  viewer
    view-runs          yes    yes       yes       yes      yes
    view-audit-log     yes    yes       yes       yes      -
    view-members       yes    -         -         yes      -
    export-lists       yes    yes       yes       yes      yes
    retry-items        yes    yes       -         -        -
    cancel-runs        yes    yes       -         -        -
    request-runs       yes    yes       -         -        -
    close-runs         yes    yes       -         -        -
    settle-incidents   yes    yes       -         -        -
    decide-approvals   yes    -         yes       -        -
    send-trigger-events yes   yes       -         -        -
    report-runs        yes    yes       -         -        -
    import-records     yes    yes       -         -        -
    apply-definitions  yes    yes       -         -        -
    manage-members     yes    -         -         -        -
    manage-destinations yes   -         -         -        -
    view-webhooks      yes    yes       -         -        -
    manage-webhooks    yes    -         -         -        -
    stamp-checkpoints  yes    -         -         -        -
    manage-prices      yes    -         -         -        -
    manage-holds       yes    -         -         -        -
    manage-retention   yes    -         -         -        -
    erase-payloads     yes    -         -         -        -
    press-kill-switch  yes    yes       -         -        -
    release-kill-switch yes   -         -         -        -
    manage-policies    yes    -         -         -        -
    use-tokens         yes    yes       yes       yes      yes
    manage-tokens      yes    -         -         -        -
";

fn expected() -> Vec<(Permission, [bool; 5])> {
    let rows = TABLE.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let rows = rows.filter(|words| words.len() == 6);
    rows.map(|words| {
        let allowed = [1, 2, 3, 4, 5].map(|column| words[column] == "yes");
        (words[0].parse().unwrap(), allowed)
    })
    .collect()
}

#[test]
fn the_table_of_who_may_do_what_is_this_one() {
    assert_eq!(table(), expected());
    let heads: Vec<_> = Role::ALL.iter().map(|role| role.as_str()).collect();
    let first: Vec<_> = TABLE.lines().nth(1).unwrap().split_whitespace().collect();
    assert_eq!(first, heads);
}

#[test]
fn a_member_is_refused_what_the_role_may_not() {
    for &role in Role::ALL {
        let member = Principal::Member { id: MemberId::new(uuid(1)), role };
        for &permission in Permission::ALL {
            assert_eq!(require(member, permission).is_ok(), allows(role, permission));
        }
    }
    let viewer = Principal::Member { id: MemberId::new(uuid(1)), role: Role::Viewer };
    let refused = require(viewer, Permission::CancelRuns).unwrap_err();
    assert_eq!(refused.to_string(), "the role viewer may not cancel-runs");
}

#[test]
fn a_token_may_do_what_both_its_scopes_and_its_members_role_allow() {
    let scopes = [Permission::ViewRuns, Permission::DecideApprovals].into_iter().collect();
    for &role in Role::ALL {
        let (id, member) = (TokenId::new(uuid(2)), MemberId::new(uuid(1)));
        let token = Principal::Token { id, member, role, scopes };
        assert_eq!((token.member(), token.kind()), (Some(member), "token"));
        for &permission in Permission::ALL {
            let both = allows(role, permission) && scopes.contains(permission);
            match require(token, permission) {
                Ok(()) => assert!(both, "{role} {permission}"),
                Err(refused) => {
                    assert!(!both, "{role} {permission}");
                    assert_eq!(refused.scoped, allows(role, permission));
                }
            }
        }
    }
}

#[test]
fn the_host_and_the_system_may_do_everything() {
    for principal in [Principal::Host, Principal::System] {
        assert!(Permission::ALL.iter().all(|&p| require(principal, p).is_ok()));
        assert_eq!(principal.member(), None);
    }
}
