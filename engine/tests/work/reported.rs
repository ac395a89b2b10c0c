//! Runs that take place elsewhere and are reported: taken in once, in any order, shown as what they are,
//! missed when they fall silent.

use std::collections::BTreeMap;

use chrono::Duration;
use domain::{
    concern::Concern,
    filter::RunFilter,
    id::RunId,
    incident::{Cause, IncidentFilter, IncidentType},
    page::Seek,
    problem::Failure,
    report::ReportOutcome,
    reported::{Fact, Outcome, RunKind, Statement, StepStatus, Usage},
    run::RunStatus,
};
use engine::{
    both_databases,
    services::{NewReport, Reported, ServiceError},
};

use crate::house::{House, start};

pub fn said(seq: i64, fact: Fact) -> Statement {
    let at = start() + Duration::seconds(seq);
    Statement { seq, at, phase: Some("act".to_owned()), fact, detail: None }
}

pub fn step(seq: i64, status: StepStatus) -> Statement {
    let failure = (status == StepStatus::Failed).then(|| Failure::unknown("broke", "no disk left"));
    let name = format!("step-{seq}");
    said(seq, Fact::Step { name, status, began: None, duration_ms: Some(5), failure })
}

pub fn invocation(seq: i64) -> Statement {
    let (name, status) = ("search".to_owned(), StepStatus::Succeeded);
    let (duration_ms, tries, bytes, failure) = (None, Some(2), None, None);
    said(seq, Fact::Invocation { name, status, duration_ms, tries, bytes, failure })
}

pub fn tokens(seq: i64, model: &str) -> Statement {
    said(
        seq,
        Fact::Usage(Usage {
            model: Some(model.to_owned()),
            input_tokens: Some(1_200),
            output_tokens: Some(300),
            ..Usage::default()
        }),
    )
}

pub fn begin(heartbeat_seconds: i64) -> Statement {
    said(0, Fact::Start { parent: None, heartbeat_seconds: Some(heartbeat_seconds) })
}

pub fn finish(seq: i64, outcome: Outcome) -> Statement {
    let summary = Some("All told.".to_owned());
    said(seq, Fact::Finish { outcome, summary, failure: None })
}

pub fn report(external_id: &str, statements: Vec<Statement>) -> NewReport {
    let automation = "nightly-agent".to_owned();
    NewReport { external_id: external_id.to_owned(), automation, name: None, statements }
}

impl House {
    pub async fn told(&self, external_id: &str, statements: Vec<Statement>) -> Reported {
        let report = report(external_id, statements);
        self.services.report_run(self.host, report).await.unwrap()
    }

    pub async fn refused(&self, report: NewReport) -> ServiceError {
        self.services.report_run(self.host, report).await.unwrap_err()
    }

    pub async fn causes(&self, run: RunId) -> Vec<Cause> {
        let filter = IncidentFilter::of_run(run);
        let found = self.services.incidents(self.host, &filter, Seek::First, 9).await.unwrap();
        found.page.rows.into_iter().map(|incident| incident.cause).collect()
    }
}

