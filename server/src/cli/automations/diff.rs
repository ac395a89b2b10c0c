//! `assize automations diff`.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use domain::diff::{Line, lines};
use engine::services::{AppliedAs, Caller, Compared, FieldError, ServiceError, Services};
use serde::Serialize;

use crate::cli::{
    CliError, Global, apply, open,
    output::{Report, print, printable},
};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Definition files, or folders of them
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

#[derive(Serialize)]
struct Files {
    files: Vec<File>,
}

#[derive(Serialize)]
struct File {
    file: String,
    definitions: Vec<Definition>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

#[derive(Serialize)]
struct Definition {
    key: String,
    /// The version in effect.
    version: Option<i64>,
    /// What applying would do.
    would: AppliedAs,
    lines: Vec<Change>,
}

/// A line as it is shown: with a sign before it, as `diff` has them.
#[derive(Serialize)]
#[serde(transparent)]
struct Change(String);

impl From<Line<'_>> for Change {
    fn from(line: Line<'_>) -> Self {
        Self(match line {
            Line::Same(text) => format!("  {}", printable(text)),
            Line::Removed(text) => format!("- {}", printable(text)),
            Line::Added(text) => format!("+ {}", printable(text)),
            Line::Gap(count) => format!("@ {count} more lines are the same"),
        })
    }
}

impl From<Compared> for Definition {
    fn from(compared: Compared) -> Self {
        let Compared { key, version, would, before, after } = compared;
        // Comments and blanks that differ make no other definition.
        let lines = match would {
            AppliedAs::Unchanged => Vec::new(),
            _ => lines(&before, &after).into_iter().map(Change::from).collect(),
        };
        Self { key, version, would, lines }
    }
}

impl Report for Files {
    fn text(&self) -> String {
        let mut text = String::new();
        for File { file, definitions, errors } in &self.files {
            for Definition { key, version, would, lines } in definitions {
                let words = match (would, version) {
                    (AppliedAs::Created, _) => "would be new".to_owned(),
                    (AppliedAs::NewVersion, number) => {
                        format!("would be version {}", number.unwrap_or_default() + 1)
                    }
                    (AppliedAs::Unchanged, _) => "says the same".to_owned(),
                };
                text += &format!("{key} ({file}) {words}\n");
                for Change(line) in lines {
                    text += &format!("{line}\n");
                }
            }
            for FieldError { field, message } in errors {
                text += &format!("error: {field}: {message}\n");
            }
        }
        text
    }
}

pub async fn run(global: &Global, arguments: Arguments) -> Result<(), CliError> {
    let services = open::services(global).await?;
    let caller = open::caller(global, &services).await?;
    let mut files = Vec::new();
    for path in apply::expand(&arguments.files)? {
        files.push(compare(&services, caller, &path).await?);
    }
    let failed = files.iter().filter(|file| !file.errors.is_empty()).count();
    print(global.format, &Files { files })?;
    match failed {
        0 => Ok(()),
        some => Err(CliError::Usage(format!("{some} files cannot be applied"))),
    }
}

async fn compare(services: &Services, caller: Caller, path: &Path) -> Result<File, CliError> {
    let file = path.display().to_string();
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {file}"))?;
    match services.compare_definitions(caller, &file, &text).await {
        Ok(found) => {
            let definitions = found.into_iter().map(Definition::from).collect();
            Ok(File { file, definitions, errors: Vec::new() })
        }
        Err(ServiceError::Invalid(errors)) => Ok(File { file, definitions: Vec::new(), errors }),
        Err(error) => Err(error.into()),
    }
}
