//! Sums beside the counts of runs: usage of models, causes. Written in the transaction of what they are sums of;
//! `store/health.rs` reads them.

use std::collections::BTreeMap;

use domain::{
    incident::{Cause, Incident},
    reported::UsageLine,
    rollup::{self, DayCell, SpanCell},
    run::Run,
};

use super::{Rows, StoreError, Tx};

/// Rows that say which automation and days they are of.
fn of_cells<'a, T>(rows: &'a [T], cell: impl Fn(&'a T) -> SpanCell) -> Rows<'a, T> {
    Rows::of(rows)
        .uuid("workspace_id", |row| cell(row).workspace.uuid())
        .uuid("automation_id", |row| cell(row).automation.uuid())
        .text("span", |row| cell(row).span.as_str())
        .day("day", |row| cell(row).day)
}

impl Tx {
    /// Adds what a reported run stated of its usage of models to the sums of its day: it may have stated a
    /// start on another day meanwhile.
    pub async fn add_usage(
        &mut self,
        before: (&Run, &[UsageLine]),
        after: (&Run, &[UsageLine]),
    ) -> Result<(), StoreError> {
        let changes = rollup::usage_changes(before, after);
        let rows = of_cells(&changes, |(of, _)| of.cell)
            .text("phase", |(of, _)| of.phase.as_str())
            .text("provider", |(of, _)| of.provider.as_str())
            .text("model", |(of, _)| of.model.as_str())
            .int("calls", |(_, usage)| usage.calls)
            .int("input_tokens", |(_, usage)| usage.input_tokens)
            .int("output_tokens", |(_, usage)| usage.output_tokens)
            .int("cost", |(_, usage)| usage.cost)
            .int("unpriced", |(_, usage)| usage.unpriced);
        let changed = self.change_rows(
            rows,
            "INSERT INTO usage_rollup (workspace_id, automation_id, span, day, phase, provider, model, \
             calls, input_tokens, output_tokens, cost, unpriced) \
             SELECT workspace_id, automation_id, span, day, phase, provider, model, calls, input_tokens, \
             output_tokens, cost, unpriced FROM j WHERE true \
             ON CONFLICT (workspace_id, span, day, automation_id, phase, provider, model) \
             DO UPDATE SET calls = usage_rollup.calls + excluded.calls, \
             input_tokens = usage_rollup.input_tokens + excluded.input_tokens, \
             output_tokens = usage_rollup.output_tokens + excluded.output_tokens, \
             cost = usage_rollup.cost + excluded.cost, \
             unpriced = usage_rollup.unpriced + excluded.unpriced",
        );
        changed.await.map(drop)
    }

    /// Counts incidents of automations by what they are put down to.
    pub(super) async fn add_causes(&mut self, incidents: &[Incident]) -> Result<(), StoreError> {
        let mut counted: BTreeMap<(SpanCell, Cause), i64> = BTreeMap::new();
        for incident in incidents {
            let Some(automation) = incident.automation else { continue };
            let day = incident.occurred_at.date_naive();
            for cell in SpanCell::of(DayCell { workspace: incident.workspace, automation, day }) {
                *counted.entry((cell, incident.cause)).or_default() += 1;
            }
        }
        let counted: Vec<_> = counted.into_iter().collect();
        let rows = of_cells(&counted, |((cell, _), _)| *cell)
            .text("cause", |((_, cause), _)| cause.as_str())
            .int("incidents", |(_, incidents)| *incidents);
        let changed = self.change_rows(
            rows,
            "INSERT INTO incident_rollup (workspace_id, automation_id, span, day, cause, incidents) \
             SELECT workspace_id, automation_id, span, day, cause, incidents FROM j WHERE true \
             ON CONFLICT (workspace_id, span, day, automation_id, cause) \
             DO UPDATE SET incidents = incident_rollup.incidents + excluded.incidents",
        );
        changed.await.map(drop)
    }
}
