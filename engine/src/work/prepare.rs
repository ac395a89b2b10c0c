//! The start of attempts: looks again, just before acting, at everything that could say no.
//!
//! For each claimed item: is it still ours, does the condition still
//! hold, what exactly are the parameters, was this very action approved? What may act is started;
//! the rest gets its outcome here.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use domain::{
    Timestamp,
    approval::{Approval, ApprovalKind, ApprovalRule, ApprovalStatus},
    audit::{Draft, Object, Verb},
    budget::ItemCost,
    canonical,
    effect::{action_digest, effect_key},
    id::{ApprovalId, ItemId, MemberId, RecordId, RunId, WorkspaceId},
    incident::Raised,
    item::{Item, ItemMove, ItemState},
    member::Principal,
    policy::Pin,
    problem::Failure,
    record::Record,
    run::Run,
};
use serde_json::{Value, json};

use super::{
    Worker,
    judge::{Case, Judged},
    stopped,
    worker::Told,
};
use crate::{
    actioner::Call,
    changes::{Changes, period_of},
    compiled::Compiled,
    condition::Scope,
    policies::{CompiledPolicy, InForce},
    services::ServiceError,
    store::{BudgetPeriod, Claim, Session, StoreError},
};

/// The runs of claimed items.
pub(super) fn runs_of(claimed: &[Claim]) -> Vec<RunId> {
    let runs: BTreeSet<RunId> = claimed.iter().map(|claim| claim.run).collect();
    runs.into_iter().collect()
}

/// How often a batch is tried when another process changed what it was worked out from.
const TRIES: usize = 5;

/// Works a batch out anew as long as something it was worked out from has changed meanwhile: records,
/// a kill switch, what a budget has left. Nothing of it was stored then.
pub(super) async fn anew<T, F>(mut batch: impl FnMut() -> F) -> Result<T, ServiceError>
where
    F: Future<Output = Result<T, ServiceError>>,
{
    let mut tries = 0;
    loop {
        tries += 1;
        match batch().await {
            Err(ServiceError::Store(StoreError::Conflict(_) | StoreError::Stale { .. }))
                if tries < TRIES => {}
            result => return result,
        }
    }
}

/// An item whose attempt has started.
#[derive(Debug, Clone)]
pub(super) struct Ready {
    pub(super) item: Item,
    pub(super) call: Call,
    /// What was reserved for it, where its definition has a budget.
    pub(super) cost: Option<ItemCost>,
    pub(super) compiled: Arc<Compiled>,
    /// What set the run off.
    pub(super) told: Arc<Told>,
}

/// What is known about a batch of items of one workspace.
pub(super) struct Facts {
    runs: HashMap<RunId, (Arc<Compiled>, Arc<Told>)>,
    subjects: HashMap<RecordId, Record>,
    pub(super) approvals: HashMap<ItemId, Approval>,
    costs: HashMap<ItemId, ItemCost>,
    pub(super) policies: InForce,
    /// Those that policies asked for.
    pub(super) policy_approvals: HashMap<ItemId, Vec<Approval>>,
}

impl Facts {
    /// The periods of budgets that are spent from at this instant.
    fn periods(&self, now: Timestamp) -> BTreeSet<BudgetPeriod> {
        let period = |compiled: &Compiled| {
            let budget = compiled.definition.budget.as_ref()?;
            period_of(compiled.in_effect.automation, budget, now)
        };
        self.runs.values().filter_map(|(compiled, _)| period(compiled)).collect()
    }

    /// Reserves what an item is estimated to cost, where its definition has a budget.
    fn reserve(
        &self,
        changes: &mut Changes,
        compiled: &Compiled,
        item: &Item,
        scope: &Scope<'_>,
    ) -> Result<Option<ItemCost>, Failure> {
        let Some(budget) = &compiled.definition.budget else { return Ok(None) };
        let Some(amount) = compiled.estimate(scope)? else { return Ok(None) };
        let earlier = self.costs.get(&item.id).copied();
        let automation = compiled.in_effect.automation;
        changes.reserve(item, automation, budget, amount, earlier).map(Some)
    }
}

impl Worker {
    /// Starts what may act of the claimed items of these runs.
    pub(super) async fn prepare(
        &self,
        session: &mut Session,
        workspace: WorkspaceId,
        claimed: &[Claim],
        runs: Vec<Run>,
    ) -> Result<(Changes, Vec<Ready>), ServiceError> {
        let mut changes = Changes::new(workspace, self.now(), runs.clone());
        let mut items = still_ours(session, workspace, claimed).await?;
        // What a kill switch stops is left as it is: its run is about to be killed, which skips it.
        let pressed = session.pressed_switches(workspace).await?;
        let stopped = |run: &Run| pressed.iter().any(|switch| switch.stops(run.automation));
        let stopped: BTreeSet<RunId> =
            runs.iter().filter(|run| stopped(run)).map(|run| run.id).collect();
        items.retain(|item| !stopped.contains(&item.run));
        let facts = self.facts(session, workspace, &runs, &items).await?;
        facts.subjects.values().for_each(|subject| changes.saw(subject));
        changes.judged_under(facts.policies.on.clone());
        for period in facts.periods(changes.now()) {
            let found = session.budget_period(workspace, period).await?;
            let spent = found.map(|found| found.spending).unwrap_or_default();
            changes.found_period(period, spent);
        }
        let mut ready = Vec::with_capacity(items.len());
        for item in items {
            ready.extend(self.start(&mut changes, &facts, item)?);
        }
        Ok((changes, ready))
    }

