//! `assize export bundle`: makes the bundle of a period here and now, and writes it to a file.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use chrono::NaiveDate;
use domain::period::Period;
use engine::{
    services::{NewBundle, ServiceError},
    work::{Signer, bundler},
};
use serde::Serialize;

use crate::cli::{
    CliError, Global, open,
    output::{Report, print},
};

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

#[derive(Serialize)]
struct Written {
    bundle: String,
    file: String,
    bytes: i64,
    sha256: String,
    /// Entries under its checkpoint.
    checkpoint_size: Option<i64>,
}

impl Report for Written {
    fn text(&self) -> String {
        format!("{}: {} bytes, SHA-256 {}", self.file, self.bytes, self.sha256)
    }
}

pub async fn run(global: &Global, arguments: Arguments) -> Result<(), CliError> {
    let Arguments { from, to, automations, out } = arguments;
    let period = Period::of_days(from, to).map_err(|error| ServiceError::invalid("to", error))?;
    let services = open::services(global).await?;
    let caller = open::caller(global, &services).await?;
    let order = NewBundle { period, automations };
    let signer = Signer::new(services.clone(), open::signing_dir(global), None);
    let made = bundler::make_now(&services, Some(&signer), caller, order).await?;
    let download = services.download_bundle(caller, made.id).await?;
    copy(&download.path, &out)?;
    print(
        global.format,
        &Written {
            bundle: made.id.to_string(),
            file: out.display().to_string(),
            bytes: download.file.size,
            sha256: download.file.digest,
            checkpoint_size: made.checkpoint_size,
        },
    )
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
