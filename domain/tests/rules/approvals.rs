//! Who may decide, and what the decisions amount to.

use domain::{
    Timestamp,
    approval::{
        Approval, ApprovalKind, ApprovalRule, ApprovalStatus, Decision, NotAllowed, Verdict,
    },
    id::{ApprovalId, DecisionId, ItemId, RunId, WorkspaceId},
    member::{Member, Role},
    time::LATEST,
};
use serde_json::json;

use crate::build::{at, member, uuid};

fn approval() -> Approval {
    let rule = ApprovalRule { expires_after_seconds: 100, ..ApprovalRule::default() };
    Approval {
        id: ApprovalId::new(uuid(1)),
        workspace: WorkspaceId::new(uuid(1)),
        run: RunId::new(uuid(1)),
        item: ItemId::new(uuid(1)),
        kind: ApprovalKind::Retry,
        policy: None,
        status: ApprovalStatus::Open,
        question: "Retry it?".to_owned(),
        actioner: "findings.create".to_owned(),
        parameters: json!({}),
        action_digest: "shown".to_owned(),
        expires_at: rule.expires_at(at(0)),
        rule,
        requested_by: Some(member(9, Role::Operator).id),
        requested_at: at(0),
        decided_at: None,
    }
}

fn decided(by: &Member, verdict: Verdict) -> Decision {
    Decision {
        id: DecisionId::new(uuid(1)),
        approval: ApprovalId::new(uuid(1)),
        member: by.id,
        verdict,
        reason: String::new(),
        decided_at: at(1),
    }
}

fn check(approval: &Approval, by: &Member) -> Result<(), NotAllowed> {
    approval.check(by, &[], "shown", at(1))
}

#[test]
fn where_a_role_decides_it_is_that_role_or_an_owner() {
    for &role in Role::ALL {
        let allowed = matches!(role, Role::Approver | Role::Owner);
        let expected = if allowed { Ok(()) } else { Err(NotAllowed::OtherRole) };
        assert_eq!(check(&approval(), &member(1, role)), expected, "{role}");
    }
}

#[test]
fn where_members_are_named_they_alone_decide_whatever_their_role() {
    let mut approval = approval();
    approval.rule.members = vec!["Member1@Example.ORG".to_owned()];
    for &role in Role::ALL {
        assert_eq!(check(&approval, &member(1, role)), Ok(()), "{role}");
        assert_eq!(check(&approval, &member(2, role)), Err(NotAllowed::NotNamed), "{role}");
    }
}

#[test]
fn nobody_decides_what_they_asked_for_not_even_an_owner_or_a_named_approver() {
    let mut approval = approval();
    assert_eq!(check(&approval, &member(9, Role::Owner)), Err(NotAllowed::OwnRequest));
    approval.rule.members = vec!["member9@example.org".to_owned()];
    assert_eq!(check(&approval, &member(9, Role::Approver)), Err(NotAllowed::OwnRequest));
    approval.requested_by = None;
    assert_eq!(check(&approval, &member(9, Role::Approver)), Ok(()));
}

#[test]
fn only_a_present_member_of_the_workspace_decides() {
    let removed = Member { removed_at: Some(at(0)), ..member(1, Role::Owner) };
    let elsewhere = Member { workspace: WorkspaceId::new(uuid(2)), ..member(1, Role::Owner) };
    for stranger in [removed, elsewhere] {
        assert_eq!(check(&approval(), &stranger), Err(NotAllowed::NotAMember));
    }
}

#[test]
fn only_an_open_approval_can_be_decided() {
    for &status in ApprovalStatus::ALL {
        let approval = Approval { status, ..approval() };
        let open = status == ApprovalStatus::Open;
        let expected = if open { Ok(()) } else { Err(NotAllowed::NotOpen) };
        assert_eq!(check(&approval, &member(1, Role::Approver)), expected, "{status}");
    }
}

#[test]
fn an_approval_can_be_decided_until_the_instant_it_expires() {
    let at_second = |s| approval().check(&member(1, Role::Approver), &[], "shown", at(s));
    assert_eq!(at_second(99), Ok(()));
    assert_eq!(at_second(100), Err(NotAllowed::Expired));
}

#[test]
fn a_decision_is_about_the_action_that_was_shown() {
    let result = approval().check(&member(1, Role::Approver), &[], "another", at(1));
    assert_eq!(result, Err(NotAllowed::OtherAction));
}

#[test]
fn nobody_decides_twice() {
    let (one, two) = (member(1, Role::Approver), member(2, Role::Approver));
    let earlier = [decided(&one, Verdict::Approve)];
    let check = |member| approval().check(member, &earlier, "shown", at(1));
    assert_eq!(check(&one), Err(NotAllowed::DecidedAlready));
    assert_eq!(check(&two), Ok(()));
}

#[test]
fn as_many_must_approve_as_the_quorum_says_and_one_dismissal_dismisses() {
    for quorum in 1..=3 {
        let mut approval = approval();
        approval.rule.quorum = quorum;
        let mut earlier = Vec::new();
        for n in 1..=quorum {
            let dismissed = approval.after(&earlier, Verdict::Dismiss);
            assert_eq!(dismissed, ApprovalStatus::Dismissed, "after {n} of {quorum}");
            let done = n == quorum;
            let expected = if done { ApprovalStatus::Approved } else { ApprovalStatus::Open };
            assert_eq!(approval.after(&earlier, Verdict::Approve), expected, "{n} of {quorum}");
            earlier.push(decided(&member(n as usize, Role::Approver), Verdict::Approve));
        }
    }
}

#[test]
fn a_dismissal_does_not_count_towards_the_quorum() {
    let mut approval = approval();
    approval.rule.quorum = 2;
    let earlier = [decided(&member(1, Role::Approver), Verdict::Dismiss)];
    assert_eq!(approval.after(&earlier, Verdict::Approve), ApprovalStatus::Open);
}

#[test]
fn an_expiry_beyond_the_calendar_is_the_last_instant_there_is() {
    let rule = |seconds| ApprovalRule { expires_after_seconds: seconds, ..ApprovalRule::default() };
    assert_eq!(rule(i64::MAX).expires_at(at(0)), LATEST);
    assert!(rule(i64::MIN).expires_at(at(0)) < at(0));
    assert_eq!(rule(60).expires_at(Timestamp::MAX_UTC), LATEST);
}

#[test]
fn every_refusal_has_its_own_code() {
    use NotAllowed as N;
    let all = [
        N::NotAMember,
        N::OwnRequest,
        N::NotNamed,
        N::OtherRole,
        N::DecidedAlready,
        N::NotOpen,
        N::Expired,
        N::OtherAction,
    ];
    let codes: std::collections::BTreeSet<_> = all.iter().map(|refusal| refusal.code()).collect();
    assert_eq!(codes.len(), all.len());
}
