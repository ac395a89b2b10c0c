//! Registers and their records; imports of files.

use axum::{Extension, Json};
use domain::{
    permission::Permission,
    record::{self, ImportMode, RecordRef, check_kind},
};
use engine::{
    services::{self, FieldError, ImportReport, LARGEST_FILE, RecordFile, RecordFormat},
    store::{RecordFilter, RegisterSize},
};
use http::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    asked::{Asked, Listed},
    body::{media_type, unsupported},
    describe::{Api, Op, Param, get, post},
    problem::Problem,
    schema,
    spool::Spooled,
};

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
    /// Lines that could not be used; always 0 where it is all or nothing
    refused: u64,
    /// The first of them, as `file:line field: what is wrong`
    errors: Vec<String>,
    /// Hexadecimal SHA-256 of the file
    digest: String,
}

impl From<ImportReport> for Imported {
    fn from(ImportReport { imported, refused, errors }: ImportReport) -> Self {
        let services::Imported { created, updated, unchanged, digest } = imported;
        let told = |FieldError { field, message }| format!("{field}: {message}");
        let errors = errors.into_iter().map(told).collect();
        Self { created, updated, unchanged, refused, errors, digest }
    }
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
        importing("/registers/{kind}/import", "importRecords", "Import a file of records"),
        import,
    )
    .add(
        TAG,
        importing("/records/import", "importFile", "Import a file of records of several registers")
            .query([Param::new("kind", "The register of lines that name none in `kind`")]),
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

fn importing(path: &'static str, id: &'static str, summary: &str) -> Op {
    post(path, id, summary)
        .about(
            "CSV with a column `key`, or a JSON object with a `key` a line; up to 1 GiB. A record that \
             is there gets the attributes of the file. All of it, or nothing, and lines that cannot be \
             used are named; or by `mode=best-effort` those lines are left out and named in the answer. \
             That is stored part by part, and what is stored stays if the rest breaks off.",
        )
        .needs(Permission::ImportRecords)
        .query([
            Param::new("file", "How errors and the audit log call the file"),
            Param::new("mode", "`all-or-nothing` unless stated").of::<schema::ImportMode>(),
        ])
        .takes_text("text/csv")
        .takes_text("application/x-ndjson")
        .limit(usize::try_from(LARGEST_FILE).unwrap_or(usize::MAX))
        .long()
        .gives::<Imported>("200")
}

async fn import(
    asked: Asked,
    headers: HeaderMap,
    Extension(body): Extension<Spooled>,
) -> Result<Json<Imported>, Problem> {
    let format = match media_type(&headers).as_str() {
        "text/csv" => RecordFormat::Csv,
        "application/x-ndjson" | "application/jsonl" => RecordFormat::Ndjson,
        _ => return Err(unsupported("text/csv or application/x-ndjson")),
    };
    let kind = match asked.has_part("kind") {
        true => Some(kind(&asked)?),
        false => asked.value("kind").map(str::to_owned),
    };
    let name = asked.value("file").unwrap_or("request").to_owned();
    let (file, mode) = (RecordFile { name, format, kind }, asked.read("mode")?);
    let source = body.open().map_err(Problem::internal)?;
    let mode = mode.unwrap_or(ImportMode::AllOrNothing);
    let report = asked.services().import_file(asked.caller(), file, mode, source).await?;
    Ok(Json(report.into()))
}
