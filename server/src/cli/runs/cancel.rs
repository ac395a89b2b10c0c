//! `assize runs cancel`.

use domain::id::RunId;
use serde_json::{Value, json};

use super::{CliError, Global};
use crate::cli::{
    door::Door,
    output::{show, word},
};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The run's id
    run: RunId,
    /// Why; it is kept with the run. Without it, what would happen is shown and nothing is done
    #[arg(long)]
    reason: Option<String>,
}

pub async fn run(
    global: &Global,
    door: &Door,
    Arguments { run, reason }: Arguments,
) -> Result<(), CliError> {
    let cancelled = reason.is_some();
    let receipt = match reason {
        Some(reason) => {
            door.post(&format!("/runs/{run}/cancel"), &json!({"reason": reason})).await?
        }
        None => door.get(&format!("/runs/{run}/cancel-preview")).await?,
    };
    show(global.format, &receipt, |receipt| text(cancelled, receipt))
}

fn text(cancelled: bool, receipt: &Value) -> String {
    let verb = if cancelled { "Cancelled" } else { "Would cancel" };
    let mut text = format!(
        "{verb} {}: {} items finished, {} skipped, {} still in flight, {} unknown.\n",
        word(&receipt["run"]),
        receipt["finished"],
        receipt["skipped"],
        receipt["in_flight"],
        receipt["unknown"],
    );
    if !cancelled {
        text += "Nothing was done; say --reason to cancel.\n";
    }
    text
}
