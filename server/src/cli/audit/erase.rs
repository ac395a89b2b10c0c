//! `assize audit erase`: what the log says about a run beyond its leaves, gone for good.

use domain::id::RunId;
use serde_json::json;

use crate::cli::{
    CliError, Global,
    door::Door,
    output::{show, word},
};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The run, which has to have ended
    #[arg(long)]
    run: RunId,
    /// Why; kept in the log
    #[arg(long)]
    reason: String,
}

pub async fn run(global: &Global, arguments: Arguments) -> Result<(), CliError> {
    let Arguments { run, reason } = arguments;
    let door = Door::open(global).await?;
    let erased = door.post(&format!("/runs/{run}/erase"), &json!({"reason": reason})).await?;
    show(global.format, &erased, |erased| {
        let [run, payloads] = ["run", "payloads"].map(|name| word(&erased[name]));
        format!("{payloads} payloads of entries about {run} were erased; the entries stay.")
    })
}
