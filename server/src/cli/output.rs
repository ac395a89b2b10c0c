//! Tables for people, JSON for programs. Never colours: what is printed is data.

use std::io::{self, Write as _};

use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

use super::CliError;

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    Table,
    Json,
}

/// Something a command found or did.
pub trait Report: Serialize {
    /// The words for people.
    fn text(&self) -> String;
}

/// Prints a result.
pub fn print(format: Format, report: &impl Report) -> Result<(), CliError> {
    let text = match format {
        Format::Table => report.text(),
        Format::Json => serde_json::to_string_pretty(report)
            .map_err(|error| CliError::Internal(error.into()))?,
    };
    let mut out = io::stdout().lock();
    writeln!(out, "{}", text.trim_end())?;
    Ok(out.flush()?)
}

/// A table with a heading line, as wide as the terminal allows.
pub fn table<const N: usize>(
    headings: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(headings.map(str::to_uppercase));
    for row in rows {
        table.add_row(row.map(|cell| printable(&cell)));
    }
    table.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

/// Stored text may contain what a terminal takes for commands.
pub fn printable(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_a_heading_and_no_commands_for_the_terminal() {
        let text = table(["name", "role"], [["Ada\u{1b}[31m".to_owned(), "owner".to_owned()]]);
        let lines: Vec<_> = text.lines().map(str::trim_start).collect();
        assert!(lines[0].starts_with("NAME"), "{text}");
        assert!(!text.contains('\u{1b}'), "{text}");
        assert!(lines[1].ends_with("owner"), "{text}");
    }
}
