//! Legal holds, and erasing what the audit log says about a run that none of them keeps.

use axum::Json;
use domain::{
    hold::{self, HoldScope},
    permission::Permission,
};
use engine::services::NewHold;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    asked::{Asked, Listed},
    body::Body,
    describe::{Api, get, post},
    problem::Problem,
    runs::Reason,
    schema,
};

/// Something that must not be erased until the hold is released
#[derive(Debug, Serialize, ToSchema)]
pub struct Hold {
    id: schema::HoldId,
    /// Every run of this automation; without it, a run and days, everything in the workspace
    automation: Option<schema::AutomationId>,
    /// This run only
    run: Option<schema::RunId>,
    /// Every run that was under way on one of the days from this one
    from: Option<schema::Day>,
    /// to this one
    to: Option<schema::Day>,
    reason: String,
    /// `null` when it was placed on the host's command line
    placed_by: Option<schema::MemberId>,
    placed_at: schema::Time,
    released_by: Option<schema::MemberId>,
    released_at: Option<schema::Time>,
    release_reason: Option<String>,
}

impl From<hold::Hold> for Hold {
    fn from(hold: hold::Hold) -> Self {
        let (mut automation, mut run, mut days) = (None, None, None);
        match hold.scope {
            HoldScope::Workspace => {}
            HoldScope::Automation(held) => automation = Some(held),
            HoldScope::Run(held) => run = Some(held),
            HoldScope::Period(held) => days = Some(held),
        }
        Self {
            id: hold.id.into(),
            automation: automation.map(Into::into),
            run: run.map(Into::into),
            from: days.map(|days| days.from.into()),
            to: days.map(|days| days.last_day().into()),
            reason: hold.reason,
            placed_by: hold.placed_by.map(Into::into),
            placed_at: hold.placed_at.into(),
            released_by: hold.released_by.map(Into::into),
            released_at: schema::maybe(hold.released_at),
            release_reason: hold.release_reason,
        }
    }
}

/// A hold that is to be placed: over everything, unless a definition, a run or days are named
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewHold)]
pub struct New {
    /// The key of a definition: every run of it
    #[serde(default)]
    definition: Option<String>,
    #[serde(default)]
    run: Option<schema::RunId>,
    /// Every run that was under way on one of the days from this one
    #[serde(default)]
    from: Option<schema::Day>,
    /// to this one
    #[serde(default)]
    to: Option<schema::Day>,
    /// 1 to 1,000 characters, kept with the hold
    reason: String,
}

/// What was erased
#[derive(Debug, Serialize, ToSchema)]
pub struct Erased {
    run: schema::RunId,
    payloads: i64,
}

const TAG: &str = "Holds";

pub fn routes(api: Api) -> Api {
    api.add(
        TAG,
        get("/holds", "listHolds", "Legal holds, the released ones too, newest first")
            .needs(Permission::ViewAuditLog)
            .lists::<Hold>(),
        list,
    )
    .add(
        TAG,
        post("/holds", "placeHold", "Keep something from being erased")
            .needs(Permission::ManageHolds)
            .takes::<New>()
            .gives::<Hold>("201"),
        place,
    )
    .add(
        TAG,
        post("/holds/{hold}/release", "releaseHold", "Let what a hold kept be erased again")
            .needs(Permission::ManageHolds)
            .takes::<Reason>()
            .gives::<Hold>("200"),
        release,
    )
    .add(
        TAG,
        post("/runs/{run}/erase", "erasePayloads", "Erase the payloads of all entries about a run")
            .about("The entries and every proof stay. Refused with `under-hold` while a hold keeps it.")
            .needs(Permission::ErasePayloads)
            .takes::<Reason>()
            .gives::<Erased>("200"),
        erase,
    )
}

async fn list(asked: Asked) -> Result<Json<Listed<Hold>>, Problem> {
    let found = asked.services().holds(asked.caller()).await?;
    Ok(Json(Listed::whole(found.into_iter().map(Hold::from))))
}

async fn place(asked: Asked, Body(new): Body<New>) -> Result<(StatusCode, Json<Hold>), Problem> {
    let New { definition, run, from, to, reason } = new;
    let period = engine::services::hold_days(from.map(|day| day.0), to.map(|day| day.0))?;
    let new = NewHold { definition, run: run.map(|run| run.0), period, reason };
    let placed = asked.services().place_hold(asked.caller(), new).await?;
    Ok((StatusCode::CREATED, Json(placed.into())))
}

async fn release(asked: Asked, Body(why): Body<Reason>) -> Result<Json<Hold>, Problem> {
    let hold = asked.part("hold")?;
    let released = asked.services().release_hold(asked.caller(), hold, &why.reason).await?;
    Ok(Json(released.into()))
}

async fn erase(asked: Asked, Body(why): Body<Reason>) -> Result<Json<Erased>, Problem> {
    let run = asked.part("run")?;
    let payloads = asked.services().erase_payloads(asked.caller(), run, &why.reason).await?;
    Ok(Json(Erased { run: run.into(), payloads }))
}
