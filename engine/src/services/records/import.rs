//! Importing a file of records: all of it, or nothing.

use std::{collections::HashMap, io::Read};

use domain::{
    Timestamp,
    audit::{Draft, Object, Verb},
    id::{RecordId, WorkspaceId},
    permission::Permission,
    record::{Record, check_kind},
};
use serde::Serialize;
use serde_json::json;

use super::file::{self, Contents, RecordFormat, Row};
use crate::{
    ids::Ids,
    services::{Caller, ServiceError, Services},
    store::{StoreError, Tx},
};

/// Rows read and written at a time.
const CHUNK: usize = 500;

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

impl Services {
    /// Imports a file of records: all of it, or nothing. A record that is there already gets the
    /// attributes of the file in place of its own.
    ///
    /// # Errors
    /// `Invalid` with up to 50 lines that cannot be used, each as `file:line field`; a conflict
    /// `records-changed-meanwhile` when somebody else changed the same records at the same time.
    pub async fn import_records(
        &self,
        caller: Caller,
        file: RecordFile,
        reader: impl Read + Send + 'static,
    ) -> Result<Imported, ServiceError> {
        self.require(caller, Permission::ImportRecords).await?;
        if let Some(Err(error)) = file.kind.as_deref().map(check_kind) {
            return Err(ServiceError::invalid("kind", error));
        }
        let (name, kind) = (file.name.clone(), file.kind);
        let reading = tokio::task::spawn_blocking(move || {
            file::read(&name, file.format, kind.as_deref(), reader)
        });
        let contents = match reading.await {
            Ok(contents) => contents.map_err(ServiceError::Invalid)?,
            Err(error) => return Err(ServiceError::invalid("file", error)),
        };
        self.store_import(caller, file.name, contents).await
    }

    async fn store_import(
        &self,
        caller: Caller,
        name: String,
        contents: Contents,
    ) -> Result<Imported, ServiceError> {
        let (ids, now) = (self.ids.clone(), self.clock.now());
        let stored = self.write(move |tx| {
            Box::pin(async move {
                let workspace = caller.workspace;
                let mut imported = Imported { digest: contents.digest, ..Imported::default() };
                for rows in contents.rows.chunks(CHUNK) {
                    import_rows(tx, workspace, &ids, now, rows, &mut imported).await?;
                }
                let object = Object::new("workspace", workspace);
                let draft = Draft::new(caller.principal, Verb::RecordsImported, object)
                    .with(json!({"file": name, "result": imported}));
                tx.append_audit(workspace, &ids, now, &[draft]).await?;
                Ok(imported)
            })
        });
        match stored.await {
            Err(ServiceError::Store(StoreError::Conflict(_) | StoreError::Stale { .. })) => {
                Err(ServiceError::conflict(
                    "records-changed-meanwhile",
                    "somebody else changed some of these records at the same time; nothing was \
                     imported, so try again",
                ))
            }
            stored => stored,
        }
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
