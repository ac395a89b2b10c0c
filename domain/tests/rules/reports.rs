//! Run reports: one for each end, computed from the run alone.

use domain::{
    counts::Counts,
    id::ReportId,
    report::{ReportOutcome, RunReport, Tally},
    run::{Run, RunStatus},
};

use crate::build::{at, run, uuid};

fn report(run: &Run) -> Option<RunReport> {
    RunReport::new(ReportId::new(uuid(7)), run, None, at(90))
}

fn ended(status: RunStatus) -> Run {
    Run {
        status,
        started_at: Some(at(1)),
        completed_at: Some(at(61)),
        counts: Counts { subjects_matched: 3, succeeded: 2, failed: 1, ..Counts::default() },
        tally: Tally { tool_invocations: 5, memory_writes: 2, incidents: 1, reports: 0 },
        ..run()
    }
}

#[test]
fn only_a_run_that_has_ended_has_a_report() {
    for &status in RunStatus::ALL {
        assert_eq!(report(&ended(status)).is_some(), status.is_terminal(), "{status}");
    }
}

#[test]
fn the_outcome_follows_from_the_status() {
    let outcome = |status| report(&ended(status)).unwrap().outcome;
    assert_eq!(outcome(RunStatus::Completed), ReportOutcome::Success);
    assert_eq!(outcome(RunStatus::CompletedWithFailures), ReportOutcome::Partial);
    assert_eq!(outcome(RunStatus::Failed), ReportOutcome::Failed);
    assert_eq!(outcome(RunStatus::Cancelled), ReportOutcome::Cancelled);
}

#[test]
fn the_totals_are_those_of_the_run() {
    let report = report(&ended(RunStatus::CompletedWithFailures)).unwrap();
    assert_eq!((report.revision, report.round), (1, 0));
    assert_eq!(report.total_steps, 3);
    assert_eq!((report.total_tool_invocations, report.total_memory_writes), (5, 2));
    assert_eq!((report.duration_ms, report.total_cost_estimate), (60_000, None));
    assert_eq!(report.summary.as_deref(), Some("3 items: 2 succeeded, 1 failed."));
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["total_cost_estimate"], serde_json::Value::Null);
    assert_eq!(serde_json::from_value::<RunReport>(json).unwrap(), report);
}

#[test]
fn each_round_that_ends_is_the_next_revision() {
    let mut run = ended(RunStatus::CompletedWithFailures);
    run.tally.reports = 1;
    run.round = 2;
    let report = report(&run).unwrap();
    assert_eq!((report.revision, report.round), (2, 2), "round 1 was held and never ended");
}

#[test]
fn two_clocks_that_disagree_give_no_negative_duration() {
    let run = Run { completed_at: Some(at(0)), ..ended(RunStatus::Completed) };
    assert_eq!(report(&run).unwrap().duration_ms, 0);
}

#[test]
fn a_run_without_subjects_says_so() {
    let run = Run { counts: Counts::default(), ..ended(RunStatus::Completed) };
    assert_eq!(report(&run).unwrap().summary.as_deref(), Some("No subject matched."));
}
