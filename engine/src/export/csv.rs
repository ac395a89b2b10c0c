//! CSV as RFC 4180 has it, with text that a spreadsheet might run disarmed.

use super::{About, Cell};

/// A file being written.
pub(crate) struct Csv {
    out: Vec<u8>,
}

/// Says in the file itself that it is not the record.
const ALTERED: &str = "text that begins with = + - @ tab, line end or NUL has a ' put before it here, \
                       because spreadsheets run such text; the JSONL export is the exact record";

impl Csv {
    pub(crate) fn begin(about: &About, columns: &[&str]) -> Self {
        let mut file = Self { out: Vec::new() };
        for column in columns {
            file.field(column);
            file.out.push(b',');
        }
        file.field(&format!("{}; {ALTERED}", about.sentence()));
        file.out.extend_from_slice(b"\r\n");
        file
    }

    pub(crate) fn row(&mut self, cells: &[Cell<'_>]) {
        for cell in cells {
            if let Some(text) = cell.written() {
                if !cell.is_number() && runs(&text) {
                    self.field(&format!("'{text}"));
                } else {
                    self.field(&text);
                }
            }
            // Also after the last: the column that is named by what the file is.
            self.out.push(b',');
        }
        self.out.extend_from_slice(b"\r\n");
    }

    pub(crate) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    fn field(&mut self, text: &str) {
        let plain = !text.contains(['"', ',', ';', '\r', '\n', '\t']);
        let edged = text.starts_with(' ') || text.ends_with(' ');
        if plain && !edged {
            self.out.extend_from_slice(text.as_bytes());
            return;
        }
        self.out.push(b'"');
        self.out.extend_from_slice(text.replace('"', "\"\"").as_bytes());
        self.out.push(b'"');
    }
}

/// Whether a spreadsheet may take the text for a formula. The wide forms of the signs are read as
/// the signs where such forms are usual.
fn runs(text: &str) -> bool {
    const SIGNS: [char; 12] = [
        '=', '+', '-', '@', '\t', '\r', '\n', '\0', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
    ];
    text.starts_with(SIGNS)
}

#[cfg(test)]
mod tests {
    use domain::export::ListName;

    use super::*;

    fn about() -> About {
        About {
            list: ListName::Runs,
            filter: "status=failed".into(),
            workspace: ("wsp_1".into(), "=North, \"Branch\"".into()),
            by: (None, "the host".into()),
            at: domain::Timestamp::UNIX_EPOCH,
        }
    }

    fn rows(cells: &[&[Cell<'_>]]) -> Vec<Vec<String>> {
        let mut file = Csv::begin(&about(), &["a", "b"]);
        cells.iter().for_each(|row| file.row(row));
        let text = file.take();
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(&text[..]);
        let row =
            |row: Result<csv::StringRecord, _>| row.unwrap().iter().map(str::to_owned).collect();
        reader.records().map(row).collect()
    }

    #[test]
    fn text_that_a_spreadsheet_would_run_is_disarmed_and_our_numbers_are_not() {
        for text in ["=cmd()", "+1", "-1", "@x", "\tx", "\rx", "\nx", "\0x", "\u{ff1d}x"] {
            let found = rows(&[&[Cell::text(text), Cell::Number(-1)]]);
            assert_eq!(found[1], [format!("'{text}"), "-1".to_owned(), String::new()]);
        }
        let plain = rows(&[&[Cell::text("a=b"), Cell::text("'x")]]);
        assert_eq!(plain[1][..2], ["a=b", "'x"]);
    }

    #[test]
    fn whatever_stands_in_a_field_is_read_back_as_one_field() {
        for text in ["a,b", "a\"b", "a\r\nb", " a ", "a;=cmd()", "", "\u{202e}txt", "é"] {
            assert_eq!(rows(&[&[Cell::text(text), Cell::Empty]])[1][0], text);
        }
    }

    #[test]
    fn the_name_of_the_last_column_says_what_the_file_is() {
        let head = rows(&[]).remove(0);
        assert_eq!(head[..2], ["a", "b"]);
        for words in ["The list runs of workspace =North", "status=failed", "the JSONL export"] {
            assert!(head[2].contains(words), "{}", head[2]);
        }
    }
}
