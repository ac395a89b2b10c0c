//! Which incidents: the filter of their page as flags.

use chrono::NaiveDate;
use domain::{
    id::{ItemId, RunId},
    incident::{Cause, IncidentFilter, IncidentType, Phase, Severity, Standing},
};

#[derive(Debug, clap::Args)]
pub struct FilterArguments {
    /// Only incidents of this severity; may be given several times
    #[arg(long)]
    severity: Vec<Severity>,
    /// Only incidents of this type; may be given several times
    #[arg(long = "type")]
    types: Vec<IncidentType>,
    /// Only incidents with this cause; may be given several times
    #[arg(long)]
    cause: Vec<Cause>,
    /// Only incidents of this phase; may be given several times
    #[arg(long)]
    phase: Vec<Phase>,
    /// Only incidents of this definition; may be given several times
    #[arg(long)]
    definition: Vec<String>,
    /// Only incidents of this run
    #[arg(long)]
    run: Option<RunId>,
    /// Only incidents of this item
    #[arg(long)]
    item: Option<ItemId>,
    /// Only open or only settled ones
    #[arg(long)]
    standing: Option<Standing>,
    /// First day, in UTC
    #[arg(long)]
    from: Option<NaiveDate>,
    /// Last day, in UTC, included
    #[arg(long)]
    to: Option<NaiveDate>,
}

impl From<FilterArguments> for IncidentFilter {
    fn from(arguments: FilterArguments) -> Self {
        Self {
            severities: arguments.severity,
            types: arguments.types,
            causes: arguments.cause,
            phases: arguments.phase,
            definitions: arguments.definition,
            run: arguments.run,
            item: arguments.item,
            standing: arguments.standing,
            from: arguments.from,
            to: arguments.to,
        }
    }
}
