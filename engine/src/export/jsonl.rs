//! JSON lines: what the file is, a line a row, and how many rows there were.

use serde_json::{Value, json};

use super::{About, Cell};

/// A file being written.
pub(crate) struct Jsonl {
    out: Vec<u8>,
    /// The columns' names as JSON, with a colon.
    names: Vec<String>,
    rows: u64,
}

impl Jsonl {
    pub(crate) fn begin(about: &About, columns: &[&str]) -> Self {
        let mut facts: serde_json::Map<String, Value> =
            about.facts().into_iter().map(|(name, fact)| (name.to_owned(), fact.into())).collect();
        facts.insert("columns".to_owned(), json!(columns));
        let names = columns.iter().map(|name| format!("{}:", Value::from(*name))).collect();
        let mut file = Self { out: Vec::new(), names, rows: 0 };
        file.line(&json!({"export": facts}).to_string());
        file
    }

    pub(crate) fn row(&mut self, cells: &[Cell<'_>]) {
        let mut before = b'{';
        for (name, cell) in self.names.iter().zip(cells) {
            self.out.push(before);
            before = b',';
            self.out.extend_from_slice(name.as_bytes());
            self.out.extend_from_slice(value(cell).as_bytes());
        }
        self.out.extend_from_slice(b"}\n");
        self.rows += 1;
    }

    /// A file without this line is not whole.
    pub(crate) fn end(&mut self) {
        let rows = self.rows;
        self.line(&json!({"end": {"rows": rows}}).to_string());
    }

    pub(crate) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    fn line(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
        self.out.push(b'\n');
    }
}

fn value(cell: &Cell<'_>) -> String {
    match (cell, cell.written()) {
        (_, None) => "null".to_owned(),
        (Cell::Text(_) | Cell::Time(_), Some(text)) => Value::from(text).to_string(),
        (_, Some(text)) => text.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use domain::{Timestamp, export::ListName};

    use super::*;

    #[test]
    fn a_row_keeps_every_value_as_it_is() {
        let about = About {
            list: ListName::Records,
            filter: String::new(),
            workspace: ("wsp_1".into(), "North".into()),
            by: (Some("mem_1".into()), "Ada".into()),
            at: Timestamp::UNIX_EPOCH,
        };
        let mut file = Jsonl::begin(&about, &["key", "n", "s", "at", "none", "more"]);
        let more = json!({"b": [1, "=x"]});
        file.row(&[
            Cell::text("=cmd() \u{202e}\n\""),
            Cell::Number(-3),
            Cell::Length(TimeDelta::milliseconds(1_500)),
            Cell::Time(Timestamp::UNIX_EPOCH),
            Cell::Empty,
            Cell::Json(std::borrow::Cow::Borrowed(&more)),
        ]);
        file.end();
        let text = String::from_utf8(file.take()).unwrap();
        let lines: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert_eq!(lines[0]["export"]["exported_by"], "mem_1");
        assert_eq!(lines[0]["export"]["columns"][0], "key");
        let expected = json!({
            "key": "=cmd() \u{202e}\n\"", "n": -3, "s": 1.5, "none": null, "more": more,
            "at": "1970-01-01T00:00:00.000000Z",
        });
        assert_eq!(lines[1], expected);
        assert_eq!(lines[2], json!({"end": {"rows": 1}}));
    }
}
