//! Reported runs: taking in what their reporters state, and reading it.

mod check;
mod open;
mod revise;
mod silence;
mod take;

use domain::{
    id::RunId,
    metrics::Metrics,
    permission::Permission,
    reported::{Outcome, Statement},
    run::Run,
};

pub use self::check::LARGEST_BATCH;
use super::{Caller, ServiceError, Services};
use crate::store::{ReportedRun, Session, StoreError};

/// Statements about one run.
#[derive(Debug, Clone, PartialEq)]
pub struct NewReport {
    /// The run, as its reporter calls it.
    pub external_id: String,
    /// The key of the automation it is a run of; made known if it is not.
    pub automation: String,
    /// How the automation is called when it is made known; its key, unless stated.
    pub name: Option<String>,
    pub statements: Vec<Statement>,
}

/// What taking statements in came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Reported {
    pub run: Run,
    pub external_id: String,
    /// The run was not known before.
    pub created: bool,
    /// Statements that were new.
    pub taken: i64,
    /// Statements that had come before; they changed nothing.
    pub duplicates: i64,
    /// A kill switch is pressed: whoever carries the run out should stop.
    pub stop: bool,
}

/// What is known of a reported run beyond its head.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportedDetail {
    pub head: ReportedRun,
    /// The run it is a part of, where that was reported here, too.
    pub parent: Option<RunId>,
    /// Statements of the log of steps that are no longer kept.
    pub dropped: i64,
}

/// A page of the log of steps.
#[derive(Debug, Clone, PartialEq)]
pub struct StepLog {
    pub steps: Vec<Statement>,
    /// The number to go on after, if there are more.
    pub next: Option<i64>,
    /// Steps between the first and the last that are no longer kept.
    pub dropped: i64,
}

const NONE: ServiceError = ServiceError::NotFound("run");

impl Services {
    /// Takes in statements about a run that takes place elsewhere, all of them or none. What came before
    /// changes nothing; the order makes no difference.
    ///
    /// # Errors
    /// `Invalid` naming the statement; the conflicts `executed-here` where the automation is one that
    /// Assize carries out, `external-id-taken` where the run is of another automation, and
    /// `too-much-reported` where it would need more room than a run has.
    pub async fn report_run(
        &self,
        caller: Caller,
        report: NewReport,
    ) -> Result<Reported, ServiceError> {
        self.require(caller, Permission::ReportRuns).await?;
        let report = check::checked(report)?;
        // Two reporters may make the same run known at once; whoever comes second finds it.
        match self.take_report(caller, report.clone()).await {
            Err(ServiceError::Store(StoreError::Conflict(_))) => {
                self.take_report(caller, report).await
            }
            taken => taken,
        }
    }

    /// Writes the next revision of the report of a reported run that has finished. Where nothing changed
    /// since the last one and nothing else is said, that one is given.
    ///
    /// # Errors
    /// The conflicts `not-reported` for a run that Assize carried out, and `not-finished`.
    pub async fn revise_report(
        &self,
        caller: Caller,
        run: RunId,
        outcome: Option<Outcome>,
        summary: Option<String>,
    ) -> Result<domain::report::RunReport, ServiceError> {
        self.require(caller, Permission::ReportRuns).await?;
        self.write_revision(caller, run, outcome, check::summary(summary)?).await
    }

    /// The metrics of a run, in the one contract for executed and reported runs.
    pub async fn run_metrics(&self, caller: Caller, id: RunId) -> Result<Metrics, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        let run = session.run(caller.workspace, id).await?.ok_or(NONE)?;
        let head = match run.is_reported() {
            true => session.reported_run(caller.workspace, id).await?,
            false => None,
        };
        Ok(match head {
            Some(head) => Metrics::of_reported(id, &head.state),
            None => Metrics::of_executed(&run),
        })
    }

    /// A page of the log of steps of a run, by number; empty for one that is executed.
    pub async fn run_steps(
        &self,
        caller: Caller,
        run: RunId,
        after: Option<i64>,
        size: i64,
    ) -> Result<StepLog, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        session.run(caller.workspace, run).await?.ok_or(NONE)?;
        let head = session.reported_run(caller.workspace, run).await?;
        let dropped = head.map_or(0, |head| (head.state.logged - head.kept).max(0));
        let mut steps = session.reported_steps(run, after, size + 1).await?;
        let more = steps.len() as i64 > size;
        steps.truncate(usize::try_from(size).unwrap_or(0));
        let next = steps.last().filter(|_| more).map(|step| step.seq);
        Ok(StepLog { steps, next, dropped })
    }
}

/// What is known of a reported run beyond its head.
pub(super) async fn reported_detail(
    session: &mut Session,
    run: &Run,
) -> Result<Option<ReportedDetail>, ServiceError> {
    let Some(head) = session.reported_run(run.workspace, run.id).await? else { return Ok(None) };
    let parent = head.state.start.as_ref().and_then(|start| start.is.parent.clone());
    let known = match parent {
        Some(parent) => session.run_by_external_id(run.workspace, &parent).await?,
        None => None,
    };
    // Whoever asks may not see the parent.
    let parent = match known {
        Some(id) => session.run(run.workspace, id).await?.map(|run| run.id),
        None => None,
    };
    let dropped = (head.state.logged - head.kept).max(0);
    Ok(Some(ReportedDetail { head, parent, dropped }))
}
