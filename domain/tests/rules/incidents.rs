//! Incidents: a catalogue without a gap, and causes that agree with what a retry plan says.

use std::{collections::HashSet, fs, path::Path};

use domain::{
    effect::ActionerClass,
    id::{IncidentId, WorkspaceId},
    incident::{Cause, IncidentFilter, IncidentType, Phase, Policy, Raised, Severity},
    item::ItemState,
    problem::{Failure, FailureKind},
    retry::{PlanVerdict, RetryPlan},
    run::{Run, RunStatus},
};
use proptest::prelude::*;

use crate::build::{EVERY_CLASS, KEYED, at, failed, in_state, run, run_of, uuid};

#[test]
fn every_cause_has_an_entry_in_whole_sentences() {
    let mut titles = HashSet::new();
    for &cause in Cause::ALL {
        let entry = cause.entry();
        assert!(titles.insert(entry.title), "{cause}: '{}' is the title of another", entry.title);
        assert!(!entry.title.ends_with('.'), "{cause}: a title has no full stop");
        for text in [entry.happened, entry.means, entry.next, entry.reviewer] {
            assert!(text.len() > 10 && text.ends_with('.'), "{cause}: '{text}'");
            assert!(!text.contains("  "), "{cause}: '{text}'");
        }
    }
}

#[test]
fn the_paper_about_incidents_is_the_catalogue() {
    let paper = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/incidents.md");
    let paper = fs::read_to_string(paper).unwrap();
    let (_, found) = paper.split_once("\n## Causes\n\n").unwrap();
    assert_eq!(found, causes_on_paper());
    let (words, _) = paper.split_once("\n## Causes\n").unwrap();
    let types = IncidentType::ALL.iter().map(|word| word.as_str());
    let phases = Phase::ALL.iter().map(|word| word.as_str());
    let policies = Policy::ALL.iter().map(|word| word.as_str());
    for word in types.chain(phases).chain(policies) {
        assert!(words.contains(&format!("`{word}`")), "{word}");
    }
    assert!(Severity::ALL.iter().all(|word| words.contains(&format!("**{word}**"))));
}

/// What `docs/incidents.md` says below its heading "Causes".
fn causes_on_paper() -> String {
    let mut text =
        "| cause | type | severity | phase | recovery |\n|---|---|---|---|---|\n".to_owned();
    for &cause in Cause::ALL {
        let entry = cause.entry();
        text += &format!(
            "| [`{cause}`](#{cause}) | `{}` | {} | {} | {} |\n",
            entry.kind, entry.severity, entry.phase, entry.policy
        );
    }
    for &cause in Cause::ALL {
        let entry = cause.entry();
        text += &format!(
            "\n### {cause}\n\n**{}.** {}\n\n- What it means: {}\n- What to do next: {}\n\
             - For a reviewer: {}\n",
            entry.title, entry.happened, entry.means, entry.next, entry.reviewer
        );
    }
    text
}

#[test]
fn an_unknown_code_gives_the_general_cause_of_its_kind() {
    let cause = |kind| Cause::of(&Failure::new("never-heard-of", "It failed.", kind), None);
    assert_eq!(cause(FailureKind::Transient), Cause::TransientFailure);
    assert_eq!(cause(FailureKind::Deterministic), Cause::DeterministicFailure);
    assert_eq!(cause(FailureKind::Unknown), Cause::UnknownFailure);
    assert!(!Cause::knows("never-heard-of") && !Cause::knows("http-9") && Cause::knows("http-503"));
}

#[test]
fn a_lost_reply_is_harmless_only_where_a_key_is_honoured() {
    for code in ["net-reply-lost", "net-reply-timeout", "call-timeout"] {
        let failure = Failure::unknown(code, "It was lost.");
        let policy = |class| Cause::of(&failure, Some(class)).entry().policy;
        assert_eq!(policy(KEYED), Policy::RetryIsSafe, "{code}");
        assert_eq!(policy(ActionerClass::UnkeyedRemote), Policy::ConfirmFirst, "{code}");
    }
}

/// Codes of failures of items, with the kind each has.
const CODES: [(&str, FailureKind); 12] = [
    ("http-503", FailureKind::Transient),
    ("http-422", FailureKind::Deterministic),
    ("http-500", FailureKind::Unknown),
    ("call-timeout", FailureKind::Unknown),
    ("net-reply-lost", FailureKind::Unknown),
    ("net-cannot-connect", FailureKind::Transient),
    ("net-connect-timeout", FailureKind::Transient),
    ("net-destination-not-listed", FailureKind::Deterministic),
    ("lease-too-short", FailureKind::Transient),
    ("record-not-found", FailureKind::Deterministic),
    ("parameters-do-not-resolve", FailureKind::Deterministic),
    ("something-else", FailureKind::Unknown),
];

