//! `assize runs incidents`: a line an incident.

use domain::id::RunId;
use serde_json::Value;

use crate::cli::{
    CliError, Global,
    asked::{Paging, Query},
    door::Door,
    output::{more, rows, show, word},
};

/// The incidents of one run.
pub async fn of_run(
    global: &Global,
    door: &Door,
    run: RunId,
    page: Paging,
) -> Result<(), CliError> {
    // Says that there is no such run, which an empty list would not.
    door.get(&format!("/runs/{run}")).await?;
    let query = Query::default().with("run", [run]).page(page);
    let found = door.get(&format!("/incidents{query}")).await?;
    show(global.format, &found, |found| text(run, found))
}

fn text(run: RunId, incidents: &Value) -> String {
    let lines: Vec<_> = rows(incidents).map(line).collect();
    let severities = lines.iter().map(|[severity, ..]| severity.len()).max().unwrap_or(0);
    let types = lines.iter().map(|[_, kind, _]| kind.len()).max().unwrap_or(0);
    let mut text = format!("Incidents for {run}\n");
    if lines.is_empty() {
        text += "none\n";
    }
    for [severity, kind, message] in &lines {
        text += &format!("{severity:<severities$}  {kind:<types$}  {message}\n");
    }
    text + &more(incidents)
}

/// Severity, type and the one sentence.
fn line(incident: &Value) -> [String; 3] {
    let severity = format!("[{}]", word(&incident["severity"]));
    [severity, word(&incident["type"]), word(&incident["facts"]["message"])]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn incidents_stand_in_columns_as_wide_as_they_must_be() {
        let run: RunId = "run_01k6xw3v5te8ds8yb3p96fx2kq".parse().unwrap();
        let over = "Cumulative cost $12.80 exceeded ceiling $10.00";
        let hung = "Tool search_web timed out after 30s on step 4";
        let incident = |severity, kind, message| json!({"severity": severity, "type": kind, "facts": {"message": message}});
        let data =
            [incident("high", "budget_overrun", over), incident("medium", "tool_timeout", hung)];
        assert_eq!(
            text(run, &json!({"data": data, "next": null})),
            format!(
                "Incidents for {run}\n\
                 [high]    budget_overrun  {over}\n\
                 [medium]  tool_timeout    {hung}\n"
            )
        );
        let none = json!({"data": [], "next": null});
        assert_eq!(text(run, &none), format!("Incidents for {run}\nnone\n"));
    }
}
