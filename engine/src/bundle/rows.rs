//! The rows of a bundle: runs, items, attempts, approvals, incidents and reports as JSON lines, in the
//! order of the runs.

use std::collections::HashMap;

use domain::{
    approval::Approval,
    incident::{Cause, IncidentFilter},
    page::Seek,
    run::Run,
};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Maker,
    fault::Fault,
    scope::{self, ROWS},
};
use crate::store::{StoreError, Stretch};

/// A run with the key of its automation.
#[derive(Serialize)]
struct RunLine<'a> {
    #[serde(flatten)]
    run: &'a Run,
    automation_key: &'a str,
}

impl Maker {
    /// `runs.jsonl`.
    pub(super) async fn runs(&mut self) -> Result<(), Fault> {
        self.sink.start("runs.jsonl").await?;
        let scope = self.scope.clone();
        let mut walk = scope.runs();
        while let Some(page) = walk.next(self.store()).await? {
            for run in &page {
                let automation_key = scope.key(run.automation);
                self.sink.line(&RunLine { run, automation_key })?;
            }
            self.page(page.len()).await?;
        }
        Ok(())
    }

    /// `reports.jsonl`: every revision, run by run.
    pub(super) async fn reports(&mut self) -> Result<(), Fault> {
        self.sink.start("reports.jsonl").await?;
        let scope = self.scope.clone();
        let mut walk = scope.runs();
        while let Some(page) = walk.next(self.store()).await? {
            let ids: Vec<_> = page.iter().map(|run| run.id).collect();
            let mut session = self.store().read().await?;
            let mut reports = session.reports_of_runs(scope.workspace, &ids).await?;
            drop(session);
            let places: HashMap<_, _> = ids.iter().enumerate().map(|(at, run)| (run, at)).collect();
            reports.sort_by_key(|report| (places.get(&report.run), report.revision));
            for report in &reports {
                self.sink.line(report)?;
            }
            self.page(page.len()).await?;
        }
        Ok(())
    }

    /// `incidents.jsonl`: those of the log in the period, then run by run, the latest first.
    pub(super) async fn incidents(&mut self) -> Result<(), Fault> {
        self.sink.start("incidents.jsonl").await?;
        let scope = self.scope.clone();
        if scope.chosen.is_empty() {
            let period = scope.period;
            self.incidents_of(IncidentFilter {
                causes: vec![Cause::LogNotAsSigned],
                from: Some(period.from),
                to: Some(period.last_day()),
                ..IncidentFilter::default()
            })
            .await?;
        }
        let mut walk = scope.runs();
        while let Some(page) = walk.next(self.store()).await? {
            for run in page.iter().filter(|run| run.tally.incidents > 0) {
                self.incidents_of(IncidentFilter::of_run(run.id)).await?;
            }
            self.page(page.len()).await?;
        }
        Ok(())
    }

    async fn incidents_of(&mut self, filter: IncidentFilter) -> Result<(), Fault> {
        let workspace = self.scope.workspace;
        let mut next = Some(Seek::First);
        while let Some(seek) = next {
            let mut session = self.store().read().await?;
            let page = session.incident_page(workspace, &filter, &[], seek, ROWS).await?;
            drop(session);
            for incident in &page.rows {
                self.sink.line(incident)?;
            }
            self.page(0).await?;
            next = page.next;
        }
        Ok(())
    }

    /// `items.jsonl`.
    pub(super) async fn items(&mut self) -> Result<(), Fault> {
        self.sink.start("items.jsonl").await?;
        let scope = self.scope.clone();
        let mut walk = scope.items();
        while let Some(batch) = walk.next(self.store()).await? {
            let mut session = self.store().read().await?;
            let items = session.items_in(scope.workspace, &batch).await?;
            drop(session);
            self.lines(&items, &batch).await?;
        }
        Ok(())
    }

    /// `attempts.jsonl`.
    pub(super) async fn attempts(&mut self) -> Result<(), Fault> {
        self.sink.start("attempts.jsonl").await?;
        let scope = self.scope.clone();
        let mut walk = scope.items();
        while let Some(batch) = walk.next(self.store()).await? {
            let mut session = self.store().read().await?;
            let attempts = session.attempts_in(scope.workspace, &batch).await?;
            drop(session);
            self.lines(&attempts, &batch).await?;
        }
        Ok(())
    }

    /// `approvals.jsonl`, each with the decisions on it.
    pub(super) async fn approvals(&mut self) -> Result<(), Fault> {
        self.sink.start("approvals.jsonl").await?;
        let scope = self.scope.clone();
        let mut walk = scope.items();
        while let Some(batch) = walk.next(self.store()).await? {
            let mut session = self.store().read().await?;
            let approvals = session.approvals_in(scope.workspace, &batch).await?;
            let ids: Vec<_> = approvals.iter().map(|approval| approval.id).collect();
            let mut decisions = session.decisions_of(scope.workspace, &ids).await?;
            drop(session);
            let lines = approvals.iter().map(|approval| {
                let decisions = decisions.remove(&approval.id).unwrap_or_default();
                approval_line(approval, &json!(decisions))
            });
            self.lines(&lines.collect::<Result<Vec<_>, _>>()?, &batch).await?;
        }
        Ok(())
    }

    /// The lines that belong to the items of a batch.
    async fn lines(&mut self, lines: &[impl Serialize], batch: &[Stretch]) -> Result<(), Fault> {
        for line in lines {
            self.sink.line(line)?;
        }
        self.page(scope::items_of(batch)).await
    }
}

/// Approvers are named by their e-mail addresses, which stay here.
fn approval_line(approval: &Approval, decisions: &Value) -> Result<Value, StoreError> {
    let mut line = serde_json::to_value(approval).map_err(|error| StoreError::Inconsistent {
        table: "approval",
        column: "rule",
        message: error.to_string(),
    })?;
    if let Some(rule) = line["rule"].as_object_mut() {
        rule.remove("members");
        rule.insert("named_members".to_owned(), json!(approval.rule.members.len()));
    }
    line["decisions"] = decisions.clone();
    Ok(line)
}
