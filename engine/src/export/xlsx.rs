//! XLSX, packed as it is written: one sheet of rows and one that says what the file is.
//!
//! Every text is an inline string, which a spreadsheet never runs, and the file has no formulas.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions, write::StreamWriter};

use super::{About, Cell, xml};

/// The most rows of a list that fit below the head of a sheet.
pub(crate) const MOST_ROWS: usize = 1_048_575;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const DOCUMENT: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// A file being written.
pub(crate) struct Xlsx {
    zip: ZipWriter<StreamWriter<Packed>>,
    packed: Packed,
    about: About,
    rows: usize,
    /// The row that is being written, kept for its memory.
    line: String,
}

impl Xlsx {
    pub(crate) fn begin(about: About, columns: &[&str]) -> io::Result<Self> {
        let packed = Packed::default();
        let zip = ZipWriter::new_stream(packed.clone());
        let mut file = Self { zip, packed, about, rows: 0, line: String::new() };
        file.fixed_parts()?;
        file.part("xl/worksheets/sheet1.xml")?;
        file.begin_sheet()?;
        let names: Vec<_> = columns.iter().map(|name| Cell::text(name)).collect();
        file.line(1, &names)?;
        Ok(file)
    }

    pub(crate) fn row(&mut self, cells: &[Cell<'_>]) -> io::Result<()> {
        if self.rows == MOST_ROWS {
            return Err(io::Error::other("a sheet holds no more rows"));
        }
        self.rows += 1;
        self.line(self.rows + 1, cells)
    }

    pub(crate) fn end(&mut self) -> io::Result<()> {
        self.zip.write_all(b"</sheetData></worksheet>")?;
        self.part("xl/worksheets/sheet2.xml")?;
        self.begin_sheet()?;
        self.line(1, &[Cell::text("what"), Cell::text("is")])?;
        let facts = self.about.facts();
        for (at, (name, fact)) in facts.iter().enumerate() {
            self.line(at + 2, &[Cell::text(name), Cell::text(fact)])?;
        }
        let rows = Cell::Number(i64::try_from(self.rows).unwrap_or(i64::MAX));
        self.line(facts.len() + 2, &[Cell::text("rows"), rows])?;
        self.zip.write_all(b"</sheetData></worksheet>")?;
        // Writes the directory; the writer ends here whatever it is asked later.
        let ended = std::mem::replace(&mut self.zip, ZipWriter::new_stream(Packed::default()));
        ended.finish().map(drop).map_err(io::Error::from)
    }

    pub(crate) fn take(&mut self) -> Vec<u8> {
        self.packed.take()
    }

    fn part(&mut self, name: &str) -> io::Result<()> {
        // The fastest level: rows are repetitive, and whoever waits for them is somebody.
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(1));
        self.zip.start_file(name, options).map_err(io::Error::from)
    }

    fn fixed_parts(&mut self) -> io::Result<()> {
        let list = self.about.list;
        let parts = [
            ("[Content_Types].xml", content_types()),
            ("_rels/.rels", relations(&[("officeDocument", "xl/workbook.xml")])),
            (
                "xl/workbook.xml",
                format!(
                    "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{DOCUMENT}\"><bookViews><workbookView/>\
                     </bookViews><sheets><sheet name=\"{list}\" sheetId=\"1\" r:id=\"rId1\"/>\
                     <sheet name=\"About\" sheetId=\"2\" r:id=\"rId2\"/></sheets></workbook>"
                ),
            ),
            (
                "xl/_rels/workbook.xml.rels",
                relations(&[
                    ("worksheet", "worksheets/sheet1.xml"),
                    ("worksheet", "worksheets/sheet2.xml"),
                ]),
            ),
        ];
        for (name, text) in parts {
            self.part(name)?;
            self.zip.write_all(HEAD.as_bytes())?;
            self.zip.write_all(text.as_bytes())?;
        }
        Ok(())
    }

    /// The head row stays in sight.
    fn begin_sheet(&mut self) -> io::Result<()> {
        write!(
            self.zip,
            "{HEAD}<worksheet xmlns=\"{MAIN}\"><sheetViews><sheetView workbookViewId=\"0\">\
             <pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/>\
             </sheetView></sheetViews><sheetData>"
        )
    }

