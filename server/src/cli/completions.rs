//! `assize completions` and `assize man`: made from the command line itself.

use std::{
    fs,
    io::{self, Write as _},
    path::PathBuf,
};

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::{Cli, CliError};

#[derive(Debug, Clone, clap::Args)]
pub struct Completions {
    shell: Shell,
}

#[derive(Debug, Clone, clap::Args)]
pub struct Man {
    /// The folder for the pages; made if there is none
    #[arg(long, default_value = "man1")]
    dir: PathBuf,
}

/// Prints what a shell reads.
pub fn completions(asked: &Completions) -> Result<(), CliError> {
    let mut script = Vec::new();
    clap_complete::generate(asked.shell, &mut Cli::command(), "assize", &mut script);
    Ok(io::stdout().lock().write_all(&script)?)
}

/// Writes `assize.1`, `assize-runs.1` and so on.
pub fn man(asked: &Man) -> Result<(), CliError> {
    fs::create_dir_all(&asked.dir)?;
    Ok(clap_mangen::generate_to(Cli::command(), &asked.dir)?)
}
