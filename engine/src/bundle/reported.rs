//! What reported runs told: metrics and the log of steps, a line each.

use domain::{id::RunId, metrics::Metrics, reported::Statement};
use serde::Serialize;

use super::{Maker, fault::Fault};

/// A reported run, under the id that it has in `runs.jsonl`.
#[derive(Serialize)]
struct Line {
    id: RunId,
    external_id: String,
    metrics: Metrics,
    steps: Vec<Statement>,
    /// Steps that were told and not kept.
    dropped: i64,
}

impl Maker {
    /// `reported.jsonl`.
    pub(super) async fn reported(&mut self) -> Result<(), Fault> {
        self.sink.start("reported.jsonl").await?;
        let scope = self.scope.clone();
        let mut walk = scope.runs();
        while let Some(page) = walk.next(self.store()).await? {
            for run in page.iter().filter(|run| run.is_reported()) {
                if let Some(line) = self.told(run.id).await? {
                    self.sink.line(&line)?;
                }
            }
            self.page(page.len()).await?;
        }
        Ok(())
    }

    async fn told(&self, run: RunId) -> Result<Option<Line>, Fault> {
        let mut session = self.store().read().await?;
        let Some(head) = session.reported_run(self.scope.workspace, run).await? else {
            return Ok(None);
        };
        let steps = session.reported_steps(run, None, head.kept).await?;
        let dropped = (head.state.logged - head.kept).max(0);
        let metrics = Metrics::of_reported(run, &head.state);
        Ok(Some(Line { id: run, external_id: head.external_id, metrics, steps, dropped }))
    }
}
