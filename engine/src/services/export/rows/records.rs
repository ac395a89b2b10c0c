//! The records of one register.

use std::borrow::Cow;

use domain::record::Record;

use crate::export::Cell;

pub(super) const COLUMNS: &[&str] =
    &["id", "kind", "key", "revision", "created_at", "updated_at", "created_by_item", "attributes"];

pub(super) fn cells(record: &Record) -> [Cell<'_>; COLUMNS.len()] {
    [
        Cell::id(record.id),
        Cell::text(&record.kind),
        Cell::text(&record.key),
        Cell::Number(record.revision),
        Cell::Time(record.created_at),
        Cell::Time(record.updated_at),
        Cell::maybe(record.created_by_item, Cell::id),
        Cell::Json(Cow::Borrowed(&record.attributes)),
    ]
}
