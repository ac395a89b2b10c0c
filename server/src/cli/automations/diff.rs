//! `assize automations diff`.

use std::path::PathBuf;

use serde::Serialize;

use crate::cli::{
    CliError, Global,
    apply::{self, File},
    output::{Report, print, word},
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

impl Report for Files {
    fn text(&self) -> String {
        let mut text = String::new();
        for File { file, definitions, errors } in &self.files {
            for definition in definitions {
                let words = match (definition["would"].as_str(), definition["version"].as_i64()) {
                    (Some("created"), _) => "would be new".to_owned(),
                    (Some("new-version"), number) => {
                        format!("would be version {}", number.unwrap_or_default() + 1)
                    }
                    _ => "says the same".to_owned(),
                };
                text += &format!("{} ({file}) {words}\n", word(&definition["key"]));
                for line in definition["lines"].as_array().into_iter().flatten() {
                    text += &format!("{}\n", word(line));
                }
            }
            for error in errors {
                text += &format!("error: {error}\n");
            }
        }
        text
    }
}

pub async fn run(global: &Global, arguments: Arguments) -> Result<(), CliError> {
    let files = apply::each(global, &arguments.files, "/automations/diff").await?;
    let failed = files.iter().filter(|file| !file.errors.is_empty()).count();
    print(global.format, &Files { files })?;
    match failed {
        0 => Ok(()),
        some => Err(CliError::Usage(format!("{some} files cannot be applied"))),
    }
}
