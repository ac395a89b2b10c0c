//! `assize runs show`.

use domain::{
    cancel::CancelReceipt,
    id::RunId,
    item::{Item, ItemState},
    page::MAX_SIZE,
    run::Run,
    trigger::TriggerEvent,
};
use engine::services::{Caller, RunDetail, Services};
use serde::Serialize;

use super::{CliError, Global, time};
use crate::cli::output::{Report, print, printable, table};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The run's id
    run: RunId,
    /// Only items in this state; may be given several times
    #[arg(long)]
    state: Vec<ItemState>,
    /// Items after this position
    #[arg(long)]
    after: Option<i64>,
}

#[derive(Serialize)]
struct Shown {
    definition: String,
    run: Run,
    event: TriggerEvent,
    receipt: Option<CancelReceipt>,
    items: Vec<Item>,
    /// Give it to `--after` for more items.
    next: Option<i64>,
}

impl Report for Shown {
    fn text(&self) -> String {
        let run = &self.run;
        let mut text = format!(
            "{}  {} v{}  {}\nstarted {}, completed {}, round {}\ntrigger {} from {}\n",
            run.id,
            self.definition,
            run.version,
            run.status,
            time(run.started_at),
            time(run.completed_at),
            run.round,
            run.trigger_kind,
            printable(&self.event.source),
        );
        if let Some(failure) = &run.failure {
            text += &format!("failed: {}\n", printable(&failure.to_string()));
        }
        let counts = run.counts;
        text += &format!(
            "{} subjects matched, {} actions invoked",
            counts.subjects_matched, counts.actions_invoked
        );
        for (outcome, count) in counts.outcomes() {
            text += &format!(", {count} {outcome}");
        }
        text += "\n\n";
        text += &table(["#", "item", "subject", "state", "cause"], self.items.iter().map(cells));
        if let Some(next) = self.next {
            text += &format!("\nThere are more items: --after {next}\n");
        }
        text
    }
}

fn cells(item: &Item) -> [String; 5] {
    let cause = match (&item.failure, item.skip_reason) {
        (Some(failure), _) => failure.to_string(),
        (None, Some(reason)) => reason.to_string(),
        (None, None) => String::new(),
    };
    [
        item.position.to_string(),
        item.id.to_string(),
        format!("{}/{}", item.subject_kind, item.subject_key),
        item.state.to_string(),
        cause,
    ]
}

pub async fn run(
    global: &Global,
    services: &Services,
    caller: Caller,
    Arguments { run, state, after }: Arguments,
) -> Result<(), CliError> {
    let detail = services.run(caller, run).await?;
    let (items, next) = services.items(caller, run, &state, after, MAX_SIZE).await?;
    let RunDetail { run, automation, event, receipt, .. } = detail;
    print(global.format, &Shown { definition: automation.key, run, event, receipt, items, next })
}
