//! Writing a bundle as a stream: constant memory, and the same bytes for the same contents.

use std::{
    collections::VecDeque,
    io::{self, Seek, Write},
};

use sha2::{Digest, Sha256};
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

use super::{BundleError, MAX_FILES, Manifest, consistency_text, is_safe, name};
use crate::{Checkpoint, Hash, VerifierKey, payload::PayloadLine, text::hex};

/// Quick enough not to hold up an export, and most of what is to be saved is saved.
const LEVEL: i64 = 3;

/// How much is gathered before it is hashed and compressed.
const BUFFER: usize = 64 * 1024;

const FILES: [(&str, &str); 5] = [
    ("leaves.py", include_str!("../../bundle/leaves.py")),
    ("payloads.py", include_str!("../../bundle/payloads.py")),
    ("proofs.py", include_str!("../../bundle/proofs.py")),
    ("root.py", include_str!("../../bundle/root.py")),
    ("verify.sh", include_str!("../../bundle/verify.sh")),
];

/// An earlier checkpoint, and the proof that the log grew out of it.
#[derive(Debug, Clone, Copy)]
pub struct Previous<'a> {
    /// The signed checkpoint, byte for byte.
    pub checkpoint: &'a str,
    /// The consistency proof from there to the bundle's checkpoint.
    pub proof: &'a [Hash],
}

/// What is known before the first row is read.
#[derive(Debug, Clone, Copy)]
pub struct Cover<'a> {
    pub manifest: &'a Manifest,
    /// The keys of the log, newest first.
    pub keys: &'a [VerifierKey],
    /// The signed checkpoint, byte for byte.
    pub checkpoint: &'a str,
    pub previous: Option<Previous<'a>>,
    /// A time-stamp response over the checkpoint's bytes (DER).
    pub timestamp: Option<&'a [u8]>,
}

/// Writes a bundle: [`BundleWriter::start`] a file, write into it, start the next one in the order of
/// names (byte by byte), and [`BundleWriter::finish`]. Files that every bundle has come by themselves.
pub struct BundleWriter<W: Write + Seek> {
    zip: ZipWriter<W>,
    /// Files known from the beginning and not written yet, in order.
    waiting: VecDeque<(String, Vec<u8>)>,
    current: Option<(String, Sha256)>,
    buffer: Vec<u8>,
    digests: Vec<(String, Hash)>,
}

impl<W: Write + Seek> BundleWriter<W> {
    /// Begins a bundle.
    pub fn new(out: W, cover: &Cover<'_>) -> Result<Self, BundleError> {
        let mut waiting = fixed_files(cover)?;
        waiting.sort();
        Ok(Self {
            zip: ZipWriter::new(out),
            waiting: waiting.into(),
            current: None,
            buffer: Vec::with_capacity(BUFFER),
            digests: Vec::new(),
        })
    }

    /// Begins a file; what is written from here goes into it.
    pub fn start(&mut self, name: &str) -> Result<(), BundleError> {
        if !is_safe(name) {
            return Err(BundleError::Name(name.to_owned()));
        }
        while let Some((file, bytes)) = self.waiting.pop_front_if(|(file, _)| file.as_str() < name)
        {
            self.begin(&file)?;
            self.write_all(&bytes)?;
        }
        if self.waiting.front().is_some_and(|(file, _)| file == name) || name == name::DIGESTS {
            return Err(BundleError::Order(name.to_owned()));
        }
        self.begin(name)
    }

    /// Writes the payload of an entry into `payloads.jsonl`, which must have been started.
    pub fn payload(&mut self, seq: u64, salt: &[u8; 32], payload: &str) -> Result<(), BundleError> {
        serde_json::to_writer(&mut *self, &PayloadLine::new(seq, salt, payload))
            .map_err(io::Error::from)?;
        Ok(self.write_all(b"\n")?)
    }

