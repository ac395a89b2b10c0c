//! The file being written: compressed on a thread of its own, under a name that nobody looks for, and
//! given its own name when it is whole and on the disk.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use domain::canonical;
use ledger::{
    Hash, VerifierKey,
    bundle::{BundleError, BundleWriter, Cover, Manifest, Previous},
};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use tokio::{sync::mpsc, task::JoinHandle};

/// How many pieces may wait for the thread that compresses.
const WAITING: usize = 4;

/// What a bundle carries besides its rows, as its own.
#[derive(Debug, Clone)]
pub(super) struct Papers {
    pub manifest: Manifest,
    pub keys: Vec<VerifierKey>,
    pub checkpoint: String,
    pub previous: Option<(String, Vec<Hash>)>,
    pub timestamp: Option<Vec<u8>>,
}

enum Piece {
    Start(String),
    Bytes(Vec<u8>),
    End,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    /// In bytes.
    pub size: u64,
    /// Hexadecimal SHA-256.
    pub digest: String,
}

/// A bundle being written.
pub(super) struct Sink {
    pieces: mpsc::Sender<Piece>,
    buffer: Vec<u8>,
    thread: JoinHandle<Result<Option<Written>, BundleError>>,
}

impl Sink {
    /// Begins a file that will be called `path`.
    pub(super) fn create(path: PathBuf, papers: Papers) -> Self {
        let (pieces, received) = mpsc::channel(WAITING);
        let thread = tokio::task::spawn_blocking(move || write(&path, &papers, received));
        Self { pieces, buffer: Vec::new(), thread }
    }

    /// Begins a file inside the bundle.
    pub(super) async fn start(&mut self, name: impl Into<String>) -> Result<(), BundleError> {
        self.flush().await?;
        self.send(Piece::Start(name.into())).await
    }

    /// Adds a row: one line of JSON.
    pub(super) fn line(&mut self, row: &impl Serialize) -> Result<(), BundleError> {
        serde_json::to_writer(&mut self.buffer, row).map_err(io::Error::from)?;
        self.buffer.push(b'\n');
        Ok(())
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Hands on what was added. To be called often: what was not handed on is in memory.
    pub(super) async fn flush(&mut self) -> Result<(), BundleError> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let bytes = std::mem::take(&mut self.buffer);
        self.send(Piece::Bytes(bytes)).await
    }

    /// Ends the bundle. Dropped without, it leaves nothing behind.
    pub(super) async fn finish(mut self) -> Result<Written, BundleError> {
        self.flush().await?;
        self.send(Piece::End).await?;
        ended(&mut self.thread).await?.ok_or_else(given_up)
    }

    async fn send(&mut self, piece: Piece) -> Result<(), BundleError> {
        if self.pieces.send(piece).await.is_ok() {
            return Ok(());
        }
        // The thread is gone: it knows why.
        ended(&mut self.thread).await?;
        Err(given_up())
    }
}

async fn ended(
    thread: &mut JoinHandle<Result<Option<Written>, BundleError>>,
) -> Result<Option<Written>, BundleError> {
    thread.await.unwrap_or_else(|error| Err(io::Error::other(error).into()))
}

fn given_up() -> BundleError {
    io::Error::other("the writing was given up").into()
}

/// Writes what it is sent; answers with nothing if the sender went away before the end.
fn write(
    path: &Path,
    papers: &Papers,
    mut received: mpsc::Receiver<Piece>,
) -> Result<Option<Written>, BundleError> {
    let partial = path.with_extension("part");
    let written = write_partial(&partial, papers, &mut received);
    if matches!(written, Ok(true)) {
        let written = describe(&partial)?;
        fs::rename(&partial, path)?;
        sync_directory(path)?;
        return Ok(Some(written));
    }
    // It may not exist at all; what matters is that no half of a file stays.
    let _ = fs::remove_file(&partial);
    written.map(|_| None)
}

fn write_partial(
    partial: &Path,
    papers: &Papers,
    received: &mut mpsc::Receiver<Piece>,
) -> Result<bool, BundleError> {
    let previous = papers.previous.as_ref();
    let cover = Cover {
        manifest: &papers.manifest,
        keys: &papers.keys,
        checkpoint: &papers.checkpoint,
        previous: previous.map(|(checkpoint, proof)| Previous { checkpoint, proof }),
        timestamp: papers.timestamp.as_deref(),
    };
    let mut bundle = BundleWriter::new(create(partial)?, &cover)?;
    loop {
        match received.blocking_recv() {
            Some(Piece::Start(name)) => bundle.start(&name)?,
            Some(Piece::Bytes(bytes)) => bundle.write_all(&bytes)?,
            Some(Piece::End) => break,
            None => return Ok(false),
        }
    }
    bundle.finish()?.sync_all()?;
    Ok(true)
}

/// Nobody but the one who runs the server may read it: payloads hold personal data.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn describe(path: &Path) -> io::Result<Written> {
    let (mut file, mut hash, mut size) = (File::open(path)?, Sha256::new(), 0);
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(Written { size, digest: canonical::hex(&hash.finalize()) });
        }
        hash.update(&buffer[..read]);
        size += read as u64;
    }
}

/// A new name survives a crash once its directory is on the disk.
fn sync_directory(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(directory) = path.parent() {
        File::open(directory)?.sync_all()?;
    }
    Ok(())
}
