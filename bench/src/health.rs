//! The page of health over HTTP, for the last year of what was seeded and for all of it.

use anyhow::Result;
use chrono::{Days, NaiveDate};

use crate::{
    database::{Bare, Database},
    list_seed,
    report::Report,
    server::Server,
    timing::{median, millis},
};

/// Calls per figure.
const ROUNDS: usize = 40;

const PATH: &str = "/w/main/governance/automation/health";

/// Adds up what the page reads beside the counts: twelve lengths a day and definition, three models in four
/// phases, and three causes.
pub async fn seed(connection: &mut Bare, workspace: uuid::Uuid) -> Result<()> {
    let numbers = |most: i64| {
        format!(
            "(WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {most}) \
             SELECT i FROM n)"
        )
    };
    let cells = "(SELECT workspace_id, automation_id, day, CAST(SUM(runs) AS BIGINT) AS runs \
                 FROM run_rollup WHERE workspace_id = $1 AND basis = 'started' \
                 GROUP BY workspace_id, automation_id, day) c";
    let columns = "c.workspace_id, c.automation_id, c.day";
    let (twelve, three, four) = (numbers(11), numbers(2), numbers(3));
    for statement in [
        "DELETE FROM length_rollup WHERE workspace_id = $1".to_owned(),
        "DELETE FROM cost_rollup WHERE workspace_id = $1".to_owned(),
        "DELETE FROM usage_rollup WHERE workspace_id = $1".to_owned(),
        "DELETE FROM incident_rollup WHERE workspace_id = $1".to_owned(),
        format!(
            "INSERT INTO length_rollup (workspace_id, automation_id, day, bucket, runs) \
             SELECT {columns}, 50 + n.i, c.runs / 12 FROM {cells} CROSS JOIN {twelve} n"
        ),
        format!(
            "INSERT INTO cost_rollup (workspace_id, automation_id, day, runs, cost) \
             SELECT {columns}, c.runs, c.runs * 40000000 FROM {cells}"
        ),
        format!(
            "INSERT INTO usage_rollup (workspace_id, automation_id, day, phase, provider, model, \
             calls, input_tokens, output_tokens, cost, unpriced) \
             SELECT {columns}, 'phase-' || p.i, 'bench', 'model-' || m.i, 10, 10000, 1000, 50000, 0 \
             FROM {cells} CROSS JOIN {four} p CROSS JOIN {three} m"
        ),
        format!(
            "INSERT INTO incident_rollup (workspace_id, automation_id, day, cause, incidents) \
             SELECT {columns}, CASE n.i WHEN 0 THEN 'receiver-unavailable' WHEN 1 \
             THEN 'receiver-refused' ELSE 'policy-denied' END, 2 FROM {cells} CROSS JOIN {three} n"
        ),
    ] {
        list_seed::execute(connection, &statement, workspace).await?;
    }
    Ok(())
}

/// How long the page takes up to a day.
pub async fn measure(
    database: Database,
    server: &Server,
    last: NaiveDate,
    size: i64,
    report: &mut Report,
) -> Result<()> {
    let ask = |first: NaiveDate, more: &str| format!("{PATH}?from={first}&to={last}{more}");
    let year = last - Days::new(364);
    for (name, path) in [
        ("a year", ask(year, "")),
        ("a year beside the one before", ask(year, "&compare=previous")),
        ("four years", ask(last - Days::new(1_400), "")),
    ] {
        let http = median(ROUNDS, || async { server.get(&path).await.map(drop) }).await?;
        let name = format!("health: {name}, at {size}, page over HTTP");
        report.add(name, database.name(), millis(http), None, "ms", "under 100 ms");
    }
    Ok(())
}
