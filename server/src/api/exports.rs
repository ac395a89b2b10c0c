//! What is taken home: filtered lists as files, and the bundles of a period.

use axum::{
    Json,
    body::Body as Stream,
    response::{IntoResponse as _, Response},
};
use domain::{
    bundle,
    export::{ExportFormat, ListName},
    period::Period,
    permission::Permission,
};
use engine::services::{ExportedList, NewBundle};
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use tokio::fs::File;
use utoipa::ToSchema;

use super::{
    asked::{AFTER, Asked, LIMIT, Listed},
    body::Body,
    describe::{Api, Param, get, post},
    problem::{Problem, of_query},
    runs::Failure,
    schema,
};
use crate::web::{bundle as file, export};

/// An order for a bundle, and what became of it
#[derive(Debug, Serialize, ToSchema)]
pub struct Bundle {
    id: schema::BundleId,
    /// The first day
    from: schema::Day,
    /// The last day, included
    to: schema::Day,
    /// The keys of the automations it is limited to; none for all
    automations: Vec<String>,
    requested_by: Option<schema::MemberId>,
    requested_at: schema::Time,
    status: schema::BundleStatus,
    failure: Option<Failure>,
    rows_done: i64,
    rows_expected: Option<i64>,
    /// Entries under the checkpoint it carries
    checkpoint_size: Option<i64>,
    file: Option<BundleFile>,
    ended_at: Option<schema::Time>,
}

/// The file of a finished bundle
#[derive(Debug, Serialize, ToSchema)]
pub struct BundleFile {
    name: String,
    /// In bytes
    size: i64,
    /// Hexadecimal SHA-256
    digest: String,
}

impl From<bundle::Bundle> for Bundle {
    fn from(bundle: bundle::Bundle) -> Self {
        Self {
            id: bundle.id.into(),
            from: bundle.period.from.into(),
            to: bundle.period.last_day().into(),
            automations: bundle.automations,
            requested_by: schema::maybe(bundle.requested_by),
            requested_at: bundle.requested_at.into(),
            status: bundle.status.into(),
            failure: schema::maybe(bundle.failure),
            rows_done: bundle.rows_done,
            rows_expected: bundle.rows_expected,
            checkpoint_size: bundle.checkpoint_size,
            file: bundle.file.map(|file| BundleFile {
                name: file.name,
                size: file.size,
                digest: file.digest,
            }),
            ended_at: schema::maybe(bundle.ended_at),
        }
    }
}

/// What is ordered
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewBundle)]
pub struct New {
    /// The first day
    from: schema::Day,
    /// The last day, included
    to: schema::Day,
    /// Keys of definitions; none for all
    #[serde(default)]
    automations: Vec<String>,
}

const TAG: &str = "Exports";

pub fn routes(api: Api) -> Api {
    api.add(
        TAG,
        get("/exports/lists/{list}", "exportList", "A filtered list as a file")
            .about(
                "`runs`, `items`, `approvals`, `incidents`, `events`, `records`, `deliveries` or \
                 `audit`, with the filter of the list's own page. That it was asked for is entered into the audit log.",
            )
            .needs(Permission::ExportLists)
            .query(list_params())
            .gives_text("*/*"),
        list,
    )
    .add(
        TAG,
        get("/exports/bundles", "listBundles", "Bundles, newest first")
            .needs(Permission::ViewAuditLog)
            .query([
                Param::new(AFTER, "The id of the last bundle of the page before"),
                Param::new(LIMIT, "Rows of a page, 1 to 200; 50 unless stated").of::<i64>(),
            ])
            .lists::<Bundle>(),
        bundles,
    )
    .add(
        TAG,
        post("/exports/bundles", "orderBundle", "Order the bundle of a period")
            .about("A worker makes it; look at it until it is `ready`.")
            .needs(Permission::ViewAuditLog)
            .takes::<New>()
            .gives::<Bundle>("201"),
        order,
    )
    .add(
        TAG,
        get("/exports/bundles/{bundle}", "getBundle", "A bundle and how far it has come")
            .needs(Permission::ViewAuditLog)
            .gives::<Bundle>("200")
            .tagged(),
        one,
    )
    .add(
        TAG,
        get("/exports/bundles/{bundle}/file", "downloadBundle", "The file of a finished bundle")
            .about("Every download is entered into the audit log.")
            .needs(Permission::ViewAuditLog)
            .gives_text(file::MEDIA_TYPE),
        download,
    )
}

