//! The signed checkpoint of a log, and proofs against it, as files that are checked elsewhere.

use app::{context::Place, fault::Fault};
use axum::{
    Extension,
    extract::{Path, State},
    response::{IntoResponse as _, Response},
};
use http::header;

use super::{errors::Refusal, state::AppState};

pub const TEXT: (header::HeaderName, &str) = (header::CONTENT_TYPE, "text/plain; charset=utf-8");

/// The last checkpoint, byte for byte as it was signed.
pub async fn latest(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
) -> Result<Response, Refusal> {
    let signed = state.services().latest_checkpoint(place.caller()).await?;
    let signed = signed.ok_or_else(|| Fault::not_found("checkpoint"))?;
    Ok(([TEXT], signed.note).into_response())
}

/// The last time stamp of an independent authority, byte for byte as it was sent.
pub async fn stamp(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
) -> Result<Response, Refusal> {
    let stamp = state.services().latest_stamp(place.caller()).await?;
    let stamp = stamp.ok_or_else(|| Fault::not_found("time stamp"))?;
    let disposition = format!("attachment; filename=\"checkpoint-{}.tsr\"", stamp.size);
    let headers = [
        (header::CONTENT_TYPE, "application/timestamp-reply".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, stamp.token).into_response())
}

/// The proof that an entry is in the log as it was last signed.
pub async fn proof(
    State(state): State<AppState>,
    Extension(place): Extension<Place>,
    Path((_, seq)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let seq: u64 = seq.parse().map_err(|_| Fault::not_found("entry"))?;
    let proof = state.services().tlog_proof(place.caller(), seq).await?;
    let disposition = format!("attachment; filename=\"entry-{seq}.tlog-proof\"");
    let headers = [(TEXT.0, TEXT.1.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, proof).into_response())
}