both_databases! {
    async fn a_reported_run_is_kept_once_with_its_numbers_and_its_report(db: TestStore) {
        let house = House::new(&db).await;
        let first = house.told("job-1", vec![begin(60), step(1, StepStatus::Succeeded)]).await;
        assert!(first.created && (first.taken, first.duplicates) == (2, 0));
        let write = |seq| said(seq, Fact::Write { name: "finding".to_owned() });
        let rest = vec![
            step(1, StepStatus::Succeeded),
            invocation(2),
            write(3),
            tokens(4, "gpt-4o"),
            said(5, Fact::Count { counters: BTreeMap::from([("candidates".to_owned(), 40)]) }),
            finish(9, Outcome::Success),
        ];
        let done = house.told("job-1", rest.clone()).await;
        assert_eq!((done.created, done.taken, done.duplicates), (false, 5, 1));
        let again = house.told("job-1", rest).await;
        assert_eq!((again.taken, again.duplicates), (0, 6));
        let run = house.run(first.run.id).await;
        assert_eq!((run.kind(), run.status), (RunKind::Reported, RunStatus::Completed));
        assert_eq!(run.told.unwrap().steps, 1);
        assert_eq!(run.cost.unwrap().spent.to_string(), "0.006");
        let reports = house.services.run_reports(house.host, run.id).await.unwrap();
        let [only] = &reports[..] else { panic!("{reports:?}") };
        assert_eq!((only.outcome, only.summary.as_deref()), (ReportOutcome::Success, Some("All told.")));
        let totals = (only.total_steps, only.total_tool_invocations, only.total_memory_writes);
        assert_eq!(totals, (1, 1, 1));
        assert_eq!(only.duration_ms, 9_000);
        assert_eq!(
            house.verbs(run.id).await,
            ["run.created", "run.reported", "run.reported", "run.completed", "report.created"]
        );
        let metrics = house.services.run_metrics(house.host, run.id).await.unwrap();
        assert_eq!(metrics.counters.named["candidates"], 40);
        assert_eq!(metrics.metrics.resource_breakdown.retries, Some(1));
    }

    async fn the_same_statements_in_any_order_and_batches_are_stored_alike(db: TestStore) {
        let house = House::new(&db).await;
        let statements = vec![
            begin(60), step(1, StepStatus::Failed), invocation(2), tokens(3, "gpt-4o"),
            tokens(4, "nobody-knows"), step(5, StepStatus::Succeeded), finish(6, Outcome::Partial),
        ];
        let mut stored = Vec::new();
        for turn in 0..statements.len() {
            let mut turned = statements.clone();
            turned.rotate_left(turn);
            let name = format!("turn-{turn}");
            for batch in turned.chunks(1 + turn % 3) {
                house.told(&name, batch.to_vec()).await;
                house.told(&name, batch[..1].to_vec()).await;
            }
            let run = house.told(&name, vec![statements[0].clone()]).await.run;
            let mut session = db.store.read().await.unwrap();
            let head = session.reported_run(run.workspace, run.id).await.unwrap().unwrap();
            let log = session.reported_steps(run.id, None, 99).await.unwrap();
            stored.push((head.state, head.kept, log, run.status, run.told, run.cost));
        }
        assert!(stored.iter().all(|one| *one == stored[0]), "{stored:#?}");
        // One model has no price, so the whole has none.
        assert_eq!(stored[0].5, None);
    }

    async fn a_run_that_falls_silent_is_interrupted_and_goes_on_when_it_speaks(db: TestStore) {
        let house = House::new(&db).await;
        let open = step(1, StepStatus::Started);
        let run = house.told("job-2", vec![begin(60), open]).await.run.id;
        house.clock.advance(Duration::seconds(61));
        house.settle().await;
        house.settle().await;
        assert_eq!(house.causes(run).await, [Cause::ReportedRunSilent]);
        let silent = house.run(run).await;
        assert_eq!((silent.status, Concern::of(&silent)), (RunStatus::Running, Some(Concern::Interrupted)));
        let filter = IncidentFilter::of_run(run);
        let found = house.services.incidents(house.host, &filter, Seek::First, 9).await.unwrap();
        let incident = &found.page.rows[0];
        assert_eq!(incident.kind, IncidentType::Interrupted);
        let facts = incident.facts.interruption.as_ref().unwrap();
        assert_eq!((facts.in_flight, facts.silent_ms), (1, Some(61_000)));
        assert_eq!(facts.last_durable_step, "step-1");
        house.told("job-2", vec![said(7, Fact::Heartbeat)]).await;
        assert_eq!(Concern::of(&house.run(run).await), None);
        assert!(house.verbs(run).await.contains(&"run.resumed"));
        house.told("job-2", vec![finish(8, Outcome::Success)]).await;
        house.clock.advance(Duration::seconds(600));
        house.settle().await;
        assert_eq!(house.causes(run).await.len(), 1);
    }

    async fn a_failed_run_says_which_step_blew_up(db: TestStore) {
        let house = House::new(&db).await;
        let statements = vec![step(1, StepStatus::Failed), finish(2, Outcome::Failed)];
        let run = house.told("job-3", statements).await.run;
        assert_eq!(run.failure.unwrap().message, "step step-1 failed: no disk left");
        assert_eq!(house.causes(run.id).await, [Cause::ReportedRunFailed]);
        let metrics = house.services.run_metrics(house.host, run.id).await.unwrap();
        assert_eq!(metrics.failed_step.unwrap().name, "step-1");
    }

    async fn what_comes_late_is_in_the_next_revision(db: TestStore) {
        let house = House::new(&db).await;
        let run = house.told("job-4", vec![finish(5, Outcome::Success)]).await.run.id;
        let (services, host) = (&house.services, house.host);
        let same = services.revise_report(host, run, None, None).await.unwrap();
        assert_eq!(same.revision, 1);
        house.told("job-4", vec![step(3, StepStatus::Succeeded)]).await;
        let next = services.revise_report(host, run, None, Some("And one late.".into())).await.unwrap();
        assert_eq!((next.revision, next.total_steps), (2, 1));
        assert_eq!(next.summary.as_deref(), Some("And one late."));
        let open = house.told("job-5", vec![step(1, StepStatus::Succeeded)]).await.run.id;
        let refused = services.revise_report(host, open, None, None).await.unwrap_err();
        assert_eq!(refused.code(), "not-finished");
    }

    async fn a_long_log_keeps_its_first_and_last_steps_and_how_many_were_between(db: TestStore) {
        let house = House::new(&db).await;
        let steps: Vec<_> = (0..2_100).rev().map(|n| step(n, StepStatus::Succeeded)).collect();
        for batch in steps.chunks(500) {
            house.told("job-6", batch.to_vec()).await;
        }
        let run = house.told("job-6", vec![step(0, StepStatus::Succeeded)]).await.run;
        assert_eq!(run.told.unwrap().steps, 2_100);
        let log = house.services.run_steps(house.host, run.id, Some(498), 2).await.unwrap();
        let numbers: Vec<_> = log.steps.iter().map(|said| said.seq).collect();
        assert_eq!((numbers, log.dropped), (vec![499, 600], 100));
    }

    async fn reported_and_executed_runs_are_told_apart(db: TestStore) {
        let house = House::new(&db).await;
        house.accounts(1).await;
        house.apply("key: look\nname: Look\ntrigger: { kind: governed-event, type: checked }\n\
            subjects: { from: register, kind: account }\n\
            action: { actioner: findings.create, with: { title: Look, severity: low } }\n").await;
        let executed = house.event("e-1", None).await;
        let told = house.told("job-7", vec![begin(60)]).await.run.id;
        for (kind, expected) in [(RunKind::Executed, executed[0]), (RunKind::Reported, told)] {
            let filter = RunFilter { kind: Some(kind), ..RunFilter::default() };
            let found = house.services.runs(house.host, &filter, Seek::First, 9).await.unwrap();
            let ids: Vec<_> = found.page.rows.iter().map(|run| run.id).collect();
            assert_eq!(ids, [expected]);
            let groups = house.services.run_groups(house.host, &filter).await.unwrap();
            assert_eq!(groups.len(), 1);
        }
        assert!(house.services.cancel(house.host, told, "stop").await.is_err());
        let here = NewReport { automation: "look".into(), ..report("job-8", vec![begin(60)]) };
        assert_eq!(house.refused(here).await.code(), "executed-here");
        let other = NewReport { automation: "other".into(), ..report("job-7", vec![begin(60)]) };
        assert_eq!(house.refused(other).await.code(), "external-id-taken");
        let metrics = house.services.run_metrics(house.host, executed[0]).await.unwrap();
        assert_eq!((metrics.kind, metrics.llm_usage), (RunKind::Executed, None));
    }

    async fn what_is_wrong_with_a_statement_is_named(db: TestStore) {
        let house = House::new(&db).await;
        let wrong = report("", vec![begin(0), said(-1, Fact::Write { name: " x".into() })]);
        let ServiceError::Invalid(faults) = house.refused(wrong).await else { panic!() };
        let fields: Vec<_> = faults.iter().map(|fault| fault.field.as_str()).collect();
        let expected = [
            "external_id", "statements.0.heartbeat_seconds", "statements.1.name", "statements.1.seq",
        ];
        assert_eq!(fields, expected);
    }

    async fn the_workspaces_own_price_comes_before_the_list(db: TestStore) {
        let house = House::new(&db).await;
        let (services, host) = (&house.services, house.host);
        let amounts = || ["1.00", "1.00"].map(|amount| amount.parse().unwrap());
        let day = start().date_naive();
        services.set_price(host, "gpt-4o", day, amounts()).await.unwrap();
        services.set_price(host, "house-model", day, amounts()).await.unwrap();
        let run = house.told("job-9", vec![tokens(1, "gpt-4o"), tokens(2, "house-model")]).await.run;
        assert_eq!(run.cost.unwrap().spent.to_string(), "0.003");
        services.remove_price(host, "gpt-4o", day).await.unwrap();
        let run = house.told("job-10", vec![tokens(1, "gpt-4o")]).await.run;
        assert_eq!(run.cost.unwrap().spent.to_string(), "0.006");
        let gone = services.remove_price(host, "gpt-4o", day).await.unwrap_err();
        assert_eq!(gone.code(), "not-found");
    }
}
