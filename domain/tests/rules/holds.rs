//! What a hold keeps.

use domain::{
    Timestamp,
    hold::{Hold, HoldScope},
    id::{AutomationId, HoldId, RunId, WorkspaceId},
    period::Period,
    run::Run,
};
use uuid::Uuid;

use crate::build::run;

fn hold(scope: HoldScope) -> Hold {
    Hold {
        id: HoldId::new(Uuid::nil()),
        workspace: WorkspaceId::new(Uuid::nil()),
        scope,
        reason: "a dispute".to_owned(),
        placed_by: None,
        placed_at: Timestamp::UNIX_EPOCH,
        released_by: None,
        released_at: None,
        release_reason: None,
    }
}

fn days(first: &str, last: &str) -> HoldScope {
    HoldScope::Period(Period::of_days(first.parse().unwrap(), last.parse().unwrap()).unwrap())
}

#[test]
fn a_hold_keeps_what_it_is_about_until_it_is_released() {
    let other = Uuid::from_u128(999);
    let at = |text: &str| Some(text.parse::<Timestamp>().unwrap());
    let run = Run {
        started_at: at("2026-07-01T23:00:00Z"),
        completed_at: at("2026-07-03T01:00:00Z"),
        ..run()
    };
    for (scope, keeps) in [
        (HoldScope::Workspace, true),
        (HoldScope::Automation(run.automation), true),
        (HoldScope::Automation(AutomationId::new(other)), false),
        (HoldScope::Run(run.id), true),
        (HoldScope::Run(RunId::new(other)), false),
        (days("2026-07-01", "2026-07-01"), true),
        (days("2026-07-02", "2026-07-02"), true),
        (days("2026-07-03", "2026-08-01"), true),
        (days("2026-06-01", "2026-06-30"), false),
        (days("2026-07-04", "2026-07-04"), false),
    ] {
        let standing = hold(scope);
        assert_eq!(standing.keeps(&run), keeps, "{scope:?}");
        let released = Hold { released_at: Some(Timestamp::UNIX_EPOCH), ..standing };
        assert!(!released.keeps(&run), "{scope:?}");
    }
}
