//! Taking statements in: one transaction for a batch, under the lock of the run.

use chrono::TimeDelta;
use domain::{
    Timestamp,
    audit::{Draft, Object, Verb},
    budget::Spending,
    canonical,
    id::{IncidentId, ReportId, WorkspaceId},
    incident::{Incident, Raised},
    price::Prices,
    report::RunReport,
    reported::{Fact, State, Statement, Usage, UsageLine},
    run::{Run, RunStatus},
};
use serde_json::json;

use super::{NONE, NewReport, Reported, open::Opening};
use crate::{
    changes::{ended, raised, written},
    ids::Ids,
    services::{Caller, ServiceError, Services},
    store::{ReportedRun, StoreError, Tx},
};

/// What taking a batch in changes, gathered before anything is written.
struct Batch {
    before: Run,
    after: Run,
    head: ReportedRun,
    /// The usage of models before.
    used: Vec<UsageLine>,
    fresh: Vec<Statement>,
    drafts: Vec<Draft>,
    incidents: Vec<Incident>,
    reports: Vec<RunReport>,
}

impl Services {
    pub(super) async fn take_report(
        &self,
        caller: Caller,
        report: NewReport,
    ) -> Result<Reported, ServiceError> {
        let (ids, now) = (self.ids.clone(), self.clock.now());
        self.write(move |tx| Box::pin(async move { take(tx, caller, &ids, now, report).await }))
            .await
    }
}

async fn take(
    tx: &mut Tx,
    caller: Caller,
    ids: &Ids,
    now: Timestamp,
    report: NewReport,
) -> Result<Reported, ServiceError> {
    let workspace = caller.workspace;
    let mut drafts = Vec::new();
    let opening = Opening { caller, ids, now };
    let automation = opening.automation(tx, &report, &mut drafts).await?;
    let known = tx.run_by_external_id(workspace, &report.external_id).await?;
    let (id, created) = match known {
        Some(id) => (id, false),
        None => opening.run(tx, &automation, &report, &mut drafts).await?,
    };
    let before = tx.lock_run(workspace, id).await?.ok_or(NONE)?;
    // Read after the lock was got: somebody else may have added to it while it was waited for.
    let head = tx.reported_run(workspace, id).await?.ok_or(NONE)?;
    if before.automation != automation.id {
        let message = "a run of another automation was reported with this id";
        return Err(ServiceError::conflict("external-id-taken", message));
    }
    let said = report.statements.len() as i64;
    let fresh = priced(tx, workspace, report.statements).await?;
    let mut batch = Batch::new(before, head, drafts);
    batch.add(fresh)?;
    batch.refuse_if_pruned()?;
    batch.heard(caller, ids, now);
    let taken = batch.fresh.len() as i64;
    let run = batch.write(tx, ids, now).await?;
    let switches = tx.pressed_switches(workspace).await?;
    Ok(Reported {
        stop: switches.iter().any(|switch| switch.stops(automation.id)),
        run,
        external_id: report.external_id,
        created,
        taken,
        duplicates: said - taken,
    })
}

/// The statements with what their usage of models cost, where somebody knows.
async fn priced(
    tx: &mut Tx,
    workspace: WorkspaceId,
    mut statements: Vec<Statement>,
) -> Result<Vec<Statement>, StoreError> {
    if !statements.iter().any(|said| matches!(said.fact, Fact::Usage(_))) {
        return Ok(statements);
    }
    let prices = Prices::new(&tx.own_prices(workspace).await?);
    for said in &mut statements {
        let at = said.at;
        if let Fact::Usage(usage) = &mut said.fact {
            price(usage, &prices, at);
        }
    }
    Ok(statements)
}

fn price(usage: &mut Usage, prices: &Prices, at: Timestamp) {
    if usage.cost.is_some() {
        usage.price_table = Some("reported".to_owned());
        return;
    }
    let price = usage.model.as_deref().and_then(|model| prices.at(model, at));
    let tokens = usage.input_tokens.zip(usage.output_tokens);
    let priced = price.zip(tokens).and_then(|(price, (input, output))| {
        Some((price.cost(input, output)?, price.table.clone()))
    });
    (usage.cost, usage.price_table) = priced.unzip();
}

impl Batch {
    fn new(before: Run, head: ReportedRun, drafts: Vec<Draft>) -> Self {
        let (after, fresh) = (before.clone(), Vec::new());
        let (used, incidents, reports) = (head.state.usage.clone(), Vec::new(), Vec::new());
        Self { before, after, head, used, fresh, drafts, incidents, reports }
    }

