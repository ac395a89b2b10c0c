//! Reported runs: what is stored is a function of the set of statements, whatever order they come in.

use std::collections::BTreeMap;

use domain::{
    metrics::Metrics,
    money::Usd,
    problem::Failure,
    reported::{Fact, Outcome, State, Statement, StepStatus, Usage},
    run::RunStatus,
    trigger::TriggerKind,
};
use proptest::{collection::vec, option, prelude::*, sample::select};

use crate::build::{at, run};

fn told(seq: i64, fact: Fact) -> Statement {
    Statement { seq, at: at(seq), phase: None, fact, detail: None }
}

fn step(seq: i64, status: StepStatus, began: Option<i64>) -> Statement {
    let failure = (status == StepStatus::Failed).then(|| Failure::unknown("broke", "no luck"));
    let name = format!("step-{seq}");
    told(seq, Fact::Step { name, status, began, duration_ms: None, failure })
}

fn usage(model: &str, tokens: Option<i64>, cost: Option<i64>) -> Fact {
    Fact::Usage(Usage {
        model: Some(model.to_owned()),
        input_tokens: tokens,
        output_tokens: Some(1),
        cost: cost.and_then(Usd::of_nanos),
        price_table: cost.map(|_| "list".to_owned()),
        ..Usage::default()
    })
}

fn any_fact() -> impl Strategy<Value = Fact> {
    let name = || select(vec!["plan", "act", "load"]).prop_map(str::to_owned);
    let status = || select(StepStatus::ALL);
    prop_oneof![
        (option::of(name()), option::of(1..100i64))
            .prop_map(|(parent, heartbeat_seconds)| Fact::Start { parent, heartbeat_seconds }),
        (name(), status(), option::of(0..30i64)).prop_map(|(name, status, began)| Fact::Step {
            name,
            status,
            began,
            duration_ms: None,
            failure: None
        }),
        (name(), status(), option::of(1..4i64), option::of(0..9i64)).prop_map(
            |(name, status, tries, bytes)| Fact::Invocation {
                name,
                status,
                duration_ms: None,
                tries,
                bytes,
                failure: None
            }
        ),
        name().prop_map(|name| Fact::Write { name }),
        name().prop_map(|name| Fact::Phase { name }),
        (name(), option::of(0..50i64), option::of(0..50i64))
            .prop_map(|(model, tokens, cost)| usage(&model, tokens, cost)),
        (name(), 0..9i64)
            .prop_map(|(name, more)| Fact::Count { counters: BTreeMap::from([(name, more)]) }),
        name().prop_map(|text| Fact::Note { text }),
        Just(Fact::Heartbeat),
        (select(Outcome::ALL), option::of(name())).prop_map(|(outcome, summary)| Fact::Finish {
            outcome,
            summary,
            failure: None
        }),
    ]
}

/// Statements with numbers of their own, in order.
fn any_statements() -> impl Strategy<Value = Vec<Statement>> {
    vec((any_fact(), 0..60i64, option::of(select(vec!["plan", "act"]))), 1..16).prop_map(|facts| {
        let numbered = facts.into_iter().enumerate();
        let statement =
            |(seq, (fact, seconds, phase)): (usize, (Fact, i64, Option<&str>))| Statement {
                seq: seq as i64,
                at: at(seconds),
                phase: phase.map(str::to_owned),
                fact,
                detail: None,
            };
        numbered.map(statement).collect()
    })
}

fn state_of<'a>(statements: impl IntoIterator<Item = &'a Statement>) -> State {
    let mut state = State::default();
    for said in statements {
        state.take(said).unwrap();
    }
    state
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn reordered_duplicated_and_late_statements_end_in_the_same_state(
        (statements, shuffled) in any_statements().prop_flat_map(|statements| {
            // Each comes once, and some of them once more.
            let again = statements.iter().step_by(2).cloned();
            let twice: Vec<_> = statements.iter().cloned().chain(again).collect();
            (Just(statements), Just(twice).prop_shuffle())
        })
    ) {
        let (one, other) = (state_of(&statements), state_of(&shuffled));
        prop_assert_eq!(&one, &other);
        let stored: State = serde_json::from_str(&serde_json::to_string(&one).unwrap()).unwrap();
        prop_assert_eq!(&stored, &one);
        let (mut head, mut again) = (run(), run());
        one.show(&mut head);
        other.show(&mut again);
        prop_assert_eq!(head, again);
    }

}

