//! How the log stands: what was signed last, by which keys, and whether it still fits.

use axum::Json;
use domain::{canonical::hex, permission::Permission};
use engine::{
    services::{CheckpointState, Standing},
    store::{CheckpointStamp, SignedCheckpoint, SigningRefusal},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::TAG;
use crate::api::{
    asked::Asked,
    describe::{Api, get},
    problem::Problem,
    schema,
};

/// How the log stands
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LogState)]
pub struct State {
    /// `unsigned`, `fits` or `differs`
    standing: &'static str,
    /// Entries in the log
    entries: u64,
    checkpoint: Option<Checkpoint>,
    /// The last time stamp of an independent authority
    stamp: Option<Stamped>,
    /// Public keys that sign it, the newest first
    keys: Vec<String>,
    /// Why it is not signed any more
    refusal: Option<Refusal>,
}

/// What was signed last
#[derive(Debug, Serialize, ToSchema)]
pub struct Checkpoint {
    /// The name of the log
    origin: String,
    /// Entries under it
    size: u64,
    root: String,
    signed_at: schema::Time,
    /// The C2SP checkpoint, byte for byte
    note: String,
}

/// What an authority says when something existed
#[derive(Debug, Serialize, ToSchema)]
pub struct Stamped {
    /// Entries under the checkpoint that was stamped
    size: u64,
    stamped_at: schema::Time,
}

/// The log is not the one that was signed
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SigningRefusal)]
pub struct Refusal {
    code: String,
    message: String,
    first_wrong: Option<u64>,
    refused_at: schema::Time,
}

impl From<CheckpointState> for State {
    fn from(state: CheckpointState) -> Self {
        let standing = match state.standing {
            Standing::Unsigned => "unsigned",
            Standing::Fits => "fits",
            Standing::Differs => "differs",
        };
        Self {
            standing,
            entries: state.size,
            checkpoint: state.latest.map(Checkpoint::from),
            stamp: state.stamp.map(Stamped::from),
            keys: state.keys,
            refusal: state.refusal.map(Refusal::from),
        }
    }
}

impl From<SignedCheckpoint> for Checkpoint {
    fn from(signed: SignedCheckpoint) -> Self {
        Self {
            origin: signed.note.lines().next().unwrap_or_default().to_owned(),
            size: signed.size,
            root: hex(&signed.root),
            signed_at: signed.signed_at.into(),
            note: signed.note,
        }
    }
}

impl From<CheckpointStamp> for Stamped {
    fn from(CheckpointStamp { size, stamped_at, .. }: CheckpointStamp) -> Self {
        Self { size, stamped_at: stamped_at.into() }
    }
}

impl From<SigningRefusal> for Refusal {
    fn from(refusal: SigningRefusal) -> Self {
        Self {
            code: refusal.code,
            message: refusal.message,
            first_wrong: refusal.first_wrong,
            refused_at: refusal.refused_at.into(),
        }
    }
}

pub fn routes(api: Api) -> Api {
    api.add(
        TAG,
        get("/audit/state", "getLogState", "How the log stands")
            .about("What was signed last, by which keys, and whether the log still fits it.")
            .needs(Permission::ViewAuditLog)
            .gives::<State>("200"),
        state,
    )
}

async fn state(asked: Asked) -> Result<Json<State>, Problem> {
    Ok(Json(asked.services().checkpoint_state(asked.caller()).await?.into()))
}
