//! What a page knows of its request. The server provides one [`Request`] for every page it renders;
//! pages read it here and nowhere else.

use std::str::FromStr;

use domain::{
    Timestamp,
    id::AccountId,
    member::{Member, Principal, Workspace},
    origin::Origin,
    permission::{self, Permission},
    window::Sight,
};
use engine::services::{Caller, Services};
use http::{HeaderValue, StatusCode, header};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_router::{hooks::use_params_map, params::ParamsMap};

use crate::{
    components::{app_frame::Viewer, kill_banner::Stopped},
    fault::Fault,
    form_state::FormState,
    islands::live::Stream,
    shell::Assets,
};

/// The request a page answers. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Request {
    pub services: Services,
    /// When the request came; the one "now" of the whole page.
    pub now: Timestamp,
    /// As the log has it.
    pub request_id: String,
    /// What audit entries name as the request behind them.
    pub origin: Origin,
    /// The path that was asked for.
    pub path: String,
    /// The decoded pairs of the query string, in its order.
    pub query: Vec<(String, String)>,
    pub assets: Assets,
    /// Who is signed in, if anybody is.
    pub visitor: Option<Visitor>,
    /// The workspace in the address, with the visitor's place in it, read for this very request.
    pub place: Option<Place>,
    /// What a form on the page shows again after it was refused.
    pub form: FormState,
    /// This is a development server.
    pub development: bool,
}

/// An account that is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    pub account: AccountId,
    pub email: String,
}

/// A workspace and the visitor's membership in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub workspace: Workspace,
    pub member: Member,
    /// Approvals that are open; 100 stands for a hundred or more.
    pub waiting: i64,
    /// The periods the visitor sees, at this very request.
    pub sight: Sight,
    /// How far the log had come before anything was read for this page.
    pub log: i64,
    /// What kill switches stop at this very request.
    pub stopped: Vec<Stopped>,
}

impl Place {
    /// What services are told about who asks.
    pub fn caller(&self) -> Caller {
        let Member { id, role, .. } = self.member;
        Caller { workspace: self.workspace.id, principal: Principal::Member { id, role } }
    }

    /// The address of a page of this workspace: `place.href("registers")`.
    pub fn href(&self, path: &str) -> String {
        format!("/w/{}/{path}", self.workspace.slug)
    }

    /// Where islands hear what happens after what the page shows.
    pub fn stream(&self) -> Stream {
        let url = format!("/api/v1/workspaces/{}/stream", self.workspace.slug);
        Stream { url, after: self.log }
    }

    /// What the frame around a page shows.
    pub fn viewer(&self) -> Viewer {
        Viewer {
            workspace: self.workspace.name.clone(),
            slug: self.workspace.slug.clone(),
            member: self.member.name.clone(),
            role: self.member.role.as_str(),
            waiting: self.waiting,
            stream: Some(self.stream()),
            stopped: self.stopped.clone(),
        }
    }
}

/// The request this page answers.
pub fn request() -> Request {
    expect_context()
}

/// The status of the answer, where it is not 200.
pub fn set_status(status: StatusCode) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(status);
    }
}

/// Tells the client when it is worth another try.
pub fn set_retry_after(seconds: i64) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.insert_header(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    }
}

/// The decoded pairs of a query string, in its order.
pub type Pairs = Vec<(String, String)>;

/// What a page of a workspace works with: see [`crate::pages::in_workspace`].
#[derive(Debug, Clone)]
pub struct Page {
    pub services: Services,
    /// Who asks, and where: the first argument of most services.
    pub caller: Caller,
    pub place: Place,
    pub now: Timestamp,
    /// Different for every request: what a form sends so that sending it twice does nothing twice.
    pub request_id: String,
    pub form: FormState,
    /// The decoded pairs of the query string, in its order.
    pub query: Vec<(String, String)>,
    params: ParamsMap,
}

impl Page {
    pub(crate) fn new(request: Request, place: Place) -> Self {
        Self {
            services: request.services,
            caller: place.caller(),
            place,
            now: request.now,
            request_id: request.request_id,
            form: request.form,
            query: request.query,
            params: use_params_map().get_untracked(),
        }
    }

    /// A part of the path, such as `run` in `runs/:run`; a malformed one is answered with 400 and
    /// its name.
    pub fn param<T: FromStr<Err: std::fmt::Display>>(&self, name: &str) -> Result<T, Fault> {
        let text = self.params.get_str(name).unwrap_or_default();
        text.parse().map_err(|error| Fault::bad_request(name, error))
    }

    /// Refuses a name in the query string that the page does not know: a filter that silently does
    /// nothing shows a list that is not what it seems. (`RunFilter::parse` refuses by itself.)
    pub fn check_query(&self, known: &[&str]) -> Result<(), Fault> {
        match self.query.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            Some((name, _)) => Err(Fault::bad_request(
                name,
                format_args!("this page does not know it; it knows {}", known.join(", ")),
            )),
            None => Ok(()),
        }
    }

    /// The first value of this name in the query string; an empty one counts as absent.
    pub fn query_value(&self, name: &str) -> Option<&str> {
        let value = self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        value.map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The address of a page of this workspace: `page.href("registers")`.
    pub fn href(&self, path: &str) -> String {
        self.place.href(path)
    }

    /// Whether the member may do this, to show or leave out what leads to it. Services check again.
    pub fn may(&self, permission: Permission) -> bool {
        permission::require(self.caller.principal, permission).is_ok()
    }
}
