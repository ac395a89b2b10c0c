//! `assize config`: what the server would be told, and by whom.

use clap::ArgMatches;
use serde::Serialize;

use super::{
    CliError, Global,
    output::{Report, print, printable, table},
    settings::{Effective, File, effective},
};

#[derive(Serialize)]
struct Settings {
    settings: Vec<Effective>,
}

impl Report for Settings {
    fn text(&self) -> String {
        let row = |setting: &Effective| {
            let value = setting.value.as_deref().map_or_else(|| "–".to_owned(), printable);
            [setting.key.clone(), value, setting.source.clone()]
        };
        table(["setting", "value", "from"], self.settings.iter().map(row))
    }
}

/// Prints the settings in effect. `matches` are those of this command, which takes the flags of `serve`.
pub fn run(global: &Global, matches: &ArgMatches, file: Option<&File>) -> Result<(), CliError> {
    print(global.format, &Settings { settings: effective(matches, file) })
}
