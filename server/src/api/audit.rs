//! The audit log: entries, the signed checkpoint, and proofs against it.

mod check;
mod stamps;
mod state;

use axum::{Json, response::IntoResponse};
use domain::{audit, audit::AuditFilter, permission::Permission};
use engine::services::leaf_digest;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    asked::{Asked, Listed, PAGING},
    describe::{Api, Param, get},
    problem::Problem,
    schema,
};
use crate::web::checkpoint::TEXT;

/// An entry of the audit log
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub struct Entry {
    /// Its place in the log, from 0 without gaps
    seq: i64,
    at: schema::Time,
    actor: Actor,
    verb: schema::Verb,
    object: Object,
    run: Option<schema::RunId>,
    /// The exact line that is hashed into the tree
    leaf: String,
    /// Hexadecimal hash of that line in the tree
    leaf_hash: String,
    /// What it says beyond its leaf; `null` where there is nothing, or not any more
    payload: Option<schema::Document>,
}

/// Who acted
#[derive(Debug, Serialize, ToSchema)]
pub struct Actor {
    /// `member`, `token`, `host` or `system`
    kind: String,
    member: Option<schema::MemberId>,
    /// The token that was acted through
    token: Option<String>,
}

/// What was acted on
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditObject)]
pub struct Object {
    kind: String,
    id: String,
}

impl From<audit::Entry> for Entry {
    fn from(entry: audit::Entry) -> Self {
        let actor = Actor {
            kind: entry.actor_kind.clone(),
            member: schema::maybe(entry.actor),
            token: entry.token(),
        };
        Self {
            leaf_hash: leaf_digest(&entry),
            seq: entry.seq,
            at: entry.at.into(),
            actor,
            verb: entry.verb.into(),
            object: Object { kind: entry.object.kind, id: entry.object.id },
            run: schema::maybe(entry.run),
            leaf: entry.leaf,
            payload: schema::maybe(entry.payload),
        }
    }
}

const TAG: &str = "Audit log";

pub fn routes(api: Api) -> Api {
    api.add(
        TAG,
        get("/audit/entries", "listEntries", "Entries of the log, newest first")
            .about("The query string is that of the audit log's page.")
            .needs(Permission::ViewAuditLog)
            .query([
                Param::new("verb", "Only this act").of::<schema::Verb>(),
                Param::new("kind", "Only about objects of this kind"),
                Param::new("actor", "The id of a member"),
                Param::new("object", "The id of what was acted on"),
                Param::new("run", "The id of a run"),
                Param::new("record", "The id of a record"),
                Param::new("from", "The first day, in UTC").of::<schema::Day>(),
                Param::new("to", "The last day, in UTC, included").of::<schema::Day>(),
            ])
            .pages_of::<Entry>(),
        list,
    )
    .add(
        TAG,
        get("/audit/entries/{seq}", "getEntry", "One entry, by its place in the log")
            .needs(Permission::ViewAuditLog)
            .gives::<Entry>("200")
            .tagged(),
        one,
    )
    .add(
        TAG,
        get("/audit/entries/{seq}/proof", "proveEntry", "The proof that an entry is in the log")
            .about("A C2SP tlog-proof against the last checkpoint.")
            .needs(Permission::ViewAuditLog)
            .gives_text("text/plain"),
        proof,
    )
    .add(
        TAG,
        get("/audit/checkpoint", "getCheckpoint", "The last signed checkpoint")
            .about("A C2SP checkpoint, byte for byte as it was signed.")
            .needs(Permission::ViewAuditLog)
            .gives_text("text/plain"),
        checkpoint,
    )
    .and(check::routes)
    .and(stamps::routes)
    .and(state::routes)
}

async fn list(asked: Asked) -> Result<Json<Listed<Entry>>, Problem> {
    let mut filter = AuditFilter::parse(asked.pairs(), &PAGING)?;
    let paging = asked.paging(format_args!("audit?{:?}", filter.pairs()))?;
    // The list goes downwards: what follows a row stands before it in the log.
    (filter.before, filter.after) = paging.numbers();
    let (services, caller) = (asked.services(), asked.caller());
    let page = services.audit_page(caller, &filter, paging.size).await?;
    Ok(Json(Listed {
        data: page.entries.into_iter().map(Entry::from).collect(),
        next: page.older.and_then(|seq| paging.after_number(seq)),
        previous: page.newer.and_then(|seq| paging.before_number(seq)),
    }))
}

async fn one(asked: Asked) -> Result<Json<Entry>, Problem> {
    Ok(Json(asked.services().audit_entry(asked.caller(), asked.part("seq")?).await?.into()))
}

async fn proof(asked: Asked) -> Result<impl IntoResponse, Problem> {
    let proof = asked.services().tlog_proof(asked.caller(), asked.part("seq")?).await?;
    Ok(([TEXT], proof))
}

async fn checkpoint(asked: Asked) -> Result<impl IntoResponse, Problem> {
    let signed = asked.services().latest_checkpoint(asked.caller()).await?;
    let signed = signed.ok_or_else(|| Problem::not_found("checkpoint"))?;
    Ok(([TEXT], signed.note))
}
