//! A file of records in parts, read on a thread that may wait for the disk, never far ahead of whoever
//! stores them.

use domain::canonical;
use tokio::{sync::mpsc, task::JoinHandle};

use super::{
    file::{Read, Row},
    import::RecordFile,
};
use crate::services::ServiceError;

/// The most records of a part.
const MOST: usize = 1_000;

/// A part ends with the record that fills it, in bytes.
const FULL: usize = 4 * 1024 * 1024;

/// Records that stand one after the other.
#[derive(Debug)]
pub(super) struct Part {
    pub rows: Vec<Row>,
    /// How many came before them, and how many with them.
    pub lines: [u64; 2],
}

/// A file that is being read.
pub(super) struct Parts {
    parts: mpsc::Receiver<Part>,
    reading: JoinHandle<Read>,
}

impl Parts {
    pub fn of(file: RecordFile, source: impl std::io::Read + Send + 'static) -> Self {
        let (send, parts) = mpsc::channel(1);
        let reading = tokio::task::spawn_blocking(move || {
            let (mut rows, mut bytes, mut handed) = (Vec::new(), 0, 0);
            let mut hand_on = |rows: &mut Vec<Row>| {
                let (rows, from) = (std::mem::take(rows), handed);
                handed += rows.len() as u64;
                rows.is_empty() || send.blocking_send(Part { rows, lines: [from, handed] }).is_ok()
            };
            let read = file.read(source, &mut |row| {
                bytes += canonical::text(&row.attributes).len();
                rows.push(row);
                if rows.len() < MOST && bytes < FULL {
                    return true;
                }
                bytes = 0;
                hand_on(&mut rows)
            });
            hand_on(&mut rows);
            read
        });
        Self { parts, reading }
    }

    /// The next part; `None` once the file was read.
    pub async fn next(&mut self) -> Option<Part> {
        self.parts.recv().await
    }

    /// What was found beside its records.
    pub async fn end(self) -> Result<Read, ServiceError> {
        self.reading.await.map_err(|error| ServiceError::invalid("file", error))
    }
}
