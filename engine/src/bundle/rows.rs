//! The rows of a bundle: runs, items, attempts and approvals as JSON lines, in the order of the runs.

use domain::{approval::Approval, run::Run};
use serde::Serialize;
use serde_json::{Value, json};

use super::{Maker, fault::Fault, scope};
use crate::store::StoreError;

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
        loop {
            let page = walk.page(self.store()).await?;
            if page.is_empty() {
                return Ok(());
            }
            for run in &page {
                let automation_key = scope.key(run.automation);
                self.sink.line(&RunLine { run, automation_key })?;
            }
            self.page(page.len()).await?;
        }
    }

    /// `items.jsonl`.
    pub(super) async fn items(&mut self) -> Result<(), Fault> {
        self.sink.start("items.jsonl").await?;
        let scope = self.scope.clone();
        let mut walk = scope.runs();
        loop {
            let runs = walk.page(self.store()).await?;
            if runs.is_empty() {
                return Ok(());
            }
            for batch in scope::stretches(&runs) {
                let mut session = self.store().read().await?;
                let items = session.items_in(scope.workspace, &batch).await?;
                drop(session);
                for item in &items {
                    self.sink.line(item)?;
                }
                self.page(items.len()).await?;
            }
        }
    }

    /// `attempts.jsonl`.
    pub(super) async fn attempts(&mut self) -> Result<(), Fault> {
        self.sink.start("attempts.jsonl").await?;
        let scope = self.scope.clone();
        let mut walk = scope.runs();
        loop {
            let runs = walk.page(self.store()).await?;
            if runs.is_empty() {
                return Ok(());
            }
            for batch in scope::stretches(&runs) {
                let mut session = self.store().read().await?;
                let attempts = session.attempts_in(scope.workspace, &batch).await?;
                drop(session);
                for attempt in &attempts {
                    self.sink.line(attempt)?;
                }
                self.page(scope::items_of(&batch)).await?;
            }
        }
    }

    /// `approvals.jsonl`, each with the decisions on it.
    pub(super) async fn approvals(&mut self) -> Result<(), Fault> {
        self.sink.start("approvals.jsonl").await?;
        let scope = self.scope.clone();
        let mut walk = scope.runs();
        loop {
            let runs = walk.page(self.store()).await?;
            if runs.is_empty() {
                return Ok(());
            }
            for batch in scope::stretches(&runs) {
                let mut session = self.store().read().await?;
                let approvals = session.approvals_in(scope.workspace, &batch).await?;
                let ids: Vec<_> = approvals.iter().map(|approval| approval.id).collect();
                let mut decisions = session.decisions_of(scope.workspace, &ids).await?;
                drop(session);
                for approval in &approvals {
                    let decisions = decisions.remove(&approval.id).unwrap_or_default();
                    self.sink.line(&approval_line(approval, &json!(decisions))?)?;
                }
                self.page(scope::items_of(&batch)).await?;
            }
        }
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