proptest! {
    #[test]
    fn a_statement_reads_back_as_it_was_stored(statements in any_statements()) {
        for said in statements {
            let text = serde_json::to_string(&said).unwrap();
            prop_assert_eq!(serde_json::from_str::<Statement>(&text).unwrap(), said);
        }
    }
}

#[test]
fn steps_in_flight_are_those_that_began_and_have_not_ended() {
    let began = |seq| step(seq, StepStatus::Started, None);
    let late = [step(4, StepStatus::Succeeded, Some(1)), began(2), began(1)];
    let state = state_of(&late);
    assert_eq!(state.open.values().collect::<Vec<_>>(), ["step-2"]);
    assert_eq!(state.steps.total(), 1);
}

#[test]
fn the_step_that_blew_up_last_is_the_one_that_is_named() {
    let state = state_of(&[
        step(9, StepStatus::Failed, None),
        step(3, StepStatus::Failed, None),
        told(10, Fact::Finish { outcome: Outcome::Failed, summary: None, failure: None }),
    ]);
    assert_eq!(state.error_summary().unwrap(), "step step-9 failed: no luck");
    let mut head = run();
    state.show(&mut head);
    assert_eq!(head.status, RunStatus::Failed);
    assert_eq!(head.failure.unwrap().message, "step step-9 failed: no luck");
}

#[test]
fn what_is_not_known_is_null_and_never_zero() {
    let known =
        state_of(&[told(1, usage("a", Some(10), Some(4))), told(2, usage("a", Some(5), Some(1)))]);
    let metrics = Metrics::of_reported(run().id, &known);
    let total = metrics.llm_usage.unwrap().total;
    assert_eq!((total.input_tokens, total.estimated_cost_usd), (Some(15), Usd::of_nanos(5)));
    let partly =
        state_of(&[told(1, usage("a", Some(10), Some(4))), told(2, usage("b", None, None))]);
    let metrics = Metrics::of_reported(run().id, &partly);
    let usage = metrics.llm_usage.unwrap();
    assert_eq!((usage.total.input_tokens, usage.total.estimated_cost_usd), (None, None));
    assert_eq!(usage.by_phase[0].estimated_cost_usd, Usd::of_nanos(4));
    let nothing = Metrics::of_reported(run().id, &state_of(&[told(1, Fact::Heartbeat)]));
    assert_eq!(nothing.llm_usage, None);
    assert_eq!(nothing.metrics.resource_breakdown, domain::metrics::Resources::default());
}

#[test]
fn a_phase_lasts_until_the_next_and_the_last_one_until_the_end() {
    let phase = |seq, name: &str| told(seq, Fact::Phase { name: name.to_owned() });
    let going = state_of(&[phase(4, "act"), phase(1, "plan")]);
    let lengths = |state: &State| {
        let timings = Metrics::of_reported(run().id, state).metrics.phase_timings;
        timings.into_iter().map(|timing| (timing.phase, timing.duration_ms)).collect::<Vec<_>>()
    };
    assert_eq!(lengths(&going), [("plan".to_owned(), Some(3_000)), ("act".to_owned(), None)]);
    let finish = Fact::Finish { outcome: Outcome::Success, summary: None, failure: None };
    let ended = state_of(&[phase(4, "act"), phase(1, "plan"), told(9, finish)]);
    assert_eq!(lengths(&ended)[1].1, Some(5_000));
}

#[test]
fn nothing_about_a_reported_run_can_be_changed_from_here() {
    let mut reported = run();
    reported.trigger_kind = TriggerKind::Reported;
    state_of(&[step(1, StepStatus::Failed, None)]).show(&mut reported);
    let request = domain::run::CancelRequest { at: at(1), by: None, reason: "wrong".to_owned() };
    assert!(reported.cancel(request).unwrap_err().to_string().contains("reported run"));
    assert!(!reported.may_retry() && !reported.is_held());
}

#[test]
fn the_sample_of_the_contract_is_what_the_code_writes() {
    let sample = include_str!("../../../docs/metrics.sample.json");
    let read: Metrics = serde_json::from_str(sample).unwrap();
    let written = serde_json::to_value(&read).unwrap();
    assert_eq!(written, serde_json::from_str::<serde_json::Value>(sample).unwrap());
}
