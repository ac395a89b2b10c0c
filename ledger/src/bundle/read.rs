//! Reading a bundle with distrust: nothing is unpacked, nothing is read whole that can be long.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
    rc::Rc,
};

use zip::{CompressionMethod, ZipArchive, read::ZipFile};

use super::{BundleError, MAX_FILES, is_safe};

/// The longest file that is read whole, in bytes.
const SMALL: u64 = 16 << 20;

/// The longest line, in bytes.
pub(crate) const MAX_LINE: u64 = 64 << 20;

/// One place in a reader that several share, so that two files of a bundle can be read side by side.
pub(crate) struct Shared<R> {
    reader: Rc<RefCell<R>>,
    position: u64,
}

// Not derived: the reader itself need not be `Clone`.
impl<R> Clone for Shared<R> {
    fn clone(&self) -> Self {
        Self { reader: Rc::clone(&self.reader), position: self.position }
    }
}

impl<R: Read + Seek> Read for Shared<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut reader = self.reader.borrow_mut();
        reader.seek(SeekFrom::Start(self.position))?;
        let read = reader.read(buffer)?;
        self.position += read as u64;
        Ok(read)
    }
}

impl<R: Read + Seek> Seek for Shared<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.position = match to {
            SeekFrom::Start(position) => position,
            SeekFrom::End(_) => self.reader.borrow_mut().seek(to)?,
            SeekFrom::Current(by) => self
                .position
                .checked_add_signed(by)
                .ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?,
        };
        Ok(self.position)
    }
}

/// A view of the zip file with a place of its own.
pub(crate) type Archive<R> = ZipArchive<Shared<R>>;

/// An opened bundle whose list of files is sound.
pub struct Bundle<R> {
    archive: Archive<R>,
    names: BTreeMap<String, usize>,
}

impl<R: Read + Seek> Bundle<R> {
    /// Opens a bundle and checks its list of files: plain names, each once, nothing hidden between or
    /// around the files, no links, no encryption.
    pub fn open(reader: R) -> Result<Self, BundleError> {
        let shared = Shared { reader: Rc::new(RefCell::new(reader)), position: 0 };
        let mut archive = ZipArchive::new(shared)?;
        let broken = |problem: &str| BundleError::malformed("the zip file", problem);
        if archive.offset() != 0 || !archive.comment().is_empty() {
            return Err(broken("has something before or after its files"));
        }
        if archive.len() > MAX_FILES {
            return Err(BundleError::TooManyFiles);
        }
        archive.validate_header_consistency()?;
        let (mut names, mut folded) = (BTreeMap::new(), BTreeSet::new());
        for index in 0..archive.len() {
            let entry = archive.by_index_data(index)?;
            let name = entry.name()?.into_owned();
            if !is_safe(&name) || !folded.insert(name.to_ascii_lowercase()) {
                return Err(BundleError::Name(name));
            }
            let known = matches!(
                entry.compression(),
                CompressionMethod::Stored | CompressionMethod::Deflated
            );
            if !entry.is_file() || entry.is_symlink() || entry.encrypted() || !known {
                return Err(BundleError::malformed(&name, "is not a plain file"));
            }
            names.insert(name, index);
        }
        Ok(Self { archive, names })
    }

    /// The names of all files, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.keys().map(String::as_str)
    }

    /// Is there such a file?
    pub fn has(&self, name: &str) -> bool {
        self.names.contains_key(name)
    }

    /// A view to read a file through, side by side with others.
    pub(crate) fn view(&self) -> Archive<R> {
        self.archive.clone()
    }

    /// A file as a stream.
    pub(crate) fn file<'a>(
        &self,
        view: &'a mut Archive<R>,
        name: &str,
    ) -> Result<Option<ZipFile<'a, Shared<R>>>, BundleError> {
        let Some(index) = self.names.get(name) else { return Ok(None) };
        Ok(Some(view.by_index(*index)?))
    }

    /// A file that must be there, line by line.
    pub(crate) fn lines<'a>(
        &self,
        view: &'a mut Archive<R>,
        name: &str,
    ) -> Result<Lines<'a, R>, BundleError> {
        let file = self.file(view, name)?;
        Ok(Lines { file: file.map(BufReader::new), name: name.to_owned(), line: Vec::new() })
    }

    /// A short file, whole.
    pub fn small(&self, name: &str) -> Result<Option<Vec<u8>>, BundleError> {
        let mut view = self.view();
        let Some(file) = self.file(&mut view, name)? else { return Ok(None) };
        let mut bytes = Vec::new();
        file.take(SMALL + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > SMALL {
            return Err(BundleError::malformed(name, "is too long"));
        }
        Ok(Some(bytes))
    }

    /// A short file that must be there.
    pub(crate) fn required(&self, name: &str) -> Result<Vec<u8>, BundleError> {
        self.small(name)?.ok_or_else(|| BundleError::malformed(name, "is missing"))
    }
}

/// The lines of a file; none if the file is not there.
pub(crate) struct Lines<'a, R: Read + Seek> {
    file: Option<BufReader<ZipFile<'a, Shared<R>>>>,
    name: String,
    line: Vec<u8>,
}

impl<R: Read + Seek> Lines<'_, R> {
    /// The next line without its line feed. The last one may lack it: what was cut off shows in
    /// the digests.
    pub(crate) fn next(&mut self) -> Result<Option<&[u8]>, BundleError> {
        let Some(file) = &mut self.file else { return Ok(None) };
        self.line.clear();
        let read = file.by_ref().take(MAX_LINE + 1).read_until(b'\n', &mut self.line)?;
        if read as u64 > MAX_LINE {
            return Err(BundleError::malformed(&self.name, "has a line that is too long"));
        }
        if self.line.last() == Some(&b'\n') {
            self.line.pop();
        }
        Ok((read > 0).then_some(self.line.as_slice()))
    }
}
