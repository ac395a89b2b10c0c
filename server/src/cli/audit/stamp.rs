//! `assize audit stamp-request` and `assize audit stamp`: time stamps by an authority that the server
//! itself does not reach.

use std::{fs, path::PathBuf};

use anyhow::Context as _;
use domain::Timestamp;
use engine::services::StampAnswer;
use serde::Serialize;

use super::{instant, open};
use crate::cli::{
    CliError, Global,
    output::{Report, print},
};

#[derive(Debug, clap::Args)]
pub struct RequestArguments {
    /// The file to write: a TimeStampReq, to be sent as application/timestamp-query
    #[arg(long)]
    out: PathBuf,
}

#[derive(Serialize)]
struct Requested {
    file: String,
    /// Entries under the checkpoint that the request is about.
    size: u64,
}

impl Report for Requested {
    fn text(&self) -> String {
        let Self { file, size } = self;
        format!(
            "{file}: have it answered, then keep the answer with\n\n    assize audit stamp --size \
             {size} --tsa-ca CERTIFICATES ANSWER\n"
        )
    }
}

pub async fn request(global: &Global, arguments: RequestArguments) -> Result<(), CliError> {
    let services = open::services(global).await?;
    let caller = open::caller(global, &services).await?;
    let asked = services.stamp_request(caller).await?;
    let file = arguments.out.display().to_string();
    fs::write(&arguments.out, asked.query).with_context(|| format!("cannot write {file}"))?;
    print(global.format, &Requested { file, size: asked.checkpoint.size })
}

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The answer of the authority: a TimeStampResp
    file: PathBuf,
    /// Entries under the checkpoint that was stamped
    #[arg(long)]
    size: u64,
    /// Certificates of the authority, PEM or DER
    #[arg(long = "tsa-ca")]
    certificates: PathBuf,
}

#[derive(Serialize)]
struct Stamped {
    size: u64,
    stamped_at: Timestamp,
}

impl Report for Stamped {
    fn text(&self) -> String {
        let (size, at) = (self.size, instant(self.stamped_at));
        format!("The checkpoint of {size} entries existed on {at}, says the authority.")
    }
}

pub async fn attach(global: &Global, arguments: Arguments) -> Result<(), CliError> {
    let read =
        |path: &PathBuf| fs::read(path).with_context(|| format!("cannot read {}", path.display()));
    let (token, certificates) = (read(&arguments.file)?, read(&arguments.certificates)?);
    let services = open::services(global).await?;
    let caller = open::caller(global, &services).await?;
    let answer = StampAnswer { size: arguments.size, token, nonce: None };
    let stamp = services.attach_stamp(caller, answer, &certificates).await?;
    print(global.format, &Stamped { size: stamp.size, stamped_at: stamp.stamped_at })
}
