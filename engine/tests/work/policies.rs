//! Policies: asked when a subject was found and again just before acting, named by what they stop, and
//! tested before they are switched on.

use domain::{
    approval::{Approval, ApprovalKind, ApprovalRule, ApprovalStatus, Verdict},
    audit::Verb,
    id::RunId,
    incident::{Cause, Incident, IncidentFilter, IncidentType, Phase, Policy, Severity},
    item::ItemState,
    member::Role,
    page::Seek,
    period::Period,
    policy::{Effect, Terms},
    report::ReportOutcome,
    run::RunStatus,
};
use engine::{
    both_databases,
    services::{BackTest, DecisionRequest, PolicyUnderTest, RunRequest, ServiceError},
};

use ledger::Leaf;

use crate::{
    house::{House, replica, start},
    killing::{exported_leaves, first_outcome, working},
    receiver::Plan,
    remote::{delivering, settle_in_time},
    reports,
};

const LOOKING: &str = "
key: look
name: Look
trigger: { kind: governed-event, type: checked }
subjects: { from: register, kind: account }
action: { actioner: findings.create, with: { key: '{{ event.id }}-{{ subject.key }}', title: Look, severity: low } }
on-item-failure: close
";

fn terms(effect: Effect, rule: &str) -> Terms {
    Terms {
        key: "not-the-second".to_owned(),
        name: "Not the second".to_owned(),
        statement: "The second account is under litigation.".to_owned(),
        effect,
        approval: None,
        automations: Vec::new(),
        rule: rule.to_owned(),
    }
}

const SECOND: &str = "subject.key == 'ACC-0002' && action.actioner.startsWith('findings.')";

async fn apply(house: &House, terms: Terms) -> i64 {
    let owner = house.acting(Role::Owner);
    house.services.apply_policy(owner, terms).await.unwrap().policy.version
}

async fn switch_on(house: &House) {
    let owner = house.acting(Role::Owner);
    house.services.switch_policy_on(owner, "not-the-second", None, "agreed").await.unwrap();
}

async fn switch_off(house: &House) {
    let owner = house.acting(Role::Owner);
    house.services.switch_policy_off(owner, "not-the-second", "not any more").await.unwrap();
}

/// A workspace with accounts and a policy that is on.
async fn governed(house: &House, terms: Terms) {
    house.accounts(3).await;
    house.apply(LOOKING).await;
    apply(house, terms).await;
    switch_on(house).await;
}

async fn incidents(house: &House, run: RunId) -> Vec<Incident> {
    let filter = IncidentFilter::of_run(run);
    house.services.incidents(house.host, &filter, Seek::First, 9).await.unwrap().page.rows
}

async fn open_approvals(house: &House) -> Vec<Approval> {
    let open = ApprovalStatus::Open;
    house.services.approvals(house.host, open, Seek::First, 50).await.unwrap().rows
}

async fn approve(house: &House, role: Role, approval: &Approval) -> Result<(), ServiceError> {
    let request = DecisionRequest {
        approval: approval.id,
        verdict: Verdict::Approve,
        reason: "looked at it".into(),
        action_digest: approval.action_digest.clone(),
    };
    house.services.decide(house.acting(role), request).await.map(drop)
}

async fn test(house: &House, what: PolicyUnderTest) -> BackTest {
    let day = start().date_naive();
    let period = Period::of_days(day, day).unwrap();
    house.services.test_policy(house.acting(Role::Owner), what, period).await.unwrap()
}

/// The five layers, and that the facts name the policy in this version.
fn assert_denial(incident: &Incident, cause: Cause, phase: Phase, version: i64) {
    assert_eq!((incident.kind, incident.cause), (IncidentType::PolicyDenial, cause));
    assert_eq!((incident.severity, incident.phase), (Severity::High, phase));
    assert_eq!(incident.policy, Policy::FixTheDefinition);
    assert_eq!(incident.presentation, cause.entry().presentation());
    let named = format!("not-the-second, version {version}");
    assert!(incident.facts.message.contains(&named), "{}", incident.facts.message);
    let context = incident.facts.context.as_ref().unwrap();
    assert_eq!(
        (context["key"].as_str(), context["version"].as_i64()),
        (Some("not-the-second"), Some(version))
    );
    assert_eq!(context["digest"].as_str().unwrap().len(), 64);
    assert!(incident.facts.failure.is_some() && incident.item.is_some());
}

