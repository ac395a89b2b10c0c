//! `assize audit stamp-request` and `assize audit stamp`: time stamps by an authority that the server
//! itself does not reach.

use std::{fs, path::PathBuf};

use anyhow::{Context as _, anyhow};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Serialize;
use serde_json::{Value, json};

use crate::cli::{
    CliError, Global,
    door::Door,
    output::{Report, print, show, time, word},
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
    size: Value,
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
    let mut asked = Door::open(global).await?.get("/audit/stamp-request").await?;
    let query = asked["query"].as_str().ok_or_else(|| anyhow!("there is no request"))?;
    let query = STANDARD.decode(query).map_err(anyhow::Error::from)?;
    let file = arguments.out.display().to_string();
    fs::write(&arguments.out, query).with_context(|| format!("cannot write {file}"))?;
    print(global.format, &Requested { file, size: asked["size"].take() })
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

pub async fn attach(global: &Global, arguments: Arguments) -> Result<(), CliError> {
    let read =
        |path: &PathBuf| fs::read(path).with_context(|| format!("cannot read {}", path.display()));
    let (token, certificates) = (read(&arguments.file)?, read(&arguments.certificates)?);
    // PEM is text already.
    let certificates = match String::from_utf8(certificates) {
        Ok(text) if text.contains("-----BEGIN") => text,
        Ok(text) => STANDARD.encode(text),
        Err(binary) => STANDARD.encode(binary.into_bytes()),
    };
    let (size, token) = (arguments.size, STANDARD.encode(token));
    let new = json!({"size": size, "token": token, "certificates": certificates});
    let stamp = Door::open(global).await?.post("/audit/stamps", &new).await?;
    show(global.format, &stamp, |stamp| {
        let (size, at) = (word(&stamp["size"]), time(&stamp["stamped_at"]));
        format!("The checkpoint of {size} entries existed on {at}, says the authority.")
    })
}
