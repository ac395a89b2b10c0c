//! Runs that take place elsewhere, on the pages: what they told, and never as something that was done.

use chrono::Duration;
use domain::{
    member::Role,
    problem::Failure,
    reported::{Fact, Statement, StepStatus, Usage},
};
use engine::services::NewReport;

use super::house::{House, RUNS, lacks, path, shows};

fn said(house: &House, seq: i64, fact: Fact) -> Statement {
    Statement { seq, at: house.clock.now(), phase: Some("act".to_owned()), fact, detail: None }
}

#[tokio::test]
async fn a_reported_run_is_marked_and_says_which_step_blew_up() {
    let house = House::new().await;
    let failure = Some(Failure::unknown("broke", "<b>no disk</b>"));
    let (name, status) = ("load <orders>".to_owned(), StepStatus::Failed);
    let step = Fact::Step { name, status, began: None, duration_ms: Some(5), failure };
    let tokens = Usage {
        model: Some("gpt-4o".to_owned()),
        input_tokens: Some(1_200),
        output_tokens: Some(300),
        ..Usage::default()
    };
    let start = Fact::Start { parent: None, heartbeat_seconds: Some(60) };
    let facts = [start, step, Fact::Usage(tokens), Fact::Phase { name: "act".to_owned() }];
    let numbered = facts.into_iter().zip(0..);
    let statements = numbered.map(|(fact, seq)| said(&house, seq, fact)).collect();
    let report = NewReport {
        external_id: "job-1".to_owned(),
        automation: "nightly".to_owned(),
        name: Some("Nightly load".to_owned()),
        statements,
    };
    let run = house.services.report_run(house.host, report).await.unwrap().run.id;
    let mut operator = house.browser(Role::Operator).await;
    let list = operator.get(&format!("{RUNS}?kind=reported")).await;
    shows(&list, &["Nightly load", "Reported", "1 step told, 1 failed", &path(run)]);
    lacks(&operator.get(&format!("{RUNS}?kind=executed")).await, &["Nightly load</span>"]);
    let page = operator.get(&path(run)).await;
    shows(
        &page,
        &[
            "Assize did not execute it",
            "The step “load &lt;orders&gt;” failed",
            "&lt;b&gt;no disk",
            "job-1",
            "Log of steps",
            "$0.006",
        ],
    );
    lacks(&page, &["Cancel…", "Retry…", "<b>no disk"]);
    house.clock.advance(Duration::seconds(90));
    house.settle().await;
    shows(&operator.get(&path(run)).await, &["Nothing is heard of it any more", "Interrupted"]);
}
