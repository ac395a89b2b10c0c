//! The filter of runs as flags.

use chrono::{Days, NaiveDate};
use domain::{
    filter::{Order, RunFilter, TimeBasis},
    reported::RunKind,
    run::RunStatus,
    trigger::TriggerKind,
};
use engine::clock::Clock;

/// Which runs, in which order.
#[derive(Debug, clap::Args)]
pub struct FilterArguments {
    /// Only runs of this definition; may be given several times
    #[arg(long)]
    definition: Vec<String>,
    /// Only runs with this status; may be given several times
    #[arg(long)]
    status: Vec<RunStatus>,
    /// Only runs with this kind of trigger; may be given several times
    #[arg(long)]
    trigger: Vec<TriggerKind>,
    /// Only runs that were executed here, or only those that were reported
    #[arg(long)]
    kind: Option<RunKind>,
    /// Only runs with an incident
    #[arg(long)]
    incident: bool,
    /// Only runs of the last days or weeks, such as 7d or 4w, today included
    #[arg(long, value_parser = crate::cli::asked::days, conflicts_with = "from")]
    since: Option<u64>,
    /// First day, in UTC
    #[arg(long)]
    from: Option<NaiveDate>,
    /// Last day, in UTC, included
    #[arg(long)]
    to: Option<NaiveDate>,
    /// Which time is meant by days and order: started or completed
    #[arg(long, default_value = "started")]
    by: TimeBasis,
    /// newest or oldest first
    #[arg(long, default_value = "newest")]
    order: Order,
}

impl From<FilterArguments> for RunFilter {
    fn from(arguments: FilterArguments) -> Self {
        Self {
            definitions: arguments.definition,
            statuses: arguments.status,
            triggers: arguments.trigger,
            kind: arguments.kind,
            incident: arguments.incident,
            by: arguments.by,
            from: arguments.from.or_else(|| arguments.since.map(first_of)),
            to: arguments.to,
            order: arguments.order,
        }
    }
}

/// The first of so many days, of which today is the last.
fn first_of(days: u64) -> NaiveDate {
    Clock::system().now().date_naive() - Days::new(days.saturating_sub(1))
}
