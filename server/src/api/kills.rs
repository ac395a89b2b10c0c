//! Kill switches: pressed by programs and people, released by people only.

use axum::Json;
use domain::{
    kill::{KillCount, KillScope, KillSwitch},
    permission::Permission,
};
use engine::{
    services::{KillOrder, Presence},
    store::KillEffects,
};
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

/// A kill switch that was pressed
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KillSwitch)]
pub struct Switch {
    id: schema::KillSwitchId,
    /// What it stops; without it everything in the workspace
    automation: Option<schema::AutomationId>,
    /// Nothing of it starts
    pressed: bool,
    reason: String,
    /// `null` when it was pressed on the host's command line
    pressed_by: Option<schema::MemberId>,
    pressed_at: schema::Time,
    released_by: Option<schema::MemberId>,
    released_at: Option<schema::Time>,
    release_reason: Option<String>,
    /// Runs it stopped; absent from the answer to pressing and releasing
    #[serde(skip_serializing_if = "Option::is_none")]
    runs_killed: Option<i64>,
    /// Firings that came while it was pressed and set nothing off; absent likewise
    #[serde(skip_serializing_if = "Option::is_none")]
    firings_refused: Option<i64>,
}

impl From<KillSwitch> for Switch {
    fn from(switch: KillSwitch) -> Self {
        let automation = match switch.scope {
            KillScope::Workspace => None,
            KillScope::Automation(automation) => Some(automation.into()),
        };
        Self {
            id: switch.id.into(),
            automation,
            pressed: switch.is_pressed(),
            reason: switch.reason,
            pressed_by: switch.pressed_by.map(Into::into),
            pressed_at: switch.pressed_at.into(),
            released_by: switch.released_by.map(Into::into),
            released_at: schema::maybe(switch.released_at),
            release_reason: switch.release_reason,
            runs_killed: None,
            firings_refused: None,
        }
    }
}

impl From<(KillSwitch, KillEffects)> for Switch {
    fn from((switch, effects): (KillSwitch, KillEffects)) -> Self {
        let (runs, refused) = (Some(effects.runs), Some(effects.refused));
        Self { runs_killed: runs, firings_refused: refused, ..switch.into() }
    }
}

/// A switch that is to be pressed: for everything, unless a definition is named
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewKillSwitch)]
pub struct New {
    /// The key of a definition: only runs of it
    #[serde(default)]
    definition: Option<String>,
    /// 1 to 1,000 characters, kept with the switch
    reason: String,
}

/// What pressing a switch stopped
#[derive(Debug, Serialize, ToSchema)]
pub struct Stopped {
    kill_switch: Switch,
    /// Runs that had not ended
    runs: i64,
    /// Items that had not started and were skipped
    skipped: i64,
    /// Items that had started; they finish and their outcomes are recorded
    in_flight: i64,
}

const TAG: &str = "Kill switches";

pub fn routes(api: Api) -> Api {
    api.add(
        TAG,
        get("/kill-switches", "listKillSwitches", "Every time a kill switch was pressed, newest first")
            .needs(Permission::ViewRuns)
            .lists::<Switch>(),
        list,
    )
    .add(
        TAG,
        post("/kill-switches", "pressKillSwitch", "Stop everything, or one automation, at once")
            .about(
                "From the entry in the audit log on nothing is started. Runs that have not ended end \
                 as `killed`; events that arrive are kept and set nothing off. Refused with \
                 `kill-switch-pressed` where it is pressed already.",
            )
            .needs(Permission::PressKillSwitch)
            .takes::<New>()
            .gives::<Stopped>("201"),
        press,
    )
    .add(
        TAG,
        post("/kill-switches/{switch}/release", "releaseKillSwitch", "Let it start again")
            .about(
                "For people: needs the session of somebody who signed in less than 10 minutes ago; \
                 a token is refused with `fresh-sign-in-needed`. Nothing is made up for.",
            )
            .needs(Permission::ReleaseKillSwitch)
            .takes::<Reason>()
            .gives::<Switch>("200"),
        release,
    )
}

async fn list(asked: Asked) -> Result<Json<Listed<Switch>>, Problem> {
    let found = asked.services().kill_switches(asked.caller()).await?;
    Ok(Json(Listed::whole(found.into_iter().map(Switch::from))))
}

async fn press(asked: Asked, Body(new): Body<New>) -> Result<(StatusCode, Json<Stopped>), Problem> {
    let order = KillOrder { automation: new.definition, reason: new.reason };
    let pressed = asked.services().press_kill_switch(asked.caller(), order).await?;
    let KillCount { runs, waiting, in_flight } = pressed.stopped;
    let kill_switch = pressed.switch.into();
    let stopped = Stopped { kill_switch, runs, skipped: waiting, in_flight };
    Ok((StatusCode::CREATED, Json(stopped)))
}

async fn release(asked: Asked, Body(why): Body<Reason>) -> Result<Json<Switch>, Problem> {
    let id = asked.part("switch")?;
    let presence = asked.access.signed_in_at.map_or(Presence::Unknown, Presence::SignedIn);
    let (services, caller) = (asked.services(), asked.caller());
    let released = services.release_kill_switch(caller, id, &why.reason, presence).await?;
    Ok(Json(released.into()))
}
