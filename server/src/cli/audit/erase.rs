//! `assize audit erase`: what the log says about a run beyond its leaves, gone for good.

use domain::id::RunId;
use serde::Serialize;

use super::open;
use crate::cli::{
    CliError, Global,
    output::{Report, print},
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

#[derive(Serialize)]
struct Erased {
    run: RunId,
    payloads: i64,
}

impl Report for Erased {
    fn text(&self) -> String {
        let Self { run, payloads } = self;
        format!("{payloads} payloads of entries about {run} were erased; the entries stay.")
    }
}

pub async fn run(global: &Global, arguments: Arguments) -> Result<(), CliError> {
    let Arguments { run, reason } = arguments;
    let services = open::services(global).await?;
    let caller = open::caller(global, &services).await?;
    let payloads = services.erase_payloads(caller, run, &reason).await?;
    print(global.format, &Erased { run, payloads })
}
