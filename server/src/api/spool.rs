//! Bodies that are too long for memory: they are laid down in a file that has no name and goes with the
//! request, so that they can be known by their digest before anything is done.

use std::{
    fs::File,
    io::{self, Seek as _, Write as _},
    sync::Arc,
    time::Duration,
};

use axum::body::Body;
use domain::canonical::Running;
use futures::StreamExt as _;
use http::StatusCode;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

use super::problem::Problem;

/// So many lie there at once.
static ROOM: Semaphore = Semaphore::const_new(4);

/// The longest pause of whoever sends.
const PATIENCE: Duration = Duration::from_secs(30);

/// A body in a file.
#[derive(Debug, Clone)]
pub struct Spooled(Arc<Laid>);

#[derive(Debug)]
struct Laid {
    file: File,
    /// Hexadecimal SHA-256.
    digest: String,
    _room: SemaphorePermit<'static>,
}

impl Spooled {
    /// Lays a body down.
    pub async fn of(body: Body, limit: usize) -> Result<Self, Problem> {
        let room = ROOM.try_acquire().map_err(|_| busy())?;
        let (mut file, mut length) = (tempfile::tempfile().map_err(Problem::internal)?, 0);
        let (mut digest, mut parts) = (Running::default(), body.into_data_stream());
        while let Some(part) = timeout(PATIENCE, parts.next()).await.map_err(|_| broke_off())? {
            let part = part.map_err(|_| broke_off())?;
            length += part.len();
            if length > limit {
                return Err(Problem::too_large(limit));
            }
            digest.add(&part);
            let written = tokio::task::spawn_blocking(move || file.write_all(&part).map(|()| file));
            file = written.await.map_err(Problem::internal)?.map_err(Problem::internal)?;
        }
        Ok(Self(Arc::new(Laid { file, digest: digest.end(), _room: room })))
    }

    pub fn digest(&self) -> &str {
        &self.0.digest
    }

    /// The body, from its beginning.
    pub fn open(&self) -> io::Result<Reader> {
        let mut file = self.0.file.try_clone()?;
        file.rewind()?;
        Ok(Reader { file, _laid: self.clone() })
    }
}

/// Reads a body, and keeps its room until that is done.
#[derive(Debug)]
pub struct Reader {
    file: File,
    _laid: Spooled,
}

impl io::Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read(buffer)
    }
}

impl io::Seek for Reader {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

fn broke_off() -> Problem {
    Problem::body("#", "it broke off")
}

fn busy() -> Problem {
    let detail = "Several large files are being taken in; send it again in a moment.";
    let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "busy", detail);
    Problem { retry_after: Some(10), ..problem }
}
