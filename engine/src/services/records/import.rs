//! Importing a file of records: all of it or nothing, or what of it can be used.

use std::{
    collections::HashMap,
    io::{Cursor, Read as _, Seek, SeekFrom},
    sync::Arc,
};

use domain::{
    Timestamp,
    audit::{Draft, Object, Verb},
    id::{RecordId, WorkspaceId},
    permission::Permission,
    record::{ImportMode, Record, check_kind},
};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    file::{Read, RecordFormat, Row},
    part::{Part, Parts},
};
use crate::{
    ids::Ids,
    services::{Caller, FieldError, ServiceError, Services},
    store::{StoreError, Tx},
};

/// Rows read and written at a time.
const CHUNK: usize = 500;

/// So often a part is written anew that somebody else changed at the same time.
const TRIES: usize = 3;

/// The largest file that is handed over in memory, in bytes.
pub const LARGEST_TEXT: u64 = 64 * 1024 * 1024;

/// What a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordFile {
    /// How errors and the audit log call it.
    pub name: String,
    pub format: RecordFormat,
    /// The register of lines that do not name one themselves, in a column or field `kind`.
    pub kind: Option<String>,
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Imported {
    pub created: u64,
    pub updated: u64,
    /// Records that stood there exactly like this.
    pub unchanged: u64,
    /// Hexadecimal SHA-256 of the file.
    pub digest: String,
}

/// What became of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportReport {
    pub imported: Imported,
    /// Lines that could not be used; none where it is all or nothing.
    pub refused: u64,
    /// The first of them.
    pub errors: Vec<FieldError>,
}

impl Services {
    /// Imports a small file of records: all of it, or nothing. See [`Services::import_file`].
    ///
    /// # Errors
    /// As there.
    pub async fn import_records(
        &self,
        caller: Caller,
        file: RecordFile,
        reader: impl std::io::Read + Send + 'static,
    ) -> Result<Imported, ServiceError> {
        self.require(caller, Permission::ImportRecords).await?;
        let name = file.name.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let mut bytes = Vec::new();
            reader.take(LARGEST_TEXT + 1).read_to_end(&mut bytes).map(|_| bytes)
        });
        let bytes = reading.await.map_err(|error| ServiceError::invalid("file", error))?;
        let bytes = bytes.map_err(|error| ServiceError::invalid(&name, error))?;
        if bytes.len() as u64 > LARGEST_TEXT {
            let message = format!("the file is larger than {LARGEST_TEXT} bytes");
            return Err(ServiceError::invalid(&name, message));
        }
        let mode = ImportMode::AllOrNothing;
        Ok(self.import_file(caller, file, mode, Cursor::new(bytes)).await?.imported)
    }

    /// Imports a file of records of any length, which is never in memory as a whole. A record that is
    /// there already gets the attributes of the file in place of its own.
    ///
    /// All or nothing reads the file twice: first it is checked to its end, then it is stored in one
    /// transaction. Best effort stores it part by part, each a transaction of its own, and leaves out
    /// what cannot be used.
    ///
    /// # Errors
    /// `Invalid` with up to 50 lines that cannot be used, each as `file:line field`; a conflict
    /// `records-changed-meanwhile` when somebody else changed the same records at the same time.
    pub async fn import_file(
        &self,
        caller: Caller,
        file: RecordFile,
        mode: ImportMode,
        mut source: impl std::io::Read + Seek + Send + 'static,
    ) -> Result<ImportReport, ServiceError> {
        self.require(caller, Permission::ImportRecords).await?;
        if let Some(Err(error)) = file.kind.as_deref().map(check_kind) {
            return Err(ServiceError::invalid("kind", error));
        }
        if mode == ImportMode::BestEffort {
            return self.import_parts(caller, file, source).await;
        }
        let checked = file.clone();
        let checking = tokio::task::spawn_blocking(move || {
            let read = checked.read(&mut source, &mut |_| true);
            source.seek(SeekFrom::Start(0)).map(|_| (read, source))
        });
        let checked = checking.await.map_err(|error| ServiceError::invalid("file", error))?;
        let (read, source) = checked.map_err(|error| ServiceError::invalid("file", error))?;
        match read.errors.is_empty() {
            true => self.import_whole(caller, file, read.digest, source).await,
            false => Err(ServiceError::Invalid(read.errors)),
        }
    }

    /// Stores a file that was checked, in one transaction.
    async fn import_whole(
        &self,
        caller: Caller,
        file: RecordFile,
        digest: String,
        source: impl std::io::Read + Send + 'static,
    ) -> Result<ImportReport, ServiceError> {
        let (ids, now, name) = (self.ids.clone(), self.clock.now(), file.name.clone());
        let mut parts = Parts::of(file, source);
        let stored = self.write(move |tx| {
            Box::pin(async move {
                let workspace = caller.workspace;
                let mut imported = Imported { digest, ..Imported::default() };
                while let Some(Part { rows, .. }) = parts.next().await {
                    import_rows(tx, workspace, &ids, now, &rows, &mut imported).await?;
                }
                if parts.end().await?.digest != imported.digest {
                    return Err(ServiceError::invalid(&name, "it changed while it was read"));
                }
                let payload = json!({"file": name, "result": imported});
                enter(tx, caller, &ids, now, payload).await?;
                Ok(imported)
            })
        });
        let imported = stored.await.map_err(meanwhile)?;
        Ok(ImportReport { imported, ..ImportReport::default() })
    }

    /// Stores what of a file can be used, part by part: others write in between.
    async fn import_parts(
        &self,
        caller: Caller,
        file: RecordFile,
        source: impl std::io::Read + Send + 'static,
    ) -> Result<ImportReport, ServiceError> {
        let (name, mut number) = (file.name.clone(), 0);
        let mut parts = Parts::of(file, source);
        let mut imported = Imported::default();
        while let Some(part) = parts.next().await {
            number += 1;
            let done = self.import_part(caller, &name, number, part).await?;
            imported.created += done.created;
            imported.updated += done.updated;
            imported.unchanged += done.unchanged;
        }
        let Read { digest, refused, errors } = parts.end().await?;
        if number == 0 && !errors.is_empty() {
            return Err(ServiceError::Invalid(errors));
        }
        imported.digest = digest;
        let (ids, now, result) = (self.ids.clone(), self.clock.now(), imported.clone());
        let payload = json!({"file": name, "parts": number, "refused": refused, "result": result});
        self.write(move |tx| {
            Box::pin(async move { Ok(enter(tx, caller, &ids, now, payload).await?) })
        })
        .await
        .map(|()| ImportReport { imported, refused, errors })
    }

    async fn import_part(
        &self,
        caller: Caller,
        name: &str,
        number: u64,
        Part { rows, lines }: Part,
    ) -> Result<Imported, ServiceError> {
        let (rows, mut tries) = (Arc::new(rows), 0);
        loop {
            tries += 1;
            let (ids, now) = (self.ids.clone(), self.clock.now());
            let (rows, name) = (rows.clone(), name.to_owned());
            let stored = self.write(move |tx| {
                Box::pin(async move {
                    let mut done = Imported::default();
                    import_rows(tx, caller.workspace, &ids, now, &rows, &mut done).await?;
                    let Imported { created, updated, unchanged, .. } = done;
                    let result =
                        json!({"created": created, "updated": updated, "unchanged": unchanged});
                    let payload =
                        json!({"file": name, "part": number, "records": lines, "result": result});
                    enter(tx, caller, &ids, now, payload).await?;
                    Ok(done)
                })
            });
            match stored.await.map_err(meanwhile) {
                Err(ServiceError::Conflict { .. }) if tries < TRIES => {}
                stored => return stored,
            }
        }
    }
}