    async fn facts(
        &self,
        session: &mut Session,
        workspace: WorkspaceId,
        runs: &[Run],
        items: &[Item],
    ) -> Result<Facts, ServiceError> {
        let mut known = HashMap::new();
        for run in runs {
            let compiled = self.services.versions.get(session, run.automation, run.version).await?;
            let event = self.event(session, workspace, run.trigger_event).await?;
            known.insert(run.id, (compiled, event));
        }
        let subjects: BTreeSet<RecordId> = items.iter().map(|item| item.subject).collect();
        let subjects: Vec<RecordId> = subjects.into_iter().collect();
        let subjects = session.records_by_ids(workspace, &subjects).await?;
        let approved: Vec<ItemId> =
            items.iter().filter(|item| item.approved).map(|item| item.id).collect();
        let approvals = session.given_approvals(workspace, &approved).await?;
        let subjects = subjects.into_iter().map(|record| (record.id, record)).collect();
        let budgeted = known.values().any(|(compiled, _)| compiled.definition.budget.is_some());
        let ids: Vec<ItemId> = items.iter().map(|item| item.id).filter(|_| budgeted).collect();
        let costs = session.item_costs(workspace, &ids).await?;
        let policies = self.services.policies.in_force(session, workspace).await?;
        let ids: Vec<ItemId> =
            items.iter().map(|item| item.id).filter(|_| !policies.is_empty()).collect();
        let policy_approvals = session.approvals_for_policies(workspace, &ids).await?;
        Ok(Facts { runs: known, subjects, approvals, costs, policies, policy_approvals })
    }

    /// Starts one item, or gives it the outcome it has without being started.
    fn start(
        &self,
        changes: &mut Changes,
        facts: &Facts,
        mut item: Item,
    ) -> Result<Option<Ready>, ServiceError> {
        let (Some((compiled, told)), Some(subject)) =
            (facts.runs.get(&item.run), facts.subjects.get(&item.subject))
        else {
            return Ok(None);
        };
        let now = changes.now();
        if !item.class.is_local() && item.may_act_twice(now) {
            fail(changes, item, key_window_over())?;
            return Ok(None);
        }
        let Some(run) = changes.run(item.run) else { return Ok(None) };
        let case = Case { item: &item, run, compiled, told, subject, now };
        match self.judge(&case, facts) {
            Judged::Act(parameters) => {
                let seen = subject.as_subject();
                let scope = Scope { subject: &seen, event: &told.event, now };
                let cost = match facts.reserve(changes, compiled, &item, &scope) {
                    Ok(cost) => cost,
                    Err(failure) => {
                        fail(changes, item, failure)?;
                        return Ok(None);
                    }
                };
                changes.step(&mut item, ItemMove::Start)?;
                changes.invoke(&mut item);
                bind(&mut item, parameters);
                item.tries += 1;
                item.started_at = Some(now);
                if !item.class.is_local() {
                    item.first_sent_at.get_or_insert(now);
                }
                let judged = facts.policies.concerning(&compiled.definition.key);
                changes.start(&compiled.in_effect, &item, started(&item, cost, judged));
                changes.keep(item.clone());
                let call = call(&item, subject.clone(), now);
                let (compiled, told) = (Arc::clone(compiled), Arc::clone(told));
                return Ok(Some(Ready { item, call, cost, compiled, told }));
            }
            Judged::Skip(reason) => {
                changes.step(&mut item, ItemMove::Skip)?;
                item.skip_reason = Some(reason);
                let payload = json!({"reason": reason});
                changes.enter_item(Principal::System, Verb::ItemSkipped, &item, Some(payload));
            }
            Judged::Fail(failure) => {
                fail(changes, item, failure)?;
                return Ok(None);
            }
            Judged::Stop(parameters, stop, policy) => {
                let (ids, by) = (&self.services.ids, told.requested_by);
                stopped::stop(changes, ids, item, parameters, stop, &policy, by)?;
                return Ok(None);
            }
            Judged::Ask(parameters, rule) => {
                changes.step(&mut item, ItemMove::AwaitApproval)?;
                bind(&mut item, parameters);
                let subject = subject.reference();
                let question = format!("Call {} for {subject}?", item.actioner);
                self.ask(changes, &item, ApprovalKind::BeforeAction, question, rule, told);
            }
        }
        changes.keep(item);
        Ok(None)
    }