    fn line(&mut self, number: usize, cells: &[Cell<'_>]) -> io::Result<()> {
        use std::fmt::Write as _;
        self.line.clear();
        // Writing to a String cannot fail.
        let _ = write!(self.line, "<row r=\"{number}\">");
        for (at, cell) in cells.iter().enumerate() {
            let Some(text) = cell.written() else { continue };
            let column = column(at);
            if cell.is_number() {
                let _ = write!(self.line, "<c r=\"{column}{number}\"><v>{text}</v></c>");
                continue;
            }
            let _ = write!(
                self.line,
                "<c r=\"{column}{number}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">"
            );
            xml::push(&mut self.line, &xml::fitting(&text));
            self.line.push_str("</t></is></c>");
        }
        self.line.push_str("</row>");
        self.zip.write_all(self.line.as_bytes())
    }
}

/// The letters of a column.
fn column(at: usize) -> String {
    let letter = |n: usize| char::from(b'A' + u8::try_from(n % 26).unwrap_or(0));
    match at.checked_sub(26) {
        None => letter(at).to_string(),
        Some(rest) => format!("{}{}", letter(rest / 26), letter(at)),
    }
}

fn content_types() -> String {
    const OFFICE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    let part = |name: &str, kind: &str| {
        format!("<Override PartName=\"/xl/{name}.xml\" ContentType=\"{OFFICE}.{kind}+xml\"/>")
    };
    format!(
        "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
         <Default Extension=\"rels\" \
         ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/>{}{}{}</Types>",
        part("workbook", "sheet.main"),
        part("worksheets/sheet1", "worksheet"),
        part("worksheets/sheet2", "worksheet"),
    )
}

fn relations(targets: &[(&str, &str)]) -> String {
    let one = |(at, (kind, target)): (usize, &(&str, &str))| {
        let id = at + 1;
        format!("<Relationship Id=\"rId{id}\" Type=\"{DOCUMENT}/{kind}\" Target=\"{target}\"/>")
    };
    let all: String = targets.iter().enumerate().map(one).collect();
    format!("<Relationships xmlns=\"{RELATIONS}\">{all}</Relationships>")
}

/// Packed bytes that nobody has taken yet, shared with the writer that packs.
#[derive(Debug, Clone, Default)]
struct Packed(Arc<Mutex<Vec<u8>>>);

impl Packed {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Packed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read as _};

    use domain::{Timestamp, export::ListName};
    use zip::ZipArchive;

    use super::*;

    fn part(archive: &mut ZipArchive<Cursor<Vec<u8>>>, name: &str) -> String {
        let mut text = String::new();
        archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    fn about() -> About {
        About {
            list: ListName::Records,
            filter: "kind=account".into(),
            workspace: ("wsp_1".into(), "=HYPERLINK(\"x\")".into()),
            by: (None, "the host".into()),
            at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_row_too_many_is_refused_rather_than_left_out() {
        let mut file = Xlsx::begin(about(), &["key"]).unwrap();
        file.rows = MOST_ROWS - 1;
        file.row(&[Cell::text("the last")]).unwrap();
        assert!(file.row(&[Cell::text("one too many")]).is_err());
    }

    #[test]
    fn what_was_taken_bit_by_bit_is_one_archive_with_every_part() {
        let mut file = Xlsx::begin(about(), &["key", "n"]).unwrap();
        let mut bytes = file.take();
        for n in 0..5_000 {
            file.row(&[Cell::text("=cmd()</t>"), Cell::Number(n)]).unwrap();
            bytes.append(&mut file.take());
        }
        file.end().unwrap();
        bytes.append(&mut file.take());

        let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
        let sheet = part(&mut archive, "xl/worksheets/sheet1.xml");
        assert_eq!(sheet.matches("<row ").count(), 5_001);
        let row = "<row r=\"5001\"><c r=\"A5001\" t=\"inlineStr\"><is><t xml:space=\"preserve\">\
                   =cmd()&lt;/t&gt;</t></is></c><c r=\"B5001\"><v>4999</v></c></row>";
        assert!(sheet.contains(row));
        assert!(!sheet.contains("<f"), "no formulas");
        let said = part(&mut archive, "xl/worksheets/sheet2.xml");
        for words in ["kind=account", "=HYPERLINK(&quot;x&quot;)", "<v>5000</v>"] {
            assert!(said.contains(words), "{said}");
        }
        assert_eq!(archive.len(), 6);
    }

    #[test]
    fn columns_are_lettered_as_in_a_spreadsheet() {
        assert_eq!([0, 25, 26, 51, 52].map(column), ["A", "Z", "AA", "AZ", "BA"]);
    }
}
