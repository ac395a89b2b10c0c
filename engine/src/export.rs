//! Files of exported lists, written a few rows at a time into memory that is taken away as it fills.
//!
//! | format | where the file says what it is |
//! |---|---|
//! | CSV | the name of its last column, which is empty in every row |
//! | JSONL | its first line; its last line says how many rows came between |
//! | XLSX | its second sheet |

mod about;
mod cell;
mod csv;
mod jsonl;
mod xlsx;
mod xml;

use std::io;

use domain::export::ExportFormat;

pub(crate) use about::About;
pub(crate) use cell::Cell;
pub(crate) use xlsx::MOST_ROWS;

/// A file being written.
pub(crate) enum File {
    Csv(csv::Csv),
    Jsonl(jsonl::Jsonl),
    Xlsx(Box<xlsx::Xlsx>),
}

impl File {
    /// Begins a file with these columns. `about` is kept for its end.
    pub(crate) fn begin(
        format: ExportFormat,
        about: About,
        columns: &'static [&'static str],
    ) -> io::Result<Self> {
        Ok(match format {
            ExportFormat::Csv => Self::Csv(csv::Csv::begin(&about, columns)),
            ExportFormat::Jsonl => Self::Jsonl(jsonl::Jsonl::begin(&about, columns)),
            ExportFormat::Xlsx => Self::Xlsx(Box::new(xlsx::Xlsx::begin(about, columns)?)),
        })
    }

    /// Adds a row: one cell a column.
    pub(crate) fn row(&mut self, cells: &[Cell<'_>]) -> io::Result<()> {
        match self {
            Self::Csv(file) => file.row(cells),
            Self::Jsonl(file) => file.row(cells),
            Self::Xlsx(file) => return file.row(cells),
        }
        Ok(())
    }

    pub(crate) fn end(&mut self) -> io::Result<()> {
        match self {
            Self::Csv(_) => {}
            Self::Jsonl(file) => file.end(),
            Self::Xlsx(file) => return file.end(),
        }
        Ok(())
    }

    /// What was written since the last time. A file that packs its rows keeps some back.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        match self {
            Self::Csv(file) => file.take(),
            Self::Jsonl(file) => file.take(),
            Self::Xlsx(file) => file.take(),
        }
    }
}