both_databases! {
    async fn what_a_policy_denies_is_never_queued_and_says_which_policy_in_which_version(db: TestStore) {
        let house = House::new(&db).await;
        governed(&house, terms(Effect::Deny, "subject.key == 'nobody'")).await;
        assert_eq!(apply(&house, terms(Effect::Deny, SECOND)).await, 2);
        let run = house.event("e-1", None).await[0];
        house.settle().await;
        assert_eq!(house.counts(run).await.succeeded, 3, "version 1 is on, whatever is written since");
        switch_on(&house).await;
        let run = house.event("e-2", None).await[0];
        house.settle().await;
        let counts = house.counts(run).await;
        assert_eq!((counts.succeeded, counts.failed, counts.actions_invoked), (2, 1, 2));
        assert_eq!(house.run(run).await.status, RunStatus::CompletedWithFailures);
        let denied = house.items(run).await.into_iter().find(|i| i.state == ItemState::Failed).unwrap();
        assert_eq!((denied.subject_key.as_str(), denied.attempt), ("ACC-0002", 0));
        assert_eq!(denied.failure.unwrap().code, "policy-denied");
        assert!(denied.parameters.is_some(), "what was denied is kept");
        let [incident] = &incidents(&house, run).await[..] else { panic!("one incident") };
        assert_denial(incident, Cause::PolicyDenied, Phase::Match, 2);
        let entries = house.entries(run).await;
        let denial = entries.iter().find(|entry| entry.verb == Verb::ItemFailed).unwrap();
        assert!(denial.leaf.contains(r#""policy":{"digest":""#) && denial.leaf.contains(r#","version":2}"#));
        assert_eq!(reports::reports(&house, run).await[0].outcome, ReportOutcome::Partial);
    }

    async fn what_was_let_through_is_denied_before_acting_once_the_policy_is_on(db: TestStore) {
        let house = House::new(&db).await;
        house.accounts(3).await;
        house.apply(LOOKING).await;
        apply(&house, terms(Effect::Deny, SECOND)).await;
        let run = house.event("e-1", None).await[0];
        engine::work::intake::tick(&house.services, house.clock.now()).await.unwrap();
        assert_eq!(house.counts(run).await.open, 3, "all are queued");
        switch_on(&house).await;
        house.settle().await;
        let counts = house.counts(run).await;
        assert_eq!((counts.succeeded, counts.failed, counts.actions_invoked), (2, 1, 2));
        let [incident] = &incidents(&house, run).await[..] else { panic!("one incident") };
        assert_denial(incident, Cause::PolicyDeniedBeforeActing, Phase::Invoke, 1);
        let started = house.verbs(run).await.iter().filter(|verb| **verb == "item.started").count();
        assert_eq!(started, 2);
    }

    async fn under_load_of_two_workers_nothing_starts_that_was_not_judged_under_it(db: TestStore) {
        let house = House::new(&db).await;
        house.accounts(250).await;
        house.apply(LOOKING).await;
        apply(&house, terms(Effect::Deny, "true")).await;
        let (_, other) = replica(&db.store, &house.clock, "worker-2");
        let mut runs = Vec::new();
        for n in 0..4 {
            runs.extend(house.event(&format!("e-{n}"), None).await);
        }
        engine::work::intake::tick(&house.services, house.clock.now()).await.unwrap();
        let work = working(&[house.engine.clone(), other]).await;
        first_outcome(&house, runs[0]).await;
        switch_on(&house).await;
        for worker in work {
            worker.await.unwrap();
        }
        // A batch that lost too often is taken up again.
        house.clock.advance(chrono::Duration::seconds(31));
        house.settle().await;
        let leaves = exported_leaves(&house.services, house.host).await;
        let on = leaves.iter().position(|leaf| leaf.verb == "policy.switched-on").unwrap();
        let (before, after) = leaves.split_at(on);
        let starts = |part: &[Leaf]| part.iter().filter(|leaf| leaf.verb == "item.started").count();
        assert!(starts(before) > 0, "it was under load");
        assert_eq!(starts(after), 0, "started without having been judged under it");
        let mut denied = 0;
        for run in runs {
            denied += house.counts(run).await.failed;
        }
        assert_eq!(denied as usize + starts(before), 1_000);
    }

    async fn a_retry_is_judged_anew(db: TestStore) {
        let (house, receiver) = delivering(&db, "").await;
        house.accounts(1).await;
        apply(&house, terms(Effect::Deny, "action.class == 'keyed-remote'")).await;
        receiver.plan([Plan::Refuse(503); 3]);
        let run = house.event("e-1", None).await[0];
        settle_in_time(&house).await;
        assert_eq!(house.counts(run).await.failed, 1);
        switch_on(&house).await;
        assert!(reports::retry(&house, run).await);
        settle_in_time(&house).await;
        let item = house.items(run).await.remove(0);
        assert_eq!(item.failure.unwrap().code, "policy-denied-before-acting");
    }

    async fn what_a_policy_wants_approved_waits_from_the_start_and_goes_on_when_it_is(db: TestStore) {
        let house = House::new(&db).await;
        let two = ApprovalRule { quorum: 2, ..ApprovalRule::default() };
        let asks = Terms { approval: Some(two), ..terms(Effect::RequireApproval, SECOND) };
        governed(&house, asks).await;
        let run = house.event("e-1", None).await[0];
        house.settle().await;
        let counts = house.counts(run).await;
        assert_eq!((counts.succeeded, counts.awaiting_approval), (2, 1));
        let [approval] = &open_approvals(&house).await[..] else { panic!("one approval") };
        assert_eq!((approval.kind, approval.rule.quorum), (ApprovalKind::Policy, 2));
        assert_eq!(approval.policy.as_ref().unwrap().version, 1);
        assert!(approval.question.contains("not-the-second, version 1"), "{}", approval.question);
        approve(&house, Role::Approver, approval).await.unwrap();
        house.settle().await;
        assert_eq!(house.counts(run).await.awaiting_approval, 1, "two have to agree");
        approve(&house, Role::Owner, approval).await.unwrap();
        house.settle().await;
        assert_eq!(house.counts(run).await.succeeded, 3);
        assert!(open_approvals(&house).await.is_empty());
    }

    async fn an_approval_is_worth_nothing_under_another_version(db: TestStore) {
        let house = House::new(&db).await;
        governed(&house, terms(Effect::RequireApproval, SECOND)).await;
        let run = house.event("e-1", None).await[0];
        house.settle().await;
        let first = open_approvals(&house).await.remove(0);
        approve(&house, Role::Approver, &first).await.unwrap();
        let stricter = format!("{SECOND} && subject.kind == 'account'");
        apply(&house, terms(Effect::RequireApproval, &stricter)).await;
        switch_on(&house).await;
        house.settle().await;
        let second = open_approvals(&house).await.remove(0);
        assert_eq!(second.policy.as_ref().unwrap().version, 2);
        assert_eq!(second.action_digest, first.action_digest);
        approve(&house, Role::Approver, &second).await.unwrap();
        house.settle().await;
        assert_eq!(house.counts(run).await.succeeded, 3);
    }

    async fn a_policy_asks_beside_the_definition_and_not_in_its_place(db: TestStore) {
        let house = House::new(&db).await;
        governed(&house, terms(Effect::RequireApproval, SECOND)).await;
        let asks = "approval: { before-action: { role: approver } }\n";
        house.apply(&format!("{LOOKING}{asks}")).await;
        let run = house.event("e-1", None).await[0];
        for kind in [ApprovalKind::Policy, ApprovalKind::BeforeAction] {
            house.settle().await;
            let waiting = open_approvals(&house).await.into_iter();
            let item = house.items(run).await.into_iter().find(|i| i.subject_key == "ACC-0002");
            let item = item.unwrap().id;
            let about = waiting.into_iter().find(|approval| approval.item == item).unwrap();
            assert_eq!(about.kind, kind);
            approve(&house, Role::Approver, &about).await.unwrap();
        }
        house.settle().await;
        assert_eq!(house.counts(run).await.succeeded, 1);
    }

    async fn whoever_requested_the_run_cannot_approve_what_a_policy_asks(db: TestStore) {
        let house = House::new(&db).await;
        governed(&house, terms(Effect::RequireApproval, SECOND)).await;
        let manual = "trigger: { kind: manual-request }";
        house.apply(&LOOKING.replace("trigger: { kind: governed-event, type: checked }", manual)).await;
        let owner = house.acting(Role::Owner);
        let request = RunRequest::default();
        let run = house.services.request_run(owner, "look", request).await.unwrap().runs[0];
        house.settle().await;
        let approval = open_approvals(&house).await.remove(0);
        assert_eq!(approval.requested_by, owner.principal.member());
        let own = approve(&house, Role::Owner, &approval).await;
        assert_eq!(own.unwrap_err().code(), "own-request");
        approve(&house, Role::Approver, &approval).await.unwrap();
        house.settle().await;
        assert_eq!(house.counts(run).await.succeeded, 3);
    }

    async fn a_rule_that_cannot_be_evaluated_denies_whatever_its_effect(db: TestStore) {
        let house = House::new(&db).await;
        governed(&house, terms(Effect::RequireApproval, "subject.attributes.risk > 3")).await;
        let run = house.event("e-1", None).await[0];
        house.settle().await;
        let counts = house.counts(run).await;
        assert_eq!((counts.failed, counts.actions_invoked), (3, 0));
        let found = incidents(&house, run).await;
        assert_eq!(found.len(), 3);
        assert_denial(&found[0], Cause::PolicyNotEvaluated, Phase::Match, 1);
        assert!(found[0].facts.message.contains("no field 'risk'"), "{}", found[0].facts.message);
    }

    async fn a_policy_is_about_the_automations_it_names_and_nothing_once_it_is_off(db: TestStore) {
        let house = House::new(&db).await;
        let named = Terms { automations: vec!["other".to_owned()], ..terms(Effect::Deny, "true") };
        governed(&house, named).await;
        let other = LOOKING.replace("key: look", "key: other").replace("'{{ event", "'other-{{ event");
        house.apply(&other).await;
        let runs = house.event("e-1", None).await;
        house.settle().await;
        let mut failed = Vec::new();
        for run in &runs {
            failed.push(house.counts(*run).await.failed);
        }
        failed.sort_unstable();
        assert_eq!(failed, [0, 3]);
        switch_off(&house).await;
        for run in house.event("e-2", None).await {
            house.settle().await;
            assert_eq!(house.counts(run).await.succeeded, 3);
        }
    }

    async fn a_test_says_beforehand_what_the_policy_then_does(db: TestStore) {
        let house = House::new(&db).await;
        house.accounts(7).await;
        house.apply(LOOKING).await;
        let rule = "subject.key > 'ACC-0004' && action.parameters.severity == 'low'";
        let draft = terms(Effect::Deny, rule);
        let run = house.event("e-1", None).await[0];
        house.settle().await;
        assert_eq!(house.counts(run).await.succeeded, 7);
        let foreseen = test(&house, PolicyUnderTest::Draft(draft.clone())).await;
        assert_eq!((foreseen.looked_at, foreseen.caught, foreseen.not_evaluated), (7, 3, 0));
        assert!(foreseen.complete && foreseen.as_now == 0 && foreseen.without_parameters == 0);
        assert_eq!((foreseen.automations[0].automation.key.as_str(), foreseen.automations[0].caught), ("look", 3));
        assert!(foreseen.examples.iter().all(|caught| caught.run == run));
        apply(&house, draft).await;
        switch_on(&house).await;
        let replayed = house.event("e-2", None).await[0];
        house.settle().await;
        assert_eq!(house.counts(replayed).await.failed, foreseen.caught);
        let stored = PolicyUnderTest::Stored { key: "not-the-second".to_owned(), version: None };
        let found = test(&house, stored).await;
        assert_eq!((found.looked_at, found.caught), (14, 6), "what it denied it would deny again");
    }

    async fn a_test_says_which_subjects_have_changed_and_what_it_cannot_judge(db: TestStore) {
        let house = House::new(&db).await;
        house.accounts(2).await;
        house.apply(LOOKING).await;
        house.event("e-1", None).await;
        house.settle().await;
        house.clock.advance(chrono::Duration::hours(1));
        house.import("account", &[serde_json::json!({"key": "ACC-0001", "status": "active", "risk": 9})]).await;
        let rule = terms(Effect::Deny, "subject.attributes.risk > 3");
        let found = test(&house, PolicyUnderTest::Draft(rule)).await;
        assert_eq!((found.looked_at, found.caught, found.not_evaluated, found.as_now), (2, 1, 1, 1));
        let why = found.examples.iter().find_map(|caught| caught.not_evaluated.as_ref()).unwrap();
        assert!(why.contains("no field 'risk'"));
    }

    async fn what_is_wrong_with_a_policy_is_said_field_by_field(db: TestStore) {
        let house = House::new(&db).await;
        let owner = house.acting(Role::Owner);
        let wrong = Terms {
            key: "X".to_owned(),
            statement: String::new(),
            approval: Some(ApprovalRule { quorum: 0, role: Role::Viewer, ..ApprovalRule::default() }),
            automations: vec!["Not a key".to_owned()],
            ..terms(Effect::RequireApproval, "true &&\n  (1 ==")
        };
        let Err(ServiceError::Invalid(errors)) = house.services.apply_policy(owner, wrong).await else {
            panic!("it is accepted")
        };
        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["key", "statement", "approval", "automations", "rule"]);
        assert!(errors[4].message.starts_with("line 2, column "), "{}", errors[4].message);
        let same = terms(Effect::Deny, SECOND);
        let first = house.services.apply_policy(owner, same.clone()).await.unwrap();
        assert_eq!(first.policy.on, None, "it is off until it is switched on");
        let again = house.services.apply_policy(owner, same).await.unwrap();
        assert_eq!(again.policy.version, 1, "the same is no new version");
        let services = &house.services;
        let none = services.switch_policy_on(owner, "not-the-second", Some(2), "why").await;
        assert_eq!(none.unwrap_err().code(), "not-found");
        let mute = services.switch_policy_on(owner, "not-the-second", None, " ").await;
        assert_eq!(mute.unwrap_err().code(), "invalid");
    }
}
