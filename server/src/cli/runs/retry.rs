//! `assize runs retry`: first the plan, then exactly that plan.

use domain::{
    id::{ItemId, RunId},
    retry::{PlanItem, PlanVerdict, RetryPlan},
};
use engine::services::{Caller, Retried, RetryRequest, Services};
use serde::Serialize;

use super::{CliError, Global};
use crate::cli::output::{Report, print, table};

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

#[derive(Serialize)]
struct Plan(RetryPlan);

impl Report for Plan {
    fn text(&self) -> String {
        let plan = &self.0;
        let mut text = table(["item", "subject", "verdict", "why"], plan.items.iter().map(cells));
        text += &format!(
            "\nRound {}: {} safe, {} to confirm, {} pointless, {} with nothing to retry.\n",
            plan.round,
            plan.count(PlanVerdict::Safe),
            plan.count(PlanVerdict::Confirm),
            plan.count(PlanVerdict::Pointless),
            plan.not_eligible,
        );
        if plan.needs_approval {
            text += "Retried items wait for an approval first.\n";
        }
        if !plan.items.is_empty() {
            let (run, digest) = (plan.run, &plan.digest);
            text += &format!("Carry it out: assize runs retry {run} --plan {digest} --reason …\n");
        }
        text
    }
}

fn cells(item: &PlanItem) -> [String; 4] {
    let subject = format!("{}/{}", item.subject_kind, item.subject_key);
    [item.item.to_string(), subject, item.verdict.to_string(), item.reason.clone()]
}

#[derive(Serialize)]
struct Done(Retried);

impl Report for Done {
    fn text(&self) -> String {
        let Retried { round, queued, awaiting_approval, .. } = &self.0;
        format!("Round {round}: {queued} items queued, {awaiting_approval} await approval")
    }
}

pub async fn run(
    global: &Global,
    services: &Services,
    caller: Caller,
    Arguments { run, plan, acknowledge, reason }: Arguments,
) -> Result<(), CliError> {
    let Some(plan_digest) = plan else {
        return print(global.format, &Plan(services.retry_plan(caller, run).await?));
    };
    let reason = reason.unwrap_or_default();
    let request = RetryRequest { run, plan_digest, acknowledged: acknowledge, reason };
    print(global.format, &Done(services.retry(caller, request).await?))
}
