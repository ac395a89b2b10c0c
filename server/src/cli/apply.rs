//! `assize apply`: definition files become versions in effect.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use engine::services::{Applied, AppliedAs, Caller, FieldError, ServiceError, Services};
use serde::Serialize;

use super::{
    CliError, Global, open,
    output::{Report, print, table},
};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Definition files, or folders of them
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

/// What became of one file: all of its definitions are applied, or none.
#[derive(Serialize)]
struct File {
    file: String,
    definitions: Vec<Applied>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

#[derive(Serialize)]
struct Files {
    files: Vec<File>,
}

impl Report for Files {
    fn text(&self) -> String {
        let applied = self.files.iter().flat_map(|file| &file.definitions);
        let rows = applied
            .clone()
            .map(|one| [one.key.clone(), one.version.to_string(), outcome(one.applied).to_owned()]);
        let mut text = table(["definition", "version", "outcome"], rows);
        let wrong = self.files.iter().flat_map(|file| &file.errors).map(|error| ("error", error));
        let odd = applied.flat_map(|one| &one.warnings).map(|warning| ("warning", warning));
        for (kind, FieldError { field, message }) in odd.chain(wrong) {
            text += &format!("{kind}: {field}: {message}\n");
        }
        text
    }
}

fn outcome(applied: AppliedAs) -> &'static str {
    match applied {
        AppliedAs::Created => "created",
        AppliedAs::NewVersion => "new version",
        AppliedAs::Unchanged => "unchanged",
    }
}

pub async fn run(global: &Global, arguments: Arguments) -> Result<(), CliError> {
    let services = open::services(global).await?;
    let caller = open::caller(global, &services).await?;
    let mut files = Vec::new();
    for path in expand(&arguments.files)? {
        files.push(apply(&services, caller, &path).await?);
    }
    let failed = files.iter().filter(|file| !file.errors.is_empty()).count();
    let total = files.len();
    print(global.format, &Files { files })?;
    match failed {
        0 => Ok(()),
        all if all == total => Err(CliError::Usage("nothing was applied".to_owned())),
        some => Err(CliError::Partly(format!("{some} of {total} files were not applied"))),
    }
}

async fn apply(services: &Services, caller: Caller, path: &Path) -> Result<File, CliError> {
    let file = path.display().to_string();
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {file}"))?;
    match services.apply_definition(caller, &file, &text).await {
        Ok(definitions) => Ok(File { file, definitions, errors: Vec::new() }),
        Err(ServiceError::Invalid(errors)) => Ok(File { file, definitions: Vec::new(), errors }),
        Err(error) => Err(error.into()),
    }
}

/// The definition files in the folders that were named, in the order of their names.
pub fn expand(paths: &[PathBuf]) -> Result<Vec<PathBuf>, CliError> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let entries = std::fs::read_dir(path)?.collect::<Result<Vec<_>, _>>()?;
        let mut found: Vec<_> = entries.into_iter().map(|entry| entry.path()).collect();
        found.retain(|file| file.extension().is_some_and(|end| end == "yaml" || end == "yml"));
        found.sort();
        files.extend(found);
    }
    Ok(files)
}
