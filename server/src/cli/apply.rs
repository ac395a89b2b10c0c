//! `assize apply`: definition files become versions in effect.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::Serialize;
use serde_json::Value;

use super::{
    CliError, Global,
    asked::Query,
    door::Door,
    output::{Report, print, rows, table, word},
};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Definition files, or folders of them
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

/// What became of one file: all of its definitions are applied, or none.
#[derive(Serialize)]
pub struct File {
    pub file: String,
    /// As the operation tells them.
    pub definitions: Vec<Value>,
    /// What is wrong with the file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<String>,
}

#[derive(Serialize)]
struct Files {
    files: Vec<File>,
}

impl Report for Files {
    fn text(&self) -> String {
        let applied = || self.files.iter().flat_map(|file| &file.definitions);
        let cells = |one: &Value| [&one["key"], &one["version"], &one["applied"]].map(word);
        let mut text = table(["definition", "version", "outcome"], applied().map(cells));
        for warning in applied().flat_map(|one| one["warnings"].as_array().into_iter().flatten()) {
            let (field, message) = (word(&warning["field"]), word(&warning["message"]));
            text += &format!("warning: {field}: {message}\n");
        }
        for error in self.files.iter().flat_map(|file| &file.errors) {
            text += &format!("error: {error}\n");
        }
        text
    }
}

pub async fn run(global: &Global, arguments: Arguments) -> Result<(), CliError> {
    let files = each(global, &arguments.files, "/automations").await?;
    let failed = files.iter().filter(|file| !file.errors.is_empty()).count();
    let total = files.len();
    print(global.format, &Files { files })?;
    match failed {
        0 => Ok(()),
        all if all == total => Err(CliError::Usage("nothing was applied".to_owned())),
        some => Err(CliError::Partly(format!("{some} of {total} files were not applied"))),
    }
}

/// Tells an operation each of the files.
pub async fn each(
    global: &Global,
    paths: &[PathBuf],
    operation: &str,
) -> Result<Vec<File>, CliError> {
    let door = Door::open(global).await?;
    let mut files = Vec::new();
    for path in expand(paths)? {
        files.push(tell(&door, &path, operation).await?);
    }
    Ok(files)
}

async fn tell(door: &Door, path: &Path, operation: &str) -> Result<File, CliError> {
    let file = path.display().to_string();
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {file}"))?;
    let address = format!("{operation}{}", Query::default().with("file", [&file]));
    match door.tell(&address, "application/yaml", text).await {
        Ok(told) => {
            Ok(File { file, definitions: rows(&told).cloned().collect(), errors: Vec::new() })
        }
        Err(CliError::Told(told)) if told.status == 422 => {
            let errors = told.problem["errors"].as_array().into_iter().flatten();
            let errors = errors.map(|error| word(&error["detail"])).collect();
            Ok(File { file, definitions: Vec::new(), errors })
        }
        Err(error) => Err(error),
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
