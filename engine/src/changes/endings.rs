//! What is written about an end together with it: incidents where it was abnormal, a report where a
//! round ended.

use domain::{
    attempt::AttemptEnd,
    audit::{Draft, Object, Verb},
    budget::Spending,
    id::{IncidentId, ReportId},
    incident::{Incident, Raised},
    member::Principal,
    report::{RunReport, Tally},
};
use serde_json::json;

use super::{Changes, Locked};
use crate::ids::Ids;

impl Changes {
    /// Remembers an abnormal end.
    pub(crate) fn raise(&mut self, raised: Raised) {
        self.raised.push(raised);
    }

    /// Makes the incidents of the abnormal ends, and enters them.
    pub(super) fn incidents(&mut self, ids: &Ids) -> Vec<Incident> {
        let raised = std::mem::take(&mut self.raised);
        raised.into_iter().map(|raised| self.incident(raised, ids)).collect()
    }

    fn incident(&mut self, mut raised: Raised, ids: &Ids) -> Incident {
        if let Some(run) = raised.run.and_then(|run| self.run_mut(run)) {
            run.tally.incidents += 1;
            raised.automation = Some(run.automation);
        }
        let incident = raised.enter(IncidentId::new(ids.uuid(self.now)), self.workspace, self.now);
        self.drafts.push(self::raised(&incident));
        incident
    }

    /// Adds what happened to what the runs tell in their reports.
    pub(super) fn add_up(&mut self) {
        // An answer that came too late belongs to an attempt that was counted when it was given up.
        let called = self.attempts.iter().filter(|attempt| attempt.end != AttemptEnd::Late);
        let called: Vec<_> = called.map(|attempt| attempt.run).collect();
        let wrote = self.effects.iter().filter(|effect| effect.record.is_some());
        let wrote: Vec<_> =
            wrote.filter_map(|effect| Some(self.items.get(&effect.item)?.after.run)).collect();
        for run in called {
            self.tally(run, Tally { tool_invocations: 1, ..Tally::default() });
        }
        for run in wrote {
            self.tally(run, Tally { memory_writes: 1, ..Tally::default() });
        }
    }

    fn tally(&mut self, run: domain::id::RunId, more: Tally) {
        if let Some(run) = self.run_mut(run) {
            run.tally += more;
        }
    }

    /// Makes the reports of the runs that end here, and enters them.
    pub(super) fn reports(&mut self, ids: &Ids) -> Vec<RunReport> {
        let now = self.now;
        let mut reports = Vec::new();
        for Locked { before, after } in self.runs.values_mut() {
            if before.status.is_terminal() || !after.status.is_terminal() {
                continue;
            }
            let (id, cost) = (ReportId::new(ids.uuid(now)), after.cost.map(Spending::total));
            if let Some(report) = RunReport::new(id, after, cost, now) {
                after.tally.reports = report.revision;
                self.drafts.push(written(&report));
                reports.push(report);
            }
        }
        reports
    }
}

/// The entry that says what went wrong.
pub(crate) fn raised(incident: &Incident) -> Draft {
    let object = Object::new("incident", incident.id);
    let draft = Draft::new(Principal::System, Verb::IncidentRaised, object).with(json!({
        "item": incident.item,
        "type": incident.kind,
        "severity": incident.severity,
        "cause": incident.cause,
        "phase": incident.phase,
        "policy": incident.policy,
        // What a bundle holds of it is compared with this.
        "digests": {format!("incidents/{}", incident.id): incident.digest()},
    }));
    match incident.run {
        Some(run) => draft.in_run(run),
        None => draft,
    }
}

/// The entry that says what a run amounted to.
pub(crate) fn written(report: &RunReport) -> Draft {
    let object = Object::new("report", report.id);
    Draft::new(Principal::System, Verb::ReportCreated, object).in_run(report.run).with(json!({
        "revision": report.revision,
        "round": report.round,
        "outcome": report.outcome,
        "digests": {format!("reports/{}", report.id): report.digest()},
    }))
}
