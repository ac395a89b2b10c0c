//! `assize runs close`.

use domain::id::RunId;
use serde_json::json;

use super::{CliError, Global};
use crate::cli::{
    door::Door,
    output::{show, word},
};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The run's id
    run: RunId,
    /// Why; it is kept with the run
    #[arg(long)]
    reason: String,
}

pub async fn run(
    global: &Global,
    door: &Door,
    Arguments { run, reason }: Arguments,
) -> Result<(), CliError> {
    let closed = door.post(&format!("/runs/{run}/close"), &json!({"reason": reason})).await?;
    show(global.format, &closed, |run| format!("{} is {}", word(&run["id"]), word(&run["status"])))
}
