//! The part of a bundle that proves the rest: entries, the hashes before them, payloads, and a proof
//! for every run.

use std::ops::Range;

use domain::id::RunId;
use ledger::{payload::PayloadLine, removed::RemovedLine};

use super::{
    Maker,
    fault::Fault,
    scope::{ROWS, Scope},
};
use crate::store::{LogLine, Store, StoreError, place};

/// Of a log that has more entries before the period, the bundle carries their hashes only.
const WHOLE_LOG: u64 = 100_000;

/// More runs than this get no proof of their own: each is a file, and whoever unpacks the bundle keeps
/// the list of files in memory. Their entries are in the bundle all the same.
const MOST_PROOFS: usize = 40_000;

/// How many entries are looked at together while the period is searched for.
const SEARCH: u64 = 20_000;

/// Where the period lies in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Places {
    /// The first entry of the period.
    pub first: u64,
    /// The first one after it.
    pub end: u64,
    /// The first one whose line is in the bundle.
    pub lines_from: u64,
    /// Entries under the checkpoint.
    pub size: u64,
}

impl Places {
    /// A period without entries stands at the end of the log.
    pub(super) fn new(bounds: Option<(u64, u64)>, size: u64) -> Self {
        let (first, end) = bounds.map_or((size, size), |(first, last)| (first, last + 1));
        let lines_from = if first > WHOLE_LOG { first } else { 0 };
        Self { first, end, lines_from, size }
    }

    /// The entries of the period, in windows that are read together.
    pub(super) fn windows(self) -> impl Iterator<Item = Range<i64>> {
        windows(self.first..self.end, ROWS.unsigned_abs())
    }
}

fn windows(places: Range<u64>, width: u64) -> impl Iterator<Item = Range<i64>> {
    let end = places.end;
    let step = usize::try_from(width).unwrap_or(usize::MAX);
    places.step_by(step).map(move |from| place(from)..place(end.min(from + width)))
}

impl Maker {
    /// `entries.jsonl`, and `hashes.bin` for what lies before its first line.
    pub(super) async fn entries(&mut self, places: Places) -> Result<(), Fault> {
        self.sink.start("entries.jsonl").await?;
        let (mut at, mut removed) = (places.lines_from, false);
        while at < places.size {
            let lines = self.log_page(at, places.size).await?;
            for line in &lines {
                match &line.leaf {
                    Some(leaf) => {
                        self.sink.bytes(leaf.as_bytes());
                        self.sink.bytes(b"\n");
                    }
                    None => self.sink.line(&RemovedLine::new(line.seq, &line.stored))?,
                }
            }
            removed |= lines.iter().any(|line| line.leaf.is_none());
            at += lines.len() as u64;
            self.page(lines.len()).await?;
        }
        // What says that they were removed must be under the checkpoint, too.
        if removed && self.removed_until().await? > places.size {
            return Err(Fault::Moved);
        }
        if places.lines_from == 0 {
            return Ok(());
        }
        self.sink.start("hashes.bin").await?;
        let mut at = 0;
        while at < places.lines_from {
            let lines = self.log_page(at, places.lines_from).await?;
            lines.iter().for_each(|line| self.sink.bytes(&line.stored));
            at += lines.len() as u64;
            self.page(0).await?;
        }
        Ok(())
    }

    async fn removed_until(&self) -> Result<u64, StoreError> {
        self.store().read().await?.removed_until(self.scope.workspace).await
    }

    /// A page of the log that begins at `from`.
    async fn log_page(&self, from: u64, until: u64) -> Result<Vec<LogLine>, StoreError> {
        let (workspace, limit) = (self.scope.workspace, ROWS.unsigned_abs().min(until - from));
        let lines = self.store().read().await?.log_lines(workspace, from, limit).await?;
        let in_place = lines.iter().zip(from..).take_while(|(line, seq)| line.seq == *seq).count();
        if in_place == 0 || in_place < lines.len() {
            return Err(StoreError::Inconsistent {
                table: "audit_entry",
                column: "seq",
                message: format!("entry {} is missing", from + in_place as u64),
            });
        }
        Ok(lines)
    }

    /// `payloads.jsonl`: those of the period that nobody erased.
    pub(super) async fn payloads(&mut self, places: Places) -> Result<(), Fault> {
        self.sink.start("payloads.jsonl").await?;
        for window in places.windows() {
            let width = window.end - window.start;
            let (workspace, chosen) = (self.scope.workspace, &self.scope.chosen);
            let mut session = self.store().read().await?;
            let payloads = session.log_payloads(workspace, window, chosen).await?;
            drop(session);
            for (seq, salt, payload) in &payloads {
                let salt = salt.as_slice().try_into().map_err(|_| StoreError::Inconsistent {
                    table: "audit_payload",
                    column: "salt",
                    message: format!("that of entry {seq} has {} bytes", salt.len()),
                })?;
                self.sink.line(&PayloadLine::new(seq.unsigned_abs(), salt, payload))?;
            }
            self.page(usize::try_from(width).unwrap_or(0)).await?;
        }
        Ok(())
    }
}

/// The first and the last entry of the period among the first `size`. Clocks of several machines do not
/// agree to the microsecond, so the order of the log is not exactly that of its times: all of it is
/// looked at.
pub(super) async fn bounds(
    store: &Store,
    scope: &Scope,
    size: u64,
) -> Result<Option<(u64, u64)>, StoreError> {
    let mut found: Option<(i64, i64)> = None;
    for window in windows(0..size, SEARCH) {
        let mut session = store.read().await?;
        let bounds = session.log_bounds(scope.workspace, window, scope.period).await?;
        found = match (found, bounds) {
            (Some((first, _)), Some((_, last))) => Some((first, last)),
            (found, bounds) => bounds.or(found),
        };
    }
    Ok(found.map(|(first, last)| (first.unsigned_abs(), last.unsigned_abs())))
}

/// Counts what there is to write, and finds the last entry of every run.
pub(super) async fn survey(store: &Store, scope: &Scope) -> Result<Survey, StoreError> {
    let (mut walk, mut survey) = (scope.runs(), Survey::default());
    while let Some(page) = walk.next(store).await? {
        let runs: Vec<_> = page.iter().map(|run| run.id).collect();
        let mut session = store.read().await?;
        let last = session.last_entries(scope.workspace, &runs, i64::MAX).await?;
        drop(session);
        survey.runs += page.len() as u64;
        let items = page.iter().map(|run| run.counts.subjects_matched.unsigned_abs());
        survey.items += items.sum::<u64>();
        for (run, seq) in last {
            survey.covers = survey.covers.max(seq.unsigned_abs() + 1);
            survey.last_entries.push((run, seq.unsigned_abs()));
        }
        survey.last_entries.truncate(MOST_PROOFS + 1);
    }
    if survey.last_entries.len() > MOST_PROOFS {
        survey.last_entries = Vec::new();
    }
    let removed = store.read().await?.removed_until(scope.workspace).await?;
    survey.covers = survey.covers.max(removed);
    survey.last_entries.sort_unstable();
    Ok(survey)
}

/// What a bundle will hold.
#[derive(Debug, Default)]
pub(super) struct Survey {
    pub runs: u64,
    pub items: u64,
    /// A checkpoint over so many entries covers the last entry of every run.
    pub covers: u64,
    /// The last entry of every run, by the ids of the runs; nothing where there are too many for a
    /// file each.
    pub last_entries: Vec<(RunId, u64)>,
}
