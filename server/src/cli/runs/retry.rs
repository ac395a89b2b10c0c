//! `assize runs retry`: first the plan, then exactly that plan.

use domain::{
    id::{ItemId, RunId},
    retry::PlanVerdict,
};
use serde_json::{Value, json};

use super::{CliError, Global};
use crate::cli::{
    door::Door,
    output::{show, table, word},
};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The run's id
    run: RunId,
    /// Carry out the plan with this digest; without it, the plan is shown and nothing is done
    #[arg(long, requires = "reason")]
    plan: Option<String>,
    /// Retry this item although its verdict is not `safe`; may be given several times
    #[arg(long, requires = "plan")]
    acknowledge: Vec<ItemId>,
    /// Why; it is kept with the run
    #[arg(long, requires = "plan")]
    reason: Option<String>,
}

pub async fn run(
    global: &Global,
    door: &Door,
    Arguments { run, plan, acknowledge, reason }: Arguments,
) -> Result<(), CliError> {
    let Some(digest) = plan else {
        return show(global.format, &door.get(&format!("/runs/{run}/retry-plan")).await?, text);
    };
    let acknowledged: Vec<_> = acknowledge.iter().map(ToString::to_string).collect();
    let reason = reason.unwrap_or_default();
    let retry = json!({"plan_digest": digest, "acknowledged": acknowledged, "reason": reason});
    show(global.format, &door.post(&format!("/runs/{run}/retry"), &retry).await?, done)
}

fn text(plan: &Value) -> String {
    let items = plan["items"].as_array().map(Vec::as_slice).unwrap_or_default();
    let count = |verdict: PlanVerdict| {
        items.iter().filter(|item| item["verdict"] == verdict.as_str()).count()
    };
    let mut text = table(["item", "subject", "verdict", "why"], items.iter().map(cells));
    text += &format!(
        "\nRound {}: {} safe, {} to confirm, {} pointless, {} with nothing to retry.\n",
        plan["round"],
        count(PlanVerdict::Safe),
        count(PlanVerdict::Confirm),
        count(PlanVerdict::Pointless),
        plan["not_eligible"],
    );
    if plan["needs_approval"] == true {
        text += "Retried items wait for an approval first.\n";
    }
    if !items.is_empty() {
        let (run, digest) = (word(&plan["run"]), word(&plan["digest"]));
        text += &format!("Carry it out: assize runs retry {run} --plan {digest} --reason …\n");
    }
    text
}

fn cells(item: &Value) -> [String; 4] {
    let subject = format!("{}/{}", word(&item["subject_kind"]), word(&item["subject_key"]));
    [word(&item["item"]), subject, word(&item["verdict"]), word(&item["reason"])]
}

fn done(retried: &Value) -> String {
    format!(
        "Round {}: {} items queued, {} await approval",
        retried["round"], retried["queued"], retried["awaiting_approval"]
    )
}
