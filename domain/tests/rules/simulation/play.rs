//! One run and its items, moved the way the engine moves them.

use std::collections::BTreeSet;

use domain::{
    Timestamp,
    automation::RetryPolicy,
    counts::Counts,
    decide::{Circumstances, Outcome, after_answer},
    id::{ItemId, KillSwitchId},
    item::{Item, ItemMove, ItemState},
    kill::Killed,
    lease::{Rescue, rescue},
    problem::{Failure, FailureKind},
    retry::{PlanVerdict, RetryPlan},
    run::{CancelRequest, Run, RunStatus},
};

use uuid::Uuid;

use super::op::{Reply, What};
use crate::build::{EVERY_CLASS, failure, item};

/// A run, what it was before the present step, and its items.
pub struct Play {
    pub before: Run,
    pub run: Run,
    pub items: Vec<Item>,
}

impl Play {
    /// Everything that must hold after every step.
    pub fn check(&self) {
        let (run, counts) = (&self.run, self.run.counts);
        assert_eq!(counts, Counts::recount(&self.items), "stored counts and a recount differ");
        let outcomes: i64 = counts.outcomes().iter().map(|(_, count)| count).sum();
        assert_eq!(counts.subjects_matched, counts.open + outcomes);
        assert!(counts.actions_invoked <= counts.subjects_matched);
        assert_eq!(run.status.is_terminal(), run.completed_at.is_some());
        assert_eq!(run.status == RunStatus::Pending, run.started_at.is_none());
        if run.status.is_terminal() {
            assert!(run.matched && counts.settled(), "an ended run has open items: {run:?}");
        }
        assert!(!run.is_held() || run.may_retry(), "a held run that nobody can retry");
    }

    pub fn play(&mut self, what: &What, now: Timestamp, facts: &mut BTreeSet<&'static str>) {
        match what {
            What::Wait(_) => {}
            What::Start => drop(self.run.start(now)),
            What::Match(subjects) => self.add_items(*subjects, now),
            What::FinishMatching => self.run.matched |= self.run.status == RunStatus::Running,
            What::LeaseAll => self.lease_all(now),
            What::Release(item) => self.step(*item, ItemMove::Release),
            What::Deny(item) => self.judge(*item, ItemMove::Fail, "denied", facts),
            What::HoldBack(item) => self.judge(*item, ItemMove::AwaitApproval, "held-back", facts),
            What::Begin { all } => {
                let places = (0..self.items.len()).step_by(if *all { 1 } else { 2 });
                places.for_each(|item| self.begin(item, now));
            }
            What::Reply(Some(item), reply) => self.reply(*item, *reply, now, facts),
            What::Reply(None, reply) => {
                (0..self.items.len()).for_each(|item| self.reply(item, *reply, now, facts));
            }
            What::Work(reply) => {
                for what in [What::FinishMatching, What::LeaseAll, What::Begin { all: true }] {
                    self.play(&what, now, facts);
                }
                if let Some(reply) = *reply {
                    self.play(&What::Reply(None, reply), now, facts);
                }
            }
            What::Rescue(item) => self.rescue(*item, now),
            What::Decide(item, true) => self.approve(*item),
            What::Decide(item, false) => {
                if self.item(*item).is_some_and(|item| item.state == ItemState::AwaitingApproval) {
                    self.step(*item, ItemMove::Skip);
                }
            }
            What::Retry { needs_approval, acknowledge } => {
                self.retry(*needs_approval, *acknowledge, now, facts);
            }
            What::Cancel => self.cancel(now),
            What::Kill => self.kill(now),
            What::Fail => self.fail(now, facts),
            What::Close => drop(self.run.close(now)),
        }
    }

    fn item(&mut self, index: usize) -> Option<&mut Item> {
        let place = index.checked_rem(self.items.len())?;
        self.items.get_mut(place)
    }

    fn add_items(&mut self, subjects: usize, now: Timestamp) {
        let full = self.items.len() + subjects > 6;
        if self.run.status != RunStatus::Running || self.run.matched || full {
            return;
        }
        for _ in 0..subjects {
            let position = self.items.len();
            let class = EVERY_CLASS[position % 3];
            self.items.push(Item { class, not_before: now, ..item(position) });
        }
        self.run.counts += Counts::matched(subjects as i64);
    }

    fn step(&mut self, index: usize, step: ItemMove) {
        if let Some(item) = self.item(index) {
            let id = item.id;
            self.step_item(id, step);
        }
    }

    /// Moves an item if it may be moved; the counts change by the difference alone.
    fn step_item(&mut self, id: ItemId, step: ItemMove) {
        let Some(item) = self.items.iter_mut().find(|item| item.id == id) else { return };
        if let Ok(to) = item.state.after(step) {
            self.run.counts += Counts::moved(item.state, to);
            item.state = to;
        }
    }

    fn lease_all(&mut self, now: Timestamp) {
        if self.run.status != RunStatus::Running || self.run.is_stopping() {
            return;
        }
        let due = |item: &&mut Item| item.state == ItemState::Queued && item.not_before <= now;
        for item in self.items.iter_mut().filter(due) {
            item.state = ItemState::Leased;
            item.attempt += 1;
        }
    }

