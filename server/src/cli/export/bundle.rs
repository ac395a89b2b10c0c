//! `assize export bundle`: makes the bundle of a period here and now, and writes it to a file.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context as _;
use chrono::NaiveDate;
use domain::period::Period;
use engine::{
    services::{Caller, NewBundle, ServiceError, Services},
    work::{Signer, bundler},
};
use serde_json::{Value, json};

use super::keep;
use crate::cli::{
    CliError, Global,
    door::Door,
    open,
    output::{show, word},
    progress::Progress,
};

/// How often a server is asked how far it has come.
const PACE: Duration = Duration::from_millis(500);

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// First day, in UTC
    #[arg(long)]
    from: NaiveDate,
    /// Last day, in UTC, included
    #[arg(long)]
    to: NaiveDate,
    /// Only this definition, by its key; may be given several times
    #[arg(long = "automation", value_name = "KEY")]
    automations: Vec<String>,
    /// The file to write
    #[arg(long)]
    out: PathBuf,
}

pub async fn run(global: &Global, asked: Arguments) -> Result<(), CliError> {
    let door = Door::open(global).await?;
    let id = match door.here() {
        Some((services, caller)) => make(global, services, caller, &asked).await?,
        None => order(&door, &asked).await?,
    };
    let bundle = door.get(&format!("/exports/bundles/{id}")).await?;
    let file = asked.out.display().to_string();
    show(global.format, &bundle, |bundle| {
        let made = &bundle["file"];
        format!("{file}: {} bytes, SHA-256 {}", made["size"], word(&made["digest"]))
    })
}

/// Makes it here and now, without a worker.
async fn make(
    global: &Global,
    services: &Services,
    caller: Caller,
    asked: &Arguments,
) -> Result<String, CliError> {
    let period = Period::of_days(asked.from, asked.to);
    let period = period.map_err(|error| ServiceError::invalid("to", error))?;
    let order = NewBundle { period, automations: asked.automations.clone() };
    let signer = Signer::new(services.clone(), open::signing_dir(global), None);
    let made = bundler::make_now(services, Some(&signer), caller, order).await?;
    let download = services.download_bundle(caller, made.id).await?;
    copy(&download.path, &asked.out)?;
    Ok(made.id.to_string())
}

/// Orders it at a server, waits until it is made, and fetches it.
async fn order(door: &Door, asked: &Arguments) -> Result<String, CliError> {
    let order = json!({"from": asked.from, "to": asked.to, "automations": asked.automations});
    let ordered = door.post("/exports/bundles", &order).await?;
    let id = word(&ordered["id"]);
    let mut progress = Progress::new("writing", None);
    loop {
        let bundle = door.get(&format!("/exports/bundles/{id}")).await?;
        match bundle["status"].as_str() {
            Some("ready") => break,
            Some("failed") => return Err(CliError::Partly(failure(&bundle))),
            _ => {
                progress.say(&format!("the server makes it: {}", word(&bundle["status"])));
                tokio::time::sleep(PACE).await;
            }
        }
    }
    drop(progress);
    keep(door, &format!("/exports/bundles/{id}/file"), asked.out.clone()).await?;
    Ok(id)
}

fn failure(bundle: &Value) -> String {
    let failure = &bundle["failure"];
    format!("{}: {}", word(&failure["code"]), word(&failure["message"]))
}

/// What has the name that was asked for is always whole.
fn copy(from: &Path, out: &Path) -> anyhow::Result<()> {
    let mut part = out.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let copied = std::fs::copy(from, &part).and_then(|_| std::fs::rename(&part, out));
    if copied.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    copied.with_context(|| format!("cannot write {}", out.display()))
}
