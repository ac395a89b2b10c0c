//! `assize import`: records from CSV or NDJSON.

use std::{
    fs::File,
    io::{Read, stdin},
    path::PathBuf,
};

use anyhow::Context as _;
use engine::services::{Imported, RecordFile, RecordFormat};
use serde::Serialize;

use super::{
    CliError, Global, open,
    output::{Report, print},
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
}

#[derive(Serialize)]
struct Outcome {
    file: String,
    #[serde(flatten)]
    imported: Imported,
}

impl Report for Outcome {
    fn text(&self) -> String {
        let Imported { created, updated, unchanged, digest } = &self.imported;
        format!("{created} created, {updated} updated, {unchanged} unchanged\nSHA-256 {digest}")
    }
}

pub async fn run(global: &Global, arguments: Arguments) -> Result<(), CliError> {
    let name = arguments.file.display().to_string();
    let format = arguments.input.map(RecordFormat::from).or_else(|| RecordFormat::of_file(&name));
    let format = format.ok_or_else(|| {
        CliError::Usage(format!("{name} does not end in .csv, .ndjson or .jsonl; use --input"))
    })?;
    let reader: Box<dyn Read + Send> = match name.as_str() {
        "-" => Box::new(stdin()),
        _ => Box::new(File::open(&name).with_context(|| format!("cannot read {name}"))?),
    };
    let services = open::services(global).await?;
    let caller = open::caller(global, &services).await?;
    let file = RecordFile { name: name.clone(), format, kind: arguments.kind };
    let imported = services.import_records(caller, file, reader).await?;
    print(global.format, &Outcome { file: name, imported })
}
