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

/// Adds up what the page reads: how runs stand, twelve lengths a day and definition and what they cost, three
/// models in four phases, and three causes.
pub async fn seed(database: Database, connection: &mut Bare, workspace: uuid::Uuid) -> Result<()> {
    let numbers = |most: i64| {
        format!(
            "(WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {most}) \
             SELECT i FROM n)"
        )
    };
    let (month, place) = database.pick(
        ("substr(day, 1, 8) || '01'", "CAST(substr(day, 9, 2) AS INTEGER)"),
        ("CAST(date_trunc('month', day) AS DATE)", "CAST(EXTRACT(DAY FROM day) AS BIGINT)"),
    );
    let cells = "(SELECT workspace_id, automation_id, day, CAST(SUM(runs) AS BIGINT) AS runs \
                 FROM run_rollup WHERE workspace_id = $1 AND basis = 'started' \
                 GROUP BY workspace_id, automation_id, day) c";
    let columns = "c.workspace_id, c.automation_id, c.day";
    let (twelve, three, four) = (numbers(11), numbers(2), numbers(3));
    let figures = format!(
        "SELECT workspace_id, automation_id, day, 'runs:' || status AS figure, runs AS n \
         FROM run_rollup WHERE workspace_id = $1 AND basis = 'started' \
         UNION ALL SELECT {columns}, 'length:' || (50 + n.i), c.runs / 12 \
         FROM {cells} CROSS JOIN {twelve} n \
         UNION ALL SELECT {columns}, 'costed', c.runs FROM {cells} \
         UNION ALL SELECT {columns}, 'cost', c.runs * 40000000 FROM {cells}"
    );
    let days = |write: fn(i64) -> String| (1..=31).map(write).collect::<Vec<_>>().join(", ");
    let (names, sums) = (
        days(|n| format!("d{n}")),
        days(|n| format!("SUM(CASE place WHEN {n} THEN n ELSE 0 END)")),
    );
    for table in ["figure_rollup", "usage_rollup", "incident_rollup"] {
        let delete = format!("DELETE FROM {table} WHERE workspace_id = $1");
        list_seed::execute(connection, &delete, workspace).await?;
    }
    for statement in [
        format!(
            "INSERT INTO figure_rollup (workspace_id, automation_id, month, figure, {names}) \
             SELECT workspace_id, automation_id, month, figure, {sums} FROM (SELECT workspace_id, \
             automation_id, {month} AS month, {place} AS place, figure, n FROM ({figures}) d) m \
             GROUP BY workspace_id, automation_id, month, figure"
        ),
        format!(
            "INSERT INTO usage_rollup (workspace_id, automation_id, span, day, phase, provider, \
             model, calls, input_tokens, output_tokens, cost, unpriced) \
             SELECT c.workspace_id, c.automation_id, 'day', c.day, 'phase-' || p.i, 'bench', \
             'model-' || m.i, 10, 10000, 1000, 50000, 0 \
             FROM {cells} CROSS JOIN {four} p CROSS JOIN {three} m"
        ),
        format!(
            "INSERT INTO incident_rollup (workspace_id, automation_id, span, day, cause, incidents) \
             SELECT c.workspace_id, c.automation_id, 'day', c.day, CASE n.i \
             WHEN 0 THEN 'receiver-unavailable' WHEN 1 THEN 'receiver-refused' \
             ELSE 'policy-denied' END, 2 FROM {cells} CROSS JOIN {three} n"
        ),
        format!(
            "INSERT INTO usage_rollup (workspace_id, automation_id, span, day, phase, provider, \
             model, calls, input_tokens, output_tokens, cost, unpriced) \
             SELECT workspace_id, automation_id, 'month', {month}, phase, provider, model, \
             SUM(calls), SUM(input_tokens), SUM(output_tokens), SUM(cost), SUM(unpriced) \
             FROM usage_rollup WHERE workspace_id = $1 \
             GROUP BY workspace_id, automation_id, {month}, phase, provider, model"
        ),
        format!(
            "INSERT INTO incident_rollup (workspace_id, automation_id, span, day, cause, incidents) \
             SELECT workspace_id, automation_id, 'month', {month}, cause, SUM(incidents) \
             FROM incident_rollup WHERE workspace_id = $1 \
             GROUP BY workspace_id, automation_id, {month}, cause"
        ),
        list_seed::counted(database).to_owned(),
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