#[test]
fn no_policy_promises_more_than_the_retry_plan() {
    for class in EVERY_CLASS {
        for (code, kind) in CODES {
            let mut item = failed(0, class, kind);
            item.failure = Some(Failure::new(code, "It failed.", kind));
            item.first_sent_at = Some(at(0));
            let run = Run { status: RunStatus::CompletedWithFailures, ..run_of(&[item.clone()]) };
            let plan = RetryPlan::new(&run, &[item.clone()], false, at(1));
            let raised = Raised::item_failed(&item, item.failure.as_ref().unwrap());
            let policy = raised.cause.entry().policy;
            match plan.items[0].verdict {
                PlanVerdict::Safe => {
                    assert_ne!(policy, Policy::FixTheDefinition, "{class:?} {code}");
                }
                PlanVerdict::Pointless => {
                    assert_eq!(policy, Policy::FixTheDefinition, "{class:?} {code}");
                }
                PlanVerdict::Confirm | PlanVerdict::NotEligible => {
                    assert_ne!(policy, Policy::RetryIsSafe, "{class:?} {code}");
                    assert_ne!(policy, Policy::AutomaticRetry, "{class:?} {code}");
                }
            }
        }
    }
}

#[test]
fn each_end_has_a_name_of_its_own() {
    let failure = Failure::unknown("call-timeout", "No answer.");
    let mut item = in_state(0, ItemState::Started);
    let mut names = HashSet::new();
    for attempt in 1..4 {
        item.attempt = attempt;
        assert!(names.insert(Raised::item_failed(&item, &failure).occurrence));
    }
    let mut run = run();
    assert!(names.insert(Raised::run_failed(&run, &failure).occurrence));
    run.round += 1;
    assert!(names.insert(Raised::run_failed(&run, &failure).occurrence));
    let workspace = WorkspaceId::new(uuid(1));
    for second in 0..2 {
        assert!(names.insert(Raised::log_refused(workspace, &failure, at(second)).occurrence));
    }
}

#[test]
fn the_layers_are_those_of_the_catalogue_and_the_facts_those_of_the_failure() {
    let mut item = failed(4, KEYED, FailureKind::Transient);
    item.tries = 3;
    let failure = Failure::transient("http-503", "The receiver answered with status 503.");
    let raised = Raised::item_failed(&item, &failure);
    let incident = raised.enter(IncidentId::new(uuid(9)), item.workspace, at(5));
    let entry = Cause::ReceiverUnavailable.entry();
    assert_eq!((incident.kind, incident.severity), (entry.kind, entry.severity));
    assert_eq!((incident.phase, incident.policy), (entry.phase, entry.policy));
    assert_eq!(incident.presentation, entry.presentation());
    assert_eq!(incident.facts.http_status, Some(503));
    assert_eq!((incident.facts.step, incident.facts.tries), (Some(5), Some(3)));
    assert_eq!(incident.facts.message, failure.message);
    let json = serde_json::to_value(&incident).unwrap();
    assert_eq!(serde_json::from_value::<domain::incident::Incident>(json).unwrap(), incident);
}

#[test]
fn the_words_of_incidents_read_back() {
    for word in IncidentType::ALL {
        assert_eq!(word.as_str().parse(), Ok(*word));
    }
    let pairs = [
        ("severity", "high"),
        ("severity", "critical"),
        ("type", "tool_timeout"),
        ("cause", "reply-timeout"),
        ("phase", "external"),
        ("standing", "open"),
        ("definition", "kyc"),
        ("from", "2026-07-01"),
        ("to", "2026-09-30"),
    ];
    let filter = IncidentFilter::parse(pairs, &[]).unwrap();
    let written = filter.pairs();
    let again = written.iter().map(|(name, value)| (*name, value.as_str()));
    assert_eq!(IncidentFilter::parse(again, &[]).unwrap(), filter);
    assert!(filter.narrows() && !IncidentFilter::default().narrows());
    for (name, value) in
        [("severity", "bad"), ("colour", "red"), ("run", "x"), ("standing", "x"), ("from", "soon")]
    {
        assert_eq!(IncidentFilter::parse([(name, value)], &[]).unwrap_err().name, name);
    }
}

proptest! {
    #[test]
    fn whatever_fails_leads_to_a_cause(code: String, kind in 0..3_usize) {
        let failure = Failure::new(&code, "x", FailureKind::ALL[kind]);
        for class in EVERY_CLASS {
            let entry = Cause::of(&failure, Some(class)).entry();
            prop_assert!(!entry.title.is_empty());
        }
    }
}