    /// Asks for an approval of the item's action.
    pub(super) fn ask(
        &self,
        changes: &mut Changes,
        item: &Item,
        kind: ApprovalKind,
        question: String,
        rule: ApprovalRule,
        told: &Told,
    ) {
        let approval = new_approval(
            ApprovalId::new(self.services.ids.uuid(changes.now())),
            item,
            kind,
            question,
            rule,
            told.requested_by,
            changes.now(),
        );
        changes.enter(requested(Principal::System, &approval));
        changes.approvals.push(approval);
    }
}

/// An open approval of an item's action. Whoever wants the action, if a member does, cannot give it.
pub(crate) fn new_approval(
    id: ApprovalId,
    item: &Item,
    kind: ApprovalKind,
    question: String,
    rule: ApprovalRule,
    requested_by: Option<MemberId>,
    now: Timestamp,
) -> Approval {
    let parameters = item.parameters.clone().unwrap_or(Value::Null);
    Approval {
        id,
        workspace: item.workspace,
        run: item.run,
        item: item.id,
        kind,
        status: ApprovalStatus::Open,
        question,
        actioner: item.actioner.clone(),
        action_digest: digest(item, &parameters),
        parameters,
        expires_at: rule.expires_at(now),
        rule,
        policy: None,
        requested_by,
        requested_at: now,
        decided_at: None,
    }
}

/// The entry that says what was asked.
pub(crate) fn requested(actor: Principal, approval: &Approval) -> Draft {
    Draft::new(actor, Verb::ApprovalRequested, Object::new("approval", approval.id))
        .in_run(approval.run)
        .with(json!({
            "kind": approval.kind,
            "item": approval.item,
            "action_digest": approval.action_digest,
            "policy": approval.policy,
            "expires_at": domain::audit::instant(approval.expires_at),
        }))
}

/// Items can have been cancelled or rescued between the claim and now.
async fn still_ours(
    session: &mut Session,
    workspace: WorkspaceId,
    claimed: &[Claim],
) -> Result<Vec<Item>, ServiceError> {
    let attempts: HashMap<ItemId, i64> =
        claimed.iter().map(|claim| (claim.item, claim.attempt)).collect();
    let ids: Vec<ItemId> = claimed.iter().map(|claim| claim.item).collect();
    let mut items = session.items_by_ids(workspace, &ids).await?;
    items.retain(|item| {
        item.state == ItemState::Leased && attempts.get(&item.id) == Some(&item.attempt)
    });
    items.sort_by_key(|item| (item.run, item.position));
    Ok(items)
}

fn fail(changes: &mut Changes, mut item: Item, failure: Failure) -> Result<(), ServiceError> {
    changes.step(&mut item, ItemMove::Fail)?;
    let payload = json!({"cause": failure});
    changes.enter_item(Principal::System, Verb::ItemFailed, &item, Some(payload));
    changes.raise(Raised::item_failed(&item, &failure));
    item.failure = Some(failure);
    changes.keep(item);
    Ok(())
}

/// The item waited too long to be sent once more without anybody being asked.
fn key_window_over() -> Failure {
    Failure::unknown(
        "key-window-over",
        "Before this try began, the time was over in which the receiver recognises the key; whether \
         an earlier try acted is not known.",
    )
}

/// Binds the item to what it is going to do.
pub(super) fn bind(item: &mut Item, parameters: Value) {
    let digest = canonical::digest(&canonical::bytes(&parameters));
    let key = effect_key(item.workspace, item.run, item.id, &item.actioner, &digest);
    item.effect_key = Some(key);
    item.input_digest = Some(digest);
    item.parameters = Some(parameters);
}

/// Names exactly this action.
pub(super) fn digest(item: &Item, parameters: &Value) -> String {
    let input = canonical::digest(&canonical::bytes(parameters));
    action_digest(&item.actioner, &input)
}

fn started<'p>(
    item: &Item,
    cost: Option<ItemCost>,
    judged_under: impl Iterator<Item = &'p Arc<CompiledPolicy>>,
) -> Value {
    let policies: Vec<&Pin> = judged_under.map(|policy| policy.pin.as_ref()).collect();
    json!({
        "attempt": item.attempt,
        "round": item.round,
        "actioner": item.actioner,
        "input_digest": item.input_digest,
        "effect_key": item.effect_key,
        "reserved": cost.map(|cost| cost.reserved),
        "policies": (!policies.is_empty()).then_some(policies),
    })
}

fn call(item: &Item, subject: Record, now: Timestamp) -> Call {
    Call {
        workspace: item.workspace,
        run: item.run,
        item: item.id,
        subject,
        parameters: item.parameters.clone().unwrap_or(Value::Null),
        effect_key: item.effect_key.clone().unwrap_or_default(),
        approved: item.approved,
        now,
    }
}
