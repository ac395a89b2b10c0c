//! `assize runs tell`: tells about a run that takes place elsewhere.

use std::{fs, io, path::PathBuf};

use anyhow::Context as _;
use serde_json::Value;

use super::{CliError, Global};
use crate::cli::{
    door::Door,
    output::{show, word},
};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A JSON object with `external_id`, `automation` and `statements`, as the API takes it; - reads the
    /// standard input
    file: PathBuf,
}

pub async fn run(
    global: &Global,
    door: &Door,
    Arguments { file }: Arguments,
) -> Result<(), CliError> {
    let text = match file.as_os_str() == "-" {
        true => io::read_to_string(io::stdin()).context("the standard input")?,
        false => fs::read_to_string(&file).with_context(|| file.display().to_string())?,
    };
    let usage = |error: serde_json::Error| CliError::Usage(format!("{}: {error}", file.display()));
    let new: Value = serde_json::from_str(&text).map_err(usage)?;
    show(global.format, &door.post("/runs/reported", &new).await?, words)
}

fn words(reported: &Value) -> String {
    let known = if reported["created"] == true { "made known" } else { "known" };
    let stop = match reported["stop"] == true {
        true => "\nA kill switch is pressed: stop.",
        false => "",
    };
    format!(
        "{}  {}  {known}: {} statements taken in, {} had come before{stop}\n",
        word(&reported["run"]),
        word(&reported["status"]),
        reported["taken"],
        reported["duplicates"],
    )
}
