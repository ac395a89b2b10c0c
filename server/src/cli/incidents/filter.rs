//! Which incidents: the filter of their page as flags.

use chrono::NaiveDate;
use domain::{
    id::{ItemId, RunId},
    incident::{Cause, IncidentFilter, IncidentType, Severity},
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
    /// Only incidents of this definition; may be given several times
    #[arg(long)]
    definition: Vec<String>,
    /// Only incidents of this run
    #[arg(long)]
    run: Option<RunId>,
    /// Only incidents of this item
    #[arg(long)]
    item: Option<ItemId>,
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
            definitions: arguments.definition,
            run: arguments.run,
            item: arguments.item,
            from: arguments.from,
            to: arguments.to,
        }
    }
}
