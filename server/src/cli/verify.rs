//! `assize verify`: checks a bundle on this machine, without a database.

use std::{
    io::{Write as _, stdout},
    path::PathBuf,
    process::ExitCode,
};

use assize_verify::{Options, Outcome, USAGE};

use super::Format;

/// Told by `assize verify --help`.
const EXIT_CODES: &str = "\
Exit codes: 0 valid, 2 wrong usage, 5 only the key inside the bundle was used, 10 malformed, \
20 signature, 30 root or size, 40 not grown out of the earlier checkpoint, 50 a payload, row or file \
is not what was promised, 60 an act out of order. The first that applies, 5 last.";

#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub struct Arguments {
    /// The bundle
    file: PathBuf,
    /// The log's public key, from somewhere else than the bundle: the key itself, or a file with keys
    #[arg(long = "vkey")]
    keys: Vec<String>,
    /// The checkpoint of an earlier bundle; the log must have grown out of it
    #[arg(long)]
    previous: Option<PathBuf>,
    /// Accept the key inside the bundle, which proves nothing by itself
    #[arg(long)]
    allow_unpinned: bool,
    /// Certificates of the time-stamp authority, PEM or DER
    #[arg(long = "tsa-ca")]
    authority: Option<PathBuf>,
}

pub fn run(format: Format, arguments: Arguments) -> ExitCode {
    let Arguments { file, keys, previous, allow_unpinned, authority } = arguments;
    let json = format == Format::Json;
    let options = Options { bundle: file, keys, previous, allow_unpinned, authority, json };
    let Outcome { text, code } = assize_verify::run(&options);
    let shown = stdout().lock().write_all(text.as_bytes());
    ExitCode::from(if shown.is_ok() { code } else { USAGE })
}
