//! Which entries of the audit log, as flags: the names are those of the page's address.

use domain::audit::AuditFilter;
use engine::services::ServiceError;

use crate::cli::asked::Query;

#[derive(Debug, clap::Args)]
pub struct FilterArguments {
    /// Only entries with this verb
    #[arg(long)]
    verb: Option<String>,
    /// Only entries about this kind of object, such as run or member
    #[arg(long)]
    kind: Option<String>,
    /// Only entries about the object with this id
    #[arg(long)]
    object: Option<String>,
    /// Only entries about the items that are about this record or brought it about
    #[arg(long)]
    record: Option<String>,
    /// Only entries about what this member did
    #[arg(long)]
    actor: Option<String>,
    /// Only entries of this run
    #[arg(long)]
    run: Option<String>,
    /// First day, in UTC
    #[arg(long)]
    from: Option<String>,
    /// Last day, in UTC, included
    #[arg(long)]
    to: Option<String>,
}

impl FilterArguments {
    /// The same, as a query.
    pub fn query(&self) -> Result<Query, ServiceError> {
        let filter = self.read()?;
        let pairs = filter.pairs();
        Ok(pairs
            .into_iter()
            .fold(Query::default(), |query, (name, value)| query.with(name, [value])))
    }

    fn read(&self) -> Result<AuditFilter, ServiceError> {
        let Self { verb, kind, object, record, actor, run, from, to } = self;
        let pairs = [
            ("verb", verb),
            ("kind", kind),
            ("object", object),
            ("record", record),
            ("actor", actor),
            ("run", run),
            ("from", from),
            ("to", to),
        ];
        let given = pairs.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?)));
        AuditFilter::parse(given, &[])
            .map_err(|error| ServiceError::invalid(&error.name, error.message))
    }
}