    fn state(&self) -> &State {
        &self.head.state
    }

    /// Adds statements to the state, and those that are new to what is to be written.
    fn add(&mut self, statements: Vec<Statement>) -> Result<(), ServiceError> {
        for said in statements {
            let taken = self.head.state.take(&said);
            let new = taken
                .map_err(|error| ServiceError::conflict("too-much-reported", error.to_string()))?;
            if new {
                self.fresh.push(said);
            }
        }
        self.head.state.show(&mut self.after);
        Ok(())
    }

    /// A stub takes in nothing new; what is known is told again and again without harm.
    fn refuse_if_pruned(&self) -> Result<(), ServiceError> {
        match (&self.before.pruned, self.fresh.is_empty()) {
            (Some(pruned), false) => {
                let message =
                    format!("the detail of the run was {pruned}; it takes in nothing new");
                Err(ServiceError::conflict("run-pruned", message))
            }
            _ => Ok(()),
        }
    }

    /// Everything that follows from something having come.
    fn heard(&mut self, caller: Caller, ids: &Ids, now: Timestamp) {
        let object = Object::new("run", self.after.id);
        let entry = |verb| Draft::new(caller.principal, verb, object.clone()).in_run(self.after.id);
        if let Some(told) = &mut self.after.told
            && let Some(since) = self.before.told.and_then(|told| told.silent_since)
        {
            told.silent_since = None;
            let silent_ms = (now - since).num_milliseconds();
            self.drafts.push(entry(Verb::RunResumed).with(json!({"silent_ms": silent_ms})));
        }
        let evidence: Vec<_> = self.fresh.iter().filter(|said| said.is_evidence()).collect();
        if let Some(first) = evidence.iter().map(|said| said.seq).min() {
            let lines = serde_json::to_vec(&evidence).unwrap_or_default();
            self.drafts.push(entry(Verb::RunReported).with(json!({
                "first": first,
                "last": evidence.iter().map(|said| said.seq).max(),
                "statements": evidence.len(),
                "statements_digest": canonical::digest(&lines),
            })));
        }
        self.head.heard_at = now;
        let silence = self.state().heartbeat_seconds().map(TimeDelta::seconds);
        self.head.silent_after = silence.map(|silence| now + silence);
        if self.after.status != self.before.status && self.after.status.is_terminal() {
            self.end(ids, now);
        }
    }

    /// What belongs to an end: an incident where it failed, the report, the entries.
    fn end(&mut self, ids: &Ids, now: Timestamp) {
        let finish = self.state().finish.clone();
        let Some(finish) = finish else { return };
        if self.after.status == RunStatus::Failed
            && let Some(told) = Raised::told_failed(&self.after, finish.seq, self.state())
        {
            let id = IncidentId::new(ids.uuid(now));
            let incident = told.enter(id, self.after.workspace, now);
            self.after.tally.incidents += 1;
            self.drafts.push(raised(&incident));
            self.incidents.push(incident);
        }
        self.drafts.push(ended(&self.after));
        if self.after.tally.reports == 0 {
            let (id, cost) = (ReportId::new(ids.uuid(now)), self.after.cost.map(Spending::total));
            if let Some(report) = RunReport::new(id, &self.after, cost, now) {
                let report = report.told(None, finish.is.summary);
                self.after.tally.reports = report.revision;
                self.drafts.push(written(&report));
                self.reports.push(report);
            }
        }
    }

    async fn write(mut self, tx: &mut Tx, ids: &Ids, now: Timestamp) -> Result<Run, StoreError> {
        let steps: Vec<_> = self.fresh.iter().filter(|said| said.is_logged()).collect();
        tx.insert_reported_steps(self.after.id, &steps).await?;
        self.head.kept += steps.len() as i64;
        if self.head.kept > domain::reported::KEPT_FIRST + domain::reported::KEPT_LAST {
            self.head.kept -= tx.trim_reported_steps(self.after.id).await?;
        }
        tx.update_reported_run(&self.head).await?;
        if self.before != self.after {
            tx.update_run(&self.before, &self.after).await?;
        }
        let used = (&self.before, &self.used[..]);
        tx.add_usage(used, (&self.after, &self.head.state.usage)).await?;
        tx.insert_incidents(&self.incidents).await?;
        tx.insert_reports(&self.reports).await?;
        tx.append_audit(self.after.workspace, ids, now, &self.drafts).await?;
        Ok(self.after)
    }
}
