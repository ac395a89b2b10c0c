//! Further revisions of the report of a reported run: what came late is in them.

use domain::{
    budget::Spending,
    id::{ReportId, RunId},
    report::RunReport,
    reported::Outcome,
};

use super::NONE;
use crate::{
    changes::written,
    services::{Caller, ServiceError, Services},
};

impl Services {
    pub(super) async fn write_revision(
        &self,
        caller: Caller,
        id: RunId,
        outcome: Option<Outcome>,
        summary: Option<String>,
    ) -> Result<RunReport, ServiceError> {
        let (ids, now) = (self.ids.clone(), self.clock.now());
        let workspace = caller.workspace;
        self.write(move |tx| {
            Box::pin(async move {
                let before = tx.lock_run(workspace, id).await?.ok_or(NONE)?;
                refuse_unless_ended(&before)?;
                let last = tx.reports_of_run(workspace, id).await?.pop();
                let mut after = before.clone();
                // Each round has one report.
                after.round = before.tally.reports;
                let (fresh, cost) = (ReportId::new(ids.uuid(now)), after.cost.map(Spending::total));
                let report = RunReport::new(fresh, &after, cost, now).ok_or(NONE)?;
                let summary =
                    summary.or_else(|| last.as_ref().and_then(|last| last.summary.clone()));
                let outcome = outcome.map(Into::into).or(last.as_ref().map(|last| last.outcome));
                let report = report.told(outcome, summary);
                if let Some(last) = last.filter(|last| says_the_same(last, &report)) {
                    return Ok(last);
                }
                after.tally.reports = report.revision;
                tx.update_run(&before, &after).await?;
                tx.insert_reports(std::slice::from_ref(&report)).await?;
                let mut draft = written(&report);
                draft.actor = caller.principal;
                tx.append_audit(workspace, &ids, now, &[draft]).await?;
                Ok(report)
            })
        })
        .await
    }
}

fn refuse_unless_ended(run: &domain::run::Run) -> Result<(), ServiceError> {
    if !run.is_reported() {
        let message = "Assize carried this run out and writes its report itself";
        return Err(ServiceError::conflict("not-reported", message));
    }
    if !run.status.is_terminal() {
        let message = "the run has not finished; its report is written when it does";
        return Err(ServiceError::conflict("not-finished", message));
    }
    Ok(())
}

/// Whether a revision would say nothing new.
fn says_the_same(last: &RunReport, next: &RunReport) -> bool {
    let next = RunReport {
        id: last.id,
        revision: last.revision,
        round: last.round,
        created_at: last.created_at,
        ..next.clone()
    };
    *last == next
}