    /// A policy stops an item that has not begun: when it was found, or just before acting.
    fn judge(
        &mut self,
        index: usize,
        step: ItemMove,
        fact: &'static str,
        facts: &mut BTreeSet<&'static str>,
    ) {
        let stopping = self.run.is_stopping();
        let waiting = |item: &&mut Item| {
            !stopping && matches!(item.state, ItemState::Queued | ItemState::Leased)
        };
        let Some(item) = self.item(index).filter(waiting) else { return };
        if step == ItemMove::Fail {
            item.failure = Some(failure(FailureKind::Deterministic));
        }
        facts.insert(fact);
        self.step(index, step);
    }

    fn begin(&mut self, index: usize, now: Timestamp) {
        let Some(item) = self.item(index).filter(|item| item.state == ItemState::Leased) else {
            return;
        };
        item.tries += 1;
        item.first_sent_at.get_or_insert(now);
        if !item.invoked {
            item.invoked = true;
            self.run.counts += Counts::invoked();
        }
        self.step(index, ItemMove::Start);
    }

    fn reply(
        &mut self,
        index: usize,
        reply: Reply,
        now: Timestamp,
        facts: &mut BTreeSet<&'static str>,
    ) {
        let stopping = self.run.stopping();
        let Some(item) = self.item(index).filter(|item| item.state == ItemState::Started) else {
            return;
        };
        let given = Circumstances {
            policy: RetryPolicy::default(),
            tries: item.tries,
            approved: item.approved,
            stopping,
            class: item.class,
            first_sent_at: item.first_sent_at,
            now,
            jitter: 0.5,
        };
        let outcome = after_answer(&reply.answer(), &given);
        if stopping.is_some() && matches!(reply, Reply::Asks) {
            facts.insert("asked-while-stopping");
        }
        match &outcome {
            Outcome::TryAgain { failure, not_before } => {
                assert!(item.class.repeatable(failure.kind, item.first_sent_at, *not_before));
                facts.insert("tried-again");
                item.not_before = *not_before;
            }
            Outcome::Failed(failure) => item.failure = Some(failure.clone()),
            _ => {}
        }
        self.step(index, outcome.step());
    }

    fn rescue(&mut self, index: usize, now: Timestamp) {
        let stopping = self.run.is_stopping();
        let Some(item) = self.item(index) else { return };
        if !matches!(item.state, ItemState::Leased | ItemState::Started) {
            return;
        }
        let decision = match rescue(item.state, item.class, item.first_sent_at, now) {
            Rescue::Requeue if stopping => Rescue::GiveUp(failure(FailureKind::Unknown)),
            decision => decision,
        };
        if let Rescue::GiveUp(failure) = &decision {
            item.failure = Some(failure.clone());
        }
        self.step(index, decision.step());
    }

    fn approve(&mut self, index: usize) {
        if let Some(item) = self.item(index).filter(|i| i.state == ItemState::AwaitingApproval) {
            item.approved = true;
            self.step(index, ItemMove::Approve);
        }
    }

    fn retry(
        &mut self,
        needs_approval: bool,
        acknowledge: bool,
        now: Timestamp,
        facts: &mut BTreeSet<&'static str>,
    ) {
        let plan = RetryPlan::new(&self.run, &self.items, needs_approval, now);
        assert_eq!(plan.count(PlanVerdict::NotEligible), 0);
        assert_eq!(plan.items.len() as i64 + plan.not_eligible, self.run.counts.subjects_matched);
        assert!(plan.items.is_empty() || self.run.may_retry(), "a plan for a run that may not");
        let everything: Vec<ItemId> = self.items.iter().map(|item| item.id).collect();
        let acknowledged = if acknowledge { everything.as_slice() } else { &[] };
        let chosen: Vec<ItemId> = plan.chosen(acknowledged).map(|item| item.item).collect();
        let had_ended = self.run.status.is_terminal();
        if chosen.is_empty() || self.run.reopen().is_err() {
            return;
        }
        if had_ended {
            facts.insert("reopened");
        }
        facts.insert(if self.run.round > 1 { "retried-twice" } else { "retried" });
        if needs_approval {
            facts.insert("retried-with-approval");
        }
        let step = if needs_approval { ItemMove::RetryWithApproval } else { ItemMove::Retry };
        for id in chosen {
            self.step_item(id, step);
            if let Some(item) = self.items.iter_mut().find(|item| item.id == id) {
                assert_ne!(item.state, ItemState::Failed, "the plan chose what cannot be retried");
                (item.round, item.tries, item.approved) = (self.run.round, 0, false);
                (item.failure, item.not_before) = (None, now);
            }
        }
    }

    /// What has not started never will.
    fn skip_waiting(&mut self) {
        let waiting = |item: &&Item| item.state != ItemState::Started && !item.state.is_final();
        let ids: Vec<ItemId> = self.items.iter().filter(waiting).map(|item| item.id).collect();
        ids.into_iter().for_each(|id| self.step_item(id, ItemMove::Skip));
    }

    fn cancel(&mut self, now: Timestamp) {
        let request = CancelRequest { at: now, by: None, reason: String::new() };
        if self.run.cancel(request).is_ok() {
            self.skip_waiting();
        }
    }

    fn kill(&mut self, now: Timestamp) {
        if self.run.kill(Killed { at: now, switch: KillSwitchId::new(Uuid::nil()) }).is_ok() {
            self.skip_waiting();
        }
    }

    fn fail(&mut self, now: Timestamp, facts: &mut BTreeSet<&'static str>) {
        if self.run.status.is_terminal() {
            return;
        }
        self.skip_waiting();
        let _ = self.run.fail(Failure::deterministic("no-module", "It is gone."), now);
        if !self.run.status.is_terminal() {
            facts.insert("failed-with-items-in-flight");
        }
    }
}
