//! Documents as CSV (RFC 4180): a column a field, those of a document in a document as `counts.failed`.

use serde_json::Value;

/// A heading and a line a document. The columns are those of all of them.
pub fn text(documents: &[&Value]) -> String {
    let rows: Vec<Vec<(String, String)>> = documents.iter().map(|row| flat(row)).collect();
    let mut columns: Vec<&str> = Vec::new();
    for (name, _) in rows.iter().flatten() {
        if !columns.contains(&name.as_str()) {
            columns.push(name);
        }
    }
    if columns.is_empty() {
        return String::new();
    }
    let head = columns.iter().map(|name| cell(name)).collect::<Vec<_>>().join(",");
    let line = |row: &Vec<(String, String)>| {
        let value = |column: &&str| row.iter().find(|(name, _)| name == column);
        let cells = columns.iter().map(|column| value(column).map_or("", |(_, text)| text));
        cells.map(cell).collect::<Vec<_>>().join(",")
    };
    std::iter::once(head).chain(rows.iter().map(line)).map(|line| line + "\r\n").collect()
}

fn flat(document: &Value) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    collect("", document, &mut fields);
    fields
}

fn collect(name: &str, value: &Value, fields: &mut Vec<(String, String)>) {
    let text = match value {
        Value::Object(inner) => {
            for (field, value) in inner {
                let dot = if name.is_empty() { "" } else { "." };
                collect(&format!("{name}{dot}{field}"), value, fields);
            }
            return;
        }
        Value::Null => String::new(),
        Value::String(text) => disarmed(text),
        other => other.to_string(),
    };
    fields.push((name.to_owned(), text));
}

/// Spreadsheets run text that begins like this.
fn disarmed(text: &str) -> String {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\0']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

fn cell(text: &str) -> String {
    match text.contains(['"', ',', ';', '\r', '\n', '\t']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_column_is_a_field_and_every_row_has_all_of_them() {
        let rows = [
            json!({"counts": {"failed": 2}, "name": "a, \"b\""}),
            json!({"name": "=1+1", "n": -3}),
        ];
        let rows: Vec<_> = rows.iter().collect();
        let expected = "counts.failed,name,n\r\n2,\"a, \"\"b\"\"\",\r\n,'=1+1,-3\r\n";
        assert_eq!(text(&rows), expected);
        assert_eq!(text(&[]), "");
    }
}
