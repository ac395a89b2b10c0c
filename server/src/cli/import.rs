//! `assize import`: records from CSV or NDJSON.

use std::{fs::File, io, path::PathBuf};

use anyhow::Context as _;
use domain::record::ImportMode;
use engine::services::RecordFormat;
use serde_json::Value;

use super::{
    CliError, Global,
    asked::Query,
    door::Door,
    output::{show, word},
};

/// How a file of records is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum InputFormat {
    Csv,
    Ndjson,
}

impl From<InputFormat> for RecordFormat {
    fn from(format: InputFormat) -> Self {
        match format {
            InputFormat::Csv => Self::Csv,
            InputFormat::Ndjson => Self::Ndjson,
        }
    }
}

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The file; - reads from the standard input
    file: PathBuf,
    /// The register of records that do not name one in a column or field `kind`
    #[arg(long)]
    kind: Option<String>,
    /// How the file is written, where its name does not end in .csv, .ndjson or .jsonl
    #[arg(long, value_enum)]
    input: Option<InputFormat>,
    /// all-or-nothing, or best-effort: records that cannot be used are left out, and named
    #[arg(long, default_value = "all-or-nothing")]
    mode: ImportMode,
}

pub async fn run(global: &Global, asked: Arguments) -> Result<(), CliError> {
    let name = asked.file.display().to_string();
    let format = asked.input.map(RecordFormat::from).or_else(|| RecordFormat::of_file(&name));
    let format = format.ok_or_else(|| {
        CliError::Usage(format!("{name} does not end in .csv, .ndjson or .jsonl; use --input"))
    })?;
    let media_type = match format {
        RecordFormat::Csv => "text/csv",
        RecordFormat::Ndjson => "application/x-ndjson",
    };
    let file = tokio::fs::File::from_std(open(&name)?);
    let door = Door::open(global).await?;
    let query = Query::default().with("file", [&name]).with("kind", asked.kind);
    let query = query.with("mode", [asked.mode]);
    let imported = door.upload(&format!("/records/import{query}"), media_type, file).await?;
    show(global.format, &imported, text)?;
    match imported["refused"].as_u64() {
        None | Some(0) => Ok(()),
        Some(refused) => Err(CliError::Partly(format!("{refused} records were not imported"))),
    }
}

/// A file; - is the standard input, which is laid down first.
fn open(name: &str) -> Result<File, CliError> {
    if name != "-" {
        return Ok(File::open(name).with_context(|| format!("cannot read {name}"))?);
    }
    let mut file = tempfile::tempfile()?;
    io::copy(&mut io::stdin().lock(), &mut file).context("the standard input")?;
    io::Seek::rewind(&mut file)?;
    Ok(file)
}

fn text(imported: &Value) -> String {
    let mut text = format!(
        "{} created, {} updated, {} unchanged, {} refused\nSHA-256 {}\n",
        imported["created"],
        imported["updated"],
        imported["unchanged"],
        imported["refused"],
        word(&imported["digest"]),
    );
    for line in imported["errors"].as_array().into_iter().flatten() {
        text += &format!("error: {}\n", word(line));
    }
    text
}
