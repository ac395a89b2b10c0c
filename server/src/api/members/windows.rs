//! Windows: the periods that auditors may look into.

use axum::Json;
use domain::{id::MemberId, period::Period, permission::Permission, window};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::TAG;
use crate::api::{
    asked::{Asked, Listed},
    body::Body,
    describe::{Api, Param, delete, get, post},
    problem::Problem,
    schema,
};

/// A period that an auditor may look into
#[derive(Debug, Serialize, ToSchema)]
pub struct Window {
    id: schema::WindowId,
    member: schema::MemberId,
    from: schema::Day,
    /// Included
    to: schema::Day,
    /// `null` when it was granted on the host's command line
    granted_by: Option<schema::MemberId>,
    granted_at: schema::Time,
    revoked_by: Option<schema::MemberId>,
    /// `null` while it is open
    revoked_at: Option<schema::Time>,
}

impl From<window::Window> for Window {
    fn from(window: window::Window) -> Self {
        Self {
            id: window.id.into(),
            member: window.member.into(),
            from: window.period.from.into(),
            to: window.period.last_day().into(),
            granted_by: schema::maybe(window.granted_by),
            granted_at: window.granted_at.into(),
            revoked_by: schema::maybe(window.revoked_by),
            revoked_at: schema::maybe(window.revoked_at),
        }
    }
}

/// A period that an auditor is to look into
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewWindow)]
pub struct New {
    from: schema::Day,
    /// Included
    to: schema::Day,
}

pub fn routes(api: Api) -> Api {
    api.add(
        TAG,
        get("/windows", "listWindows", "The periods of auditors, the revoked ones too")
            .needs(Permission::ViewMembers)
            .query([Param::new("member", "The id of a member: only theirs")])
            .lists::<Window>(),
        list,
    )
    .add(
        TAG,
        post("/members/{member}/windows", "grantWindow", "Let an auditor look into a period")
            .about("From their next request on. A period granted before is granted already.")
            .needs(Permission::ManageMembers)
            .takes::<New>()
            .gives::<Window>("201"),
        grant,
    )
    .add(
        TAG,
        delete("/windows/{window}", "revokeWindow", "Take a window back")
            .about("From the auditor's next request on.")
            .needs(Permission::ManageMembers)
            .gives::<Window>("200"),
        revoke,
    )
}

async fn list(asked: Asked) -> Result<Json<Listed<Window>>, Problem> {
    let only: Option<MemberId> = asked.read("member")?;
    let mut found = asked.services().windows(asked.caller()).await?;
    found.retain(|window| only.is_none_or(|member| window.member == member));
    Ok(Json(Listed::whole(found)))
}

async fn grant(asked: Asked, Body(new): Body<New>) -> Result<(StatusCode, Json<Window>), Problem> {
    let period =
        Period::of_days(new.from.0, new.to.0).map_err(|error| Problem::body("#/to", error))?;
    let member = asked.part("member")?;
    let window = asked.services().grant_window(asked.caller(), member, period).await?;
    Ok((StatusCode::CREATED, Json(window.into())))
}

async fn revoke(asked: Asked) -> Result<Json<Window>, Problem> {
    let window = asked.services().revoke_window(asked.caller(), asked.part("window")?).await?;
    Ok(Json(window.into()))
}
