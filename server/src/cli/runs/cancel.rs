//! `assize runs cancel`.

use domain::{cancel::CancelReceipt, id::RunId};
use engine::services::{Caller, Services};
use serde::Serialize;

use super::{CliError, Global};
use crate::cli::output::{Report, print};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The run's id
    run: RunId,
    /// Why; it is kept with the run. Without it, what would happen is shown and nothing is done
    #[arg(long)]
    reason: Option<String>,
}

#[derive(Serialize)]
struct Receipt {
    cancelled: bool,
    #[serde(flatten)]
    receipt: CancelReceipt,
}

impl Report for Receipt {
    fn text(&self) -> String {
        let CancelReceipt { run, finished, skipped, in_flight, unknown, .. } = &self.receipt;
        let verb = if self.cancelled { "Cancelled" } else { "Would cancel" };
        let mut text = format!(
            "{verb} {run}: {finished} items finished, {skipped} skipped, {in_flight} still in \
             flight, {unknown} unknown.\n"
        );
        if !self.cancelled {
            text += "Nothing was done; say --reason to cancel.\n";
        }
        text
    }
}

pub async fn run(
    global: &Global,
    services: &Services,
    caller: Caller,
    Arguments { run, reason }: Arguments,
) -> Result<(), CliError> {
    let cancelled = reason.is_some();
    let receipt = match reason {
        Some(reason) => services.cancel(caller, run, &reason).await?,
        None => services.cancel_preview(caller, run).await?,
    };
    print(global.format, &Receipt { cancelled, receipt })
}
