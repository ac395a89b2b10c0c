//! Tables for people, JSON and CSV for programs. Never colours: what is printed is data.

mod csv;

use std::{
    io::{self, IsTerminal as _, Write as _},
    str::FromStr as _,
};

use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width, presets};
use domain::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::CliError;

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people, as wide as the terminal
    Table,
    /// One document
    Json,
    /// A document a line: of a list, its rows
    Ndjson,
    /// A row a line, a column a field
    Csv,
}

/// Something a command found or did.
pub trait Report: Serialize {
    /// The words for people.
    fn text(&self) -> String;
}

/// Prints a result.
pub fn print(format: Format, report: &impl Report) -> Result<(), CliError> {
    show(format, report, |_| report.text())
}

/// Prints a document as it is, or what people read of it.
pub fn show(
    format: Format,
    document: &impl Serialize,
    text: impl FnOnce(&Value) -> String,
) -> Result<(), CliError> {
    let whole = || serde_json::to_value(document).map_err(anyhow::Error::from);
    match format {
        Format::Table => put(&text(&whole()?)),
        Format::Json => put(&serde_json::to_string_pretty(document).map_err(anyhow::Error::from)?),
        Format::Ndjson => put(&ndjson(&whole()?)),
        Format::Csv => put(&csv::text(&records(&whole()?))),
    }
}

/// A document a line.
pub fn ndjson(document: &Value) -> String {
    records(document).iter().map(|row| format!("{row}\n")).collect()
}

/// What a document is a list of: its `data`, or the one field that is a list. One that is no list is
/// its own only row.
fn records(document: &Value) -> Vec<&Value> {
    let lists = document.as_object().into_iter().flatten();
    let mut lists = lists.filter(|(_, value)| value.is_array());
    let found = match (document["data"].as_array(), lists.next(), lists.next()) {
        (Some(data), _, _) => Some(data),
        (None, Some((_, Value::Array(only))), None) => Some(only),
        _ => None,
    };
    found.map_or_else(|| vec![document], |rows| rows.iter().collect())
}

fn put(text: &str) -> Result<(), CliError> {
    let (mut out, text) = (io::stdout().lock(), text.trim_end());
    // A list without rows is no line.
    if !text.is_empty() {
        writeln!(out, "{text}")?;
    }
    Ok(out.flush()?)
}

/// A table with a heading line, as wide as the terminal allows: see [`width`].
pub fn table<const N: usize>(
    headings: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    table_within(width(), headings, rows)
}

fn table_within<const N: usize>(
    width: Option<u16>,
    headings: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let rows: Vec<[String; N]> =
        rows.into_iter().map(|row| row.map(|cell| printable(&cell))).collect();
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(headings.map(str::to_uppercase));
    if let Some(width) = width {
        table.set_width(width);
    }
    table.add_rows(&rows);
    // Ids and other words are copied and searched for, so they are never broken; sentences are.
    for (at, column) in table.column_iter_mut().enumerate() {
        let cells = || rows.iter().map(|row| row[at].as_str()).chain([headings[at]]);
        column.set_constraint(match cells().any(|cell| cell.contains(' ')) {
            true => ColumnConstraint::LowerBoundary(Width::Fixed(longest_word(cells()))),
            false => ColumnConstraint::ContentWidth,
        });
    }
    table.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

/// With the space around it.
fn longest_word<'a>(cells: impl Iterator<Item = &'a str>) -> u16 {
    let words = cells.flat_map(str::split_whitespace).map(|word| word.chars().count());
    u16::try_from(words.max().unwrap_or_default() + 2).unwrap_or(u16::MAX)
}

/// Whether a table should do with the columns that matter most.
pub fn is_narrow() -> bool {
    width().is_some_and(|columns| columns < 100)
}

/// How wide a table may be: what `COLUMNS` says, or else the terminal; where there is none, as wide as
/// it likes.
fn width() -> Option<u16> {
    let said = std::env::var("COLUMNS").ok().and_then(|columns| u16::from_str(&columns).ok());
    said.or_else(|| {
        let terminal = io::stdout().is_terminal().then(terminal_size::terminal_size)?;
        terminal.map(|(terminal_size::Width(columns), _)| columns)
    })
}

/// Stored text may contain what a terminal takes for commands.
pub fn printable(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}

/// A word or a number of a document; a dash where there is none.
pub fn word(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => printable(text),
        other => other.to_string(),
    }
}

/// An instant of a document, to the second.
pub fn time(value: &Value) -> String {
    let instant = value.as_str().and_then(|text| text.parse::<Timestamp>().ok());
    instant.map_or_else(|| word(value), |at| at.format("%Y-%m-%d %H:%M:%SZ").to_string())
}

/// The rows of a list.
pub fn rows(list: &Value) -> impl Iterator<Item = &Value> {
    list["data"].as_array().into_iter().flatten()
}

/// How to come to the rows that follow, if there are more.
pub fn more(list: &Value) -> String {
    match list["next"].as_str() {
        Some(next) => format!("\nThere are more: --after {next}\n"),
        None => String::new(),
    }
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

    #[test]
    fn where_it_is_narrow_sentences_are_broken_and_words_are_not() {
        let row = ["run_01k6xw3v5te8ds8yb3p96fx2kq", "The receiver did not answer in time, twice."];
        let text = table_within(Some(60), ["run", "cause"], [row.map(str::to_owned)]);
        assert!(text.contains(row[0]), "{text}");
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 60), "{text}");
    }

    #[test]
    fn the_rows_of_a_list_are_those_of_its_data_or_of_the_only_list_there_is() {
        let of = |text: &str| ndjson(&serde_json::from_str(text).unwrap());
        assert_eq!(of(r#"{"data": [{"a": 1}, {"a": 2}], "next": null}"#), "{\"a\":1}\n{\"a\":2}\n");
        assert_eq!(of(r#"{"members": [{"a": 1}], "of": "x"}"#), "{\"a\":1}\n");
        assert_eq!(of(r#"{"a": 1}"#), "{\"a\":1}\n");
        assert_eq!(of(r#"{"a": [1], "b": [2]}"#), "{\"a\":[1],\"b\":[2]}\n");
    }

    #[test]
    fn what_a_document_does_not_have_is_a_dash() {
        let list =
            serde_json::json!({"data": [{"at": "2026-07-01T08:00:00.25Z", "end": null, "n": 3}]});
        let row = rows(&list).next().unwrap();
        let cells = [time(&row["at"]), time(&row["end"]), word(&row["n"]), word(&row["no"])];
        assert_eq!(cells, ["2026-07-01 08:00:00Z", "–", "3", "–"]);
        assert_eq!(more(&list), "");
    }
}
