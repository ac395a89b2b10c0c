//! What happens in a workspace, as it happens: one stream of server-sent events for all that its pages
//! show.
//!
//! An event tells how a thing is now, and its id is the place of the last entry of the audit log about
//! it. So whoever comes back with the last id they heard is told all that is different since, and
//! nothing that is not.

mod feed;
mod listener;
#[cfg(test)]
mod tests;
mod told;

use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse as _, Response},
};
use domain::permission::Permission;
use engine::services::{Happened, Watched};
use http::{HeaderMap, HeaderName, HeaderValue, header};

pub use self::feed::Live;
use self::{
    listener::Listener,
    told::{LiveApprovals, LiveIncident, LiveRun},
};
use super::{
    access::Pass,
    asked::Asked,
    describe::{Api, Param, get},
    problem::Problem,
};
use crate::web::state::AppState;

/// What a client that reconnects sends by itself.
const LAST_EVENT_ID: &str = "last-event-id";

/// The name in the query for whoever cannot send the header.
const AFTER: &str = "after";

const ABOUT: &str = "\
Server-sent events, for as long as the client listens. The first is `ready`. Then `run` and `run-created` \
(data: `LiveRun`), `approvals` (`LiveApprovals`) and `incident` (`LiveIncident`) tell how something is now; \
much that happens at once is told once. `resync` means that more happened than is told: look again. `end` \
means that the asker may not listen any more. A `heartbeat` comes when nothing else does, every 15 seconds.\n\n\
The id of an event is a place in the audit log. Sent back as `Last-Event-ID`, or as `after`, it makes the stream \
go on there.";

const TAG: &str = "Live";

pub fn routes(api: Api) -> Api {
    let about_after = "The id of the last event that was heard, unless `Last-Event-ID` says it";
    api.add(
        TAG,
        get("/stream", "streamEvents", "What happens, as it happens")
            .about(ABOUT)
            .needs(Permission::ViewRuns)
            .query([Param::new(AFTER, about_after).of::<i64>()])
            .gives_text("text/event-stream")
            .tells::<LiveRun>()
            .tells::<LiveApprovals>()
            .tells::<LiveIncident>(),
        stream,
    )
}

async fn stream(
    State(state): State<AppState>,
    asked: Asked,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let after = after(&asked, &headers)?;
    let watched = asked.services().watched(asked.caller()).await?;
    let (heard, at) = state.live().attach(&watched).await?;
    let first = first(&state, &watched, after, at).await?;
    let pass = Pass::of(&asked.access, &headers);
    let listener = Listener::new(state, pass, watched, heard, at, first);
    let mut response = Body::from_stream(listener.stream()).into_response();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        // Proxies that gather answers would keep all of it back.
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

/// Where the client stopped listening, if it ever began.
fn after(asked: &Asked, headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    let sent = headers.get(LAST_EVENT_ID).map(|id| id.to_str().unwrap_or("?"));
    let name = if sent.is_some() { LAST_EVENT_ID } else { AFTER };
    let Some(text) = sent.or_else(|| asked.value(AFTER)) else { return Ok(None) };
    match text.parse() {
        Ok(place) if place >= -1 => Ok(Some(place)),
        _ => Err(Problem::parameter(name, "expected the id of an event")),
    }
}

/// What a listener is told before it hears what others hear: that it is heard, and what it missed.
async fn first(
    state: &AppState,
    watched: &Watched,
    after: Option<i64>,
    at: i64,
) -> Result<String, Problem> {
    let Some(after) = after.filter(|after| *after != at) else { return Ok(told::ready(at)) };
    if after > at {
        // Heard from a process that was faster. What is not even in the log was in another one.
        let end = state.services().live_place(watched).await?;
        let known = after <= end;
        return Ok(if known { told::ready(at) } else { told::ready(at) + &told::resync(at) });
    }
    let now = state.now();
    Ok(match state.services().happened(watched, after, at).await? {
        Happened::Told(missed) => told::ready(after) + &told::written(missed.happenings, now, at),
        Happened::TooMuch => told::ready(at) + &told::resync(at),
    })
}
