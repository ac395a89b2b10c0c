//! Registers and their records; imports of files.

use std::io::Cursor;

use axum::Json;
use domain::{
    permission::Permission,
    record::{self, RecordRef, check_kind},
};
use engine::{
    services::{RecordFile, RecordFormat},
    store::{RecordFilter, RegisterSize},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    asked::{Asked, Listed},
    body::{Raw, unsupported},
    describe::{Api, Param, get, post},
    problem::Problem,
    schema,
};

/// The largest file of an import, in bytes; larger ones are imported on the host.
const LARGEST_IMPORT: usize = 8 * 1024 * 1024;

/// The longest part of a key that can be looked for, in characters.
const LONGEST_KEY: usize = 120;

/// A register
#[derive(Debug, Serialize, ToSchema)]
pub struct Register {
    kind: String,
    records: i64,
}

impl From<RegisterSize> for Register {
    fn from(RegisterSize { kind, records }: RegisterSize) -> Self {
        Self { kind, records }
    }
}

/// A record: a kind, a key and attributes
#[derive(Debug, Serialize, ToSchema)]
pub struct Record {
    id: schema::RecordId,
    kind: String,
    key: String,
    /// A JSON object
    attributes: schema::Document,
    /// Counts changes, from 1
    revision: i64,
    created_at: schema::Time,
    updated_at: schema::Time,
    /// The item whose action brought it about; `null` for imported records
    created_by_item: Option<schema::ItemId>,
}

impl From<record::Record> for Record {
    fn from(record: record::Record) -> Self {
        Self {
            id: record.id.into(),
            kind: record.kind,
            key: record.key,
            attributes: record.attributes.into(),
            revision: record.revision,
            created_at: record.created_at.into(),
            updated_at: record.updated_at.into(),
            created_by_item: schema::maybe(record.created_by_item),
        }
    }
}

/// What an import did
#[derive(Debug, Serialize, ToSchema)]
pub struct Imported {
    created: u64,
    updated: u64,
    /// Records that stood there exactly like this
    unchanged: u64,
    /// Hexadecimal SHA-256 of the file
    digest: String,
}

const TAG: &str = "Records";

pub fn routes(api: Api) -> Api {
    api.add(
        TAG,
        get("/registers", "listRegisters", "Every register and its size")
            .needs(Permission::ViewRuns)
            .lists::<Register>(),
        registers,
    )
    .add(
        TAG,
        get("/registers/{kind}", "listRecords", "The records of a register, newest first")
            .needs(Permission::ViewRuns)
            .query([Param::new("key", "Only records whose key contains this")])
            .pages_of::<Record>(),
        list,
    )
    .add(
        TAG,
        post("/registers/{kind}/import", "importRecords", "Import a file of records")
            .about(
                "CSV with a column `key`, or a JSON object with a `key` a line; all of it, or nothing. \
                 Lines that cannot be used are named. A record that is there gets the attributes of \
                 the file.",
            )
            .needs(Permission::ImportRecords)
            .query([Param::new("file", "How errors and the audit log call the file")])
            .takes_text("text/csv")
            .takes_text("application/x-ndjson")
            .limit(LARGEST_IMPORT)
            .gives::<Imported>("200"),
        import,
    )
    .add(
        TAG,
        get("/registers/{kind}/{key}", "getRecord", "A record")
            .needs(Permission::ViewRuns)
            .gives::<Record>("200")
            .tagged(),
        one,
    )
}

async fn registers(asked: Asked) -> Result<Json<Listed<Register>>, Problem> {
    Ok(Json(Listed::whole(asked.services().registers(asked.caller()).await?)))
}

fn kind(asked: &Asked) -> Result<String, Problem> {
    let kind: String = asked.part("kind")?;
    check_kind(&kind).map_err(|error| Problem::parameter("kind", error))?;
    Ok(kind)
}

async fn list(asked: Asked) -> Result<Json<Listed<Record>>, Problem> {
    let key = asked.value("key").map(str::to_owned);
    if key.as_ref().is_some_and(|key| key.chars().count() > LONGEST_KEY) {
        return Err(Problem::parameter("key", format!("at most {LONGEST_KEY} characters")));
    }
    let filter = RecordFilter { kind: kind(&asked)?, key_contains: key };
    let paging = asked.paging(format_args!("records?{filter:?}"))?;
    let (services, caller) = (asked.services(), asked.caller());
    let page = services.list_records(caller, &filter, paging.seek, paging.size).await?;
    Ok(Json(paging.listed(page, Record::from)))
}

async fn one(asked: Asked) -> Result<Json<Record>, Problem> {
    let reference = RecordRef { kind: kind(&asked)?, key: asked.part("key")? };
    Ok(Json(asked.services().record_by_ref(asked.caller(), &reference).await?.into()))
}

async fn import(asked: Asked, body: Raw) -> Result<Json<Imported>, Problem> {
    let format = match body.media_type.as_str() {
        "text/csv" => RecordFormat::Csv,
        "application/x-ndjson" | "application/jsonl" => RecordFormat::Ndjson,
        _ => return Err(unsupported("text/csv or application/x-ndjson")),
    };
    let name = asked.value("file").unwrap_or("request").to_owned();
    let file = RecordFile { name, format, kind: Some(kind(&asked)?) };
    let reader = Cursor::new(body.bytes);
    let done = asked.services().import_records(asked.caller(), file, reader).await?;
    let engine::services::Imported { created, updated, unchanged, digest } = done;
    Ok(Json(Imported { created, updated, unchanged, digest }))
}