/// The format, and the filters of all lists.
fn list_params() -> Vec<Param> {
    let mut params = vec![
        Param::new("format", "csv, jsonl or xlsx").of::<schema::Words<ExportFormat>>().required(),
    ];
    for (name, about) in [
        ("definition", "Of runs and incidents; may be repeated"),
        ("status", "Of runs and approvals; may be repeated for runs"),
        ("trigger", "Of runs; may be repeated"),
        ("incident", "Of runs"),
        ("by", "Of runs"),
        ("order", "Of runs"),
        ("from", "Of runs, incidents and the audit log"),
        ("to", "Of runs, incidents and the audit log"),
        ("run", "Of items, which need it, incidents and the audit log"),
        ("outcome", "Of items"),
        ("kind", "Of records, which need it, runs, events and the audit log"),
        ("key", "Of records"),
        ("severity", "Of incidents; may be repeated"),
        ("type", "Of incidents; may be repeated"),
        ("cause", "Of incidents; may be repeated"),
        ("item", "Of incidents"),
        ("source", "Of events"),
        ("matched", "Of events"),
        ("state", "Of deliveries; may be repeated"),
        ("event", "Of deliveries; may be repeated"),
        ("webhook", "Of deliveries"),
        ("verb", "Of the audit log"),
        ("actor", "Of the audit log"),
        ("object", "Of the audit log"),
        ("record", "Of the audit log"),
    ] {
        params.push(Param::new(name, about));
    }
    params
}

async fn list(asked: Asked) -> Result<Response, Problem> {
    let list: ListName = asked.part("list")?;
    let (list, format) = ExportedList::asked(list, asked.pairs())?;
    let export = asked.services().export(asked.caller(), list, format).await;
    export::file(export.map_err(of_query)?).map_err(Problem::internal)
}

async fn bundles(asked: Asked) -> Result<Json<Listed<Bundle>>, Problem> {
    let (before, limit) = (asked.read(AFTER)?, asked.limit()?);
    let mut found = asked.services().bundles(asked.caller(), before, limit + 1).await?;
    let more = found.len() as i64 > limit;
    found.truncate(usize::try_from(limit).unwrap_or(0));
    let next = found.last().filter(|_| more).map(|bundle| bundle.id.to_string());
    Ok(Json(Listed { data: found.into_iter().map(Bundle::from).collect(), next, previous: None }))
}

async fn order(asked: Asked, Body(new): Body<New>) -> Result<Response, Problem> {
    let period = Period::of_days(new.from.0, new.to.0);
    let period = period.map_err(|error| Problem::body("#/to", error))?;
    let order = NewBundle { period, automations: new.automations };
    let bundle = asked.services().order_bundle(asked.caller(), order).await?;
    let place = format!("{}/exports/bundles/{}", asked.address(), bundle.id);
    let answer = (StatusCode::CREATED, [(header::LOCATION, place)], Json(Bundle::from(bundle)));
    Ok(answer.into_response())
}

async fn one(asked: Asked) -> Result<Json<Bundle>, Problem> {
    Ok(Json(asked.services().bundle(asked.caller(), asked.part("bundle")?).await?.into()))
}

async fn download(asked: Asked) -> Result<Response, Problem> {
    let id = asked.part("bundle")?;
    let download = asked.services().download_bundle(asked.caller(), id).await?;
    let opened = File::open(&download.path).await.map_err(Problem::internal)?;
    let mut response = Response::new(Stream::from_stream(file::chunks(opened)));
    let disposition = format!("attachment; filename=\"{}\"", download.file.name);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file::MEDIA_TYPE));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(download.file.size));
    let disposition = HeaderValue::try_from(disposition).map_err(Problem::internal)?;
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    Ok(response)
}