    /// Writes the rest and the digests, and gives the output back.
    pub fn finish(mut self) -> Result<W, BundleError> {
        while let Some((file, bytes)) = self.waiting.pop_front() {
            self.begin(&file)?;
            self.write_all(&bytes)?;
        }
        self.end_file()?;
        let lines: String =
            self.digests.iter().map(|(file, hash)| format!("{}  {file}\n", hex(hash))).collect();
        self.zip.start_file(name::DIGESTS, options(name::DIGESTS))?;
        self.zip.write_all(lines.as_bytes())?;
        Ok(self.zip.finish()?)
    }

    fn begin(&mut self, name: &str) -> Result<(), BundleError> {
        self.end_file()?;
        if self.digests.last().is_some_and(|(last, _)| last.as_str() >= name) {
            return Err(BundleError::Order(name.to_owned()));
        }
        if self.digests.len() + 1 >= MAX_FILES {
            return Err(BundleError::TooManyFiles);
        }
        self.zip.start_file(name, options(name))?;
        self.current = Some((name.to_owned(), Sha256::new()));
        Ok(())
    }

    fn end_file(&mut self) -> Result<(), BundleError> {
        self.drain()?;
        if let Some((name, hash)) = self.current.take() {
            self.digests.push((name, hash.finalize().into()));
        }
        Ok(())
    }

    fn drain(&mut self) -> io::Result<()> {
        if let Some((_, hash)) = &mut self.current {
            hash.update(&self.buffer);
            self.zip.write_all(&self.buffer)?;
        }
        self.buffer.clear();
        Ok(())
    }
}

impl<W: Write + Seek> Write for BundleWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.current.is_none() {
            return Err(io::Error::other("no file of the bundle was started"));
        }
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= BUFFER {
            self.drain()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.drain()
    }
}

/// The same for every file, so that the same contents give the same bytes. Sizes are not known
/// beforehand, so all files are written in the form that has no limit.
fn options(name: &str) -> SimpleFileOptions {
    let mode = if name.ends_with(".sh") { 0o755 } else { 0o644 };
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(LEVEL))
        .last_modified_time(DateTime::DEFAULT)
        .unix_permissions(mode)
        .large_file(true)
}

fn fixed_files(cover: &Cover<'_>) -> Result<Vec<(String, Vec<u8>)>, BundleError> {
    let keys: String = cover.keys.iter().map(|key| format!("{key}\n")).collect();
    let mut files: Vec<(String, Vec<u8>)> =
        FILES.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
    let mut add = |name: &str, bytes: Vec<u8>| files.push((name.to_owned(), bytes));
    add("VERIFY.md", instructions(cover)?.into_bytes());
    add(name::CHECKPOINT, cover.checkpoint.as_bytes().to_vec());
    add(name::KEYS, keys.into_bytes());
    add(name::MANIFEST, cover.manifest.to_json()?);
    if let Some(token) = cover.timestamp {
        add(name::TIMESTAMP, token.to_vec());
    }
    if let Some(previous) = cover.previous {
        let old = parsed(name::PREVIOUS, previous.checkpoint)?.size;
        add(name::PREVIOUS, previous.checkpoint.as_bytes().to_vec());
        add(name::CONSISTENCY, consistency_text(old, previous.proof).into_bytes());
    }
    Ok(files)
}

/// `VERIFY.md`, with the particulars of this bundle.
fn instructions(cover: &Cover<'_>) -> Result<String, BundleError> {
    let size = parsed(name::CHECKPOINT, cover.checkpoint)?.size;
    Ok(include_str!("../../bundle/README.md")
        .replace("{origin}", &cover.manifest.origin)
        .replace("{from}", &cover.manifest.from)
        .replace("{until}", &cover.manifest.until)
        .replace("{size}", &size.to_string()))
}

fn parsed(file: &str, checkpoint: &str) -> Result<Checkpoint, BundleError> {
    let read = Checkpoint::parse(checkpoint.as_bytes());
    Ok(read.map_err(|error| BundleError::malformed(file, error.to_string()))?.0)
}