impl RecordFile {
    pub(super) fn read(
        &self,
        source: impl std::io::Read,
        take: &mut dyn FnMut(Row) -> bool,
    ) -> Read {
        super::file::read(&self.name, self.format, self.kind.as_deref(), source, take)
    }
}

async fn enter(
    tx: &mut Tx,
    caller: Caller,
    ids: &Ids,
    now: Timestamp,
    payload: Value,
) -> Result<(), StoreError> {
    let object = Object::new("workspace", caller.workspace);
    let draft = Draft::new(caller.principal, Verb::RecordsImported, object).with(payload);
    tx.append_audit(caller.workspace, ids, now, &[draft]).await
}

fn meanwhile(error: ServiceError) -> ServiceError {
    match error {
        ServiceError::Store(StoreError::Conflict(_) | StoreError::Stale { .. }) => {
            ServiceError::conflict(
                "records-changed-meanwhile",
                "somebody else changed some of these records at the same time; nothing of this was \
                 imported, so try again",
            )
        }
        other => other,
    }
}

async fn import_rows(
    tx: &mut Tx,
    workspace: WorkspaceId,
    ids: &Ids,
    now: Timestamp,
    rows: &[Row],
    imported: &mut Imported,
) -> Result<(), StoreError> {
    for rows in rows.chunks(CHUNK) {
        import_chunk(tx, workspace, ids, now, rows, imported).await?;
    }
    Ok(())
}

async fn import_chunk(
    tx: &mut Tx,
    workspace: WorkspaceId,
    ids: &Ids,
    now: Timestamp,
    rows: &[Row],
    imported: &mut Imported,
) -> Result<(), StoreError> {
    let references: Vec<_> = rows.iter().map(|row| row.reference.clone()).collect();
    let there = tx.records_by_refs(workspace, &references).await?;
    let mut there: HashMap<_, _> =
        there.into_iter().map(|record| (record.reference(), record)).collect();
    let mut changed = Vec::new();
    for row in rows {
        match there.remove(&row.reference) {
            None => {
                imported.created += 1;
                changed.push(new_record(workspace, ids, now, row));
            }
            Some(record) if record.attributes == row.attributes => imported.unchanged += 1,
            Some(record) => {
                imported.updated += 1;
                changed.push(Record {
                    attributes: row.attributes.clone(),
                    revision: record.revision + 1,
                    updated_at: now,
                    ..record
                });
            }
        }
    }
    tx.upsert_records(workspace, &changed).await
}

fn new_record(workspace: WorkspaceId, ids: &Ids, now: Timestamp, row: &Row) -> Record {
    Record {
        id: RecordId::new(ids.uuid(now)),
        workspace,
        kind: row.reference.kind.clone(),
        key: row.reference.key.clone(),
        attributes: row.attributes.clone(),
        revision: 1,
        created_at: now,
        updated_at: now,
        created_by_item: None,
    }
}
