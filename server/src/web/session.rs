//! Who is asking: the session cookie, and the visitor's place in the workspace of the address.

use app::{
    components::kill_banner::Stopped,
    context::{Place, Visitor},
    fault::Fault,
};
use axum::{
    extract::{RawPathParams, Request, State, rejection::RawPathParamsRejection},
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::{
    CookieJar,
    cookie::{Cookie, SameSite},
};
use domain::{filter::encode, kill::KillScope};
use engine::services::{Caller, ServiceError, Services, SignedIn};
use http::{HeaderMap, Method, Uri, uri::PathAndQuery};

use super::{errors::Refusal, state::AppState};

/// A browser keeps a cookie of this name to https, to this very host and to the whole of it.
const SECURE_NAME: &str = "__Host-assize";

/// For plain http on this machine, where browsers refuse the other.
const LOCAL_NAME: &str = "assize";

fn cookie(state: &AppState, secret: &str) -> Cookie<'static> {
    let secure = state.config().origin.is_secure();
    let name = if secure { SECURE_NAME } else { LOCAL_NAME };
    Cookie::build((name, secret.to_owned()))
        .path("/")
        .http_only(true)
        .secure(secure)
        .same_site(SameSite::Lax)
        .build()
}

/// The secret of the session that a request shows.
pub fn secret(state: &AppState, headers: &HeaderMap) -> Option<String> {
    let name = cookie(state, "").name().to_owned();
    CookieJar::from_headers(headers).get(&name).map(|cookie| cookie.value().to_owned())
}

/// Sends somebody who has just come in on, with their session. It lasts until the browser is closed;
/// the server ends it earlier when it was idle for long.
pub fn begin(state: &AppState, signed_in: &SignedIn, next: &str) -> Response {
    let jar = CookieJar::new().add(cookie(state, signed_in.secret.expose()));
    (jar, Redirect::to(next)).into_response()
}

/// Takes the session from the browser.
pub fn end(state: &AppState, next: &str) -> Response {
    let mut gone = cookie(state, "");
    gone.make_removal();
    (CookieJar::new().add(gone), Redirect::to(next)).into_response()
}

/// Lets only signed-in visitors pass.
pub async fn require_visitor(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    match visitor(&state, request.headers()).await? {
        Some(visitor) => {
            request.extensions_mut().insert(visitor);
            Ok(next.run(request).await)
        }
        None => Ok(to_sign_in(request.method(), request.uri())),
    }
}

/// Lets only members of the workspace in the address pass, with the role they have now. To others
/// there is no such workspace.
pub async fn require_member(
    State(state): State<AppState>,
    params: Result<RawPathParams, RawPathParamsRejection>,
    mut request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    let Some(visitor) = visitor(&state, request.headers()).await? else {
        return Ok(to_sign_in(request.method(), request.uri()));
    };
    let params = params.map_err(|error| Fault::bad_request("workspace", error))?;
    let slug = params.iter().find(|(name, _)| *name == "workspace").map(|(_, slug)| slug);
    let place = place(&state, &visitor, slug.unwrap_or_default()).await?;
    request.extensions_mut().insert(visitor);
    request.extensions_mut().insert(place);
    Ok(next.run(request).await)
}

async fn visitor(state: &AppState, headers: &HeaderMap) -> Result<Option<Visitor>, ServiceError> {
    let Some(secret) = secret(state, headers) else { return Ok(None) };
    let session = state.services().session(&secret).await?;
    Ok(session.map(|session| Visitor { account: session.account, email: session.email }))
}

async fn place(state: &AppState, visitor: &Visitor, slug: &str) -> Result<Place, ServiceError> {
    let services = state.services();
    let (workspace, member, caller) = services.principal_in(visitor.account, slug).await?;
    // Before all else: what happens after this is told to the page's islands.
    let watched = services.watched(caller).await?;
    let log = services.live_place(&watched).await?;
    let sight = watched.sight().clone();
    let waiting = services.open_approval_count(caller).await?;
    let stopped = stopped(services, caller).await?;
    Ok(Place { workspace, member, waiting, sight, log, stopped })
}

/// What kill switches stop at this moment.
async fn stopped(services: &Services, caller: Caller) -> Result<Vec<Stopped>, ServiceError> {
    let pressed = services.pressed_switches(caller).await?;
    if pressed.is_empty() {
        return Ok(Vec::new());
    }
    let known = services.automations_by_id(caller).await?;
    let stopped = pressed.into_iter().map(|switch| {
        let what = match switch.scope {
            KillScope::Workspace => "Everything".to_owned(),
            KillScope::Automation(id) => {
                known.get(&id).map_or_else(|| id.to_string(), |found| found.name.clone())
            }
        };
        Stopped { what, switch }
    });
    Ok(stopped.collect())
}

/// A page is worth coming back to; what a form would have done is not repeated unasked.
fn to_sign_in(method: &Method, asked: &Uri) -> Response {
    let path = asked.path_and_query().map(PathAndQuery::as_str);
    match path.filter(|path| method == Method::GET && *path != "/") {
        Some(path) => Redirect::to(&format!("/sign-in?next={}", encode(path))).into_response(),
        None => Redirect::to("/sign-in").into_response(),
    }
}

/// Where to go after sign-in: a path of this site, else the start page. A browser reads `//host` and
/// `/\host` as another site.
pub fn safe_next(next: &str) -> &str {
    let path = next.starts_with('/') && !next.starts_with("//");
    let plain = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if path && plain && next.len() <= 2_000 { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_of_this_site_is_gone_to_after_sign_in() {
        for good in ["/", "/w/north/governance/automation/runs?status=failed&from=2026-07-01"] {
            assert_eq!(safe_next(good), good);
        }
        let long = format!("/{}", "x".repeat(3_000));
        for bad in [
            "",
            "w/north",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/ /evil",
            "/\r\nSet-Cookie: a=b",
            "/ä",
            &long,
        ] {
            assert_eq!(safe_next(bad), "/", "{bad:?}");
        }
    }
}
