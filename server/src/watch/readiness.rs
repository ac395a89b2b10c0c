//! Whether the process can serve, part by part. Anybody may ask, so the words name no path, no version
//! and no workspace; those are in the log of the process and in `assize doctor`.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use engine::store::{LogState, StoreError};
use http::StatusCode;
use serde::Serialize;

use super::Watch;

/// One part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    pub name: &'static str,
    pub ok: bool,
    pub why: String,
}

/// All parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Readiness {
    pub ready: bool,
    pub checks: [Check; 3],
}

impl IntoResponse for Readiness {
    fn into_response(self) -> Response {
        let status = if self.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        (status, Json(self)).into_response()
    }
}

/// What was found of a part: the words, and whether it is as it must be.
type Found = Result<String, String>;

impl Watch {
    /// Looks at every part now; what rests on a part that is not as it must be is not looked at.
    pub async fn readiness(&self) -> Readiness {
        let database = self.database().await;
        let migrations = match &database {
            Ok(_) => self.migrations().await,
            Err(_) => Err("not looked at, since the database does not answer".to_owned()),
        };
        let signer = match &migrations {
            Ok(_) => self.signer().await,
            Err(_) => Err("not looked at, since the schema is not known to be complete".to_owned()),
        };
        let check = |name, found: Found| {
            let ok = found.is_ok();
            let (Ok(why) | Err(why)) = found;
            Check { name, ok, why }
        };
        let checks =
            [check("database", database), check("migrations", migrations), check("signer", signer)];
        Readiness { ready: checks.iter().all(|check| check.ok), checks }
    }

    async fn database(&self) -> Found {
        self.services().store().version().await.map_err(|error| silent(&error))?;
        Ok("answers".to_owned())
    }

    async fn migrations(&self) -> Found {
        if !self.is_migrated() {
            let all = self.services().store().migrations().await;
            let all = all.map_err(|error| silent(&error))?;
            let missing = all.iter().filter(|migration| !migration.applied).count();
            if missing > 0 {
                return Err(format!("{missing} of {} are missing", all.len()));
            }
            self.set_migrated();
        }
        Ok("all applied".to_owned())
    }

    async fn log_states(&self) -> Result<Vec<LogState>, StoreError> {
        self.services().store().read().await?.log_states().await
    }

    /// A process that is to sign and cannot is not ready. A log that is refused is one workspace's
    /// trouble, which no other process could do better with: it is told, and serving goes on.
    async fn signer(&self) -> Found {
        let Some(dir) = &self.0.signing else {
            return Ok("this process does not sign".to_owned());
        };
        let logs = self.log_states().await.map_err(|error| silent(&error))?;
        let signed = logs.iter().any(|log| log.signed.is_some());
        match dir.keys() {
            Err(error) => {
                tracing::error!(%error, "not ready: the signing key cannot be used");
                return Err("the signing key cannot be used".to_owned());
            }
            Ok(None) if signed => return Err("the signing key is gone".to_owned()),
            Ok(_) => {}
        }
        Ok(match logs.iter().filter(|log| log.refused).count() {
            0 => "can sign".to_owned(),
            refused => format!("can sign; refuses {refused} of {} logs", logs.len()),
        })
    }
}

fn silent(error: &StoreError) -> String {
    tracing::error!(%error, "not ready: the database does not answer");
    "does not answer".to_owned()
}
