//! `assize health`: how automations go, and what is unusual about them.

use domain::health::HealthQuery;
use serde_json::Value;

use super::{
    CliError, Global,
    asked::Query,
    door::Door,
    output::{show, table, word},
};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The key of an automation; all of them unless stated
    #[arg(long)]
    automation: Option<String>,
    /// The last days or weeks, such as 30d or 4w
    #[arg(long, default_value = "30d", value_parser = super::asked::days)]
    since: u64,
    /// Say what the period before was like, too
    #[arg(long)]
    compare: bool,
    /// End with exit code 7 where something needs attention
    #[arg(long)]
    fail_on_attention: bool,
}

pub async fn run(global: &Global, arguments: Arguments) -> Result<(), CliError> {
    let Arguments { automation, since, compare, fail_on_attention } = arguments;
    let compare = compare.then_some(domain::health::Compare::Previous);
    let asked = HealthQuery { automation, since: Some(since), compare, ..HealthQuery::default() };
    let door = Door::open(global).await?;
    let query = Query::default().and(&asked.query());
    let found = door.get(&format!("/health{query}")).await?;
    show(global.format, &found, text)?;
    if fail_on_attention { calm(&found) } else { Ok(()) }
}

/// Fails where something needs attention.
fn calm(health: &Value) -> Result<(), CliError> {
    match health["status"] == "attention" {
        true => Err(CliError::Attention),
        false => Ok(()),
    }
}

fn text(health: &Value) -> String {
    let anomalies = &health["anomalies"];
    let unusual = match anomalies.as_array().is_none_or(Vec::is_empty) {
        true if health["status"] == "unknown" => "Not enough is known yet.\n".to_owned(),
        true => "Nothing is unusual.\n".to_owned(),
        false => {
            let head = ["automation", "what is unusual", "in figures"];
            table(head, each(anomalies).map(anomaly))
        }
    };
    let head = ["automation", "status", "runs", "failed", "p50", "p95", "cost"];
    let automations = each(&health["automations"]).map(automation);
    format!("{unusual}\n{}", table(head, automations))
}

fn each(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn anomaly(anomaly: &Value) -> [String; 3] {
    [word(&anomaly["automation_key"]), word(&anomaly["title"]), word(&anomaly["says"])]
}

fn automation(of: &Value) -> [String; 7] {
    let total = &of["total"];
    [
        word(&of["automation_key"]),
        word(&of["status"]),
        word(&total["runs"]),
        word(&total["failed"]),
        seconds(&total["p50_seconds"]),
        seconds(&total["p95_seconds"]),
        total["cost_usd"].as_str().map_or_else(String::new, |cost| format!("${cost}")),
    ]
}

fn seconds(length: &Value) -> String {
    length.as_f64().map_or_else(String::new, |seconds| format!("{seconds} s"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_needs_attention_is_an_error() {
        for (status, is_calm) in [("attention", false), ("ok", true), ("unknown", true)] {
            assert_eq!(calm(&json!({ "status": status })).is_ok(), is_calm, "{status}");
        }
    }
}
