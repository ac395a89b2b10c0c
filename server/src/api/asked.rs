//! What a request says besides its body: parts of the path and names in the query, read by name so
//! that whatever is wrong is named.

use std::{collections::HashMap, fmt::Display, str::FromStr};

use axum::extract::{FromRequestParts, Path, Query};
use domain::{
    Timestamp,
    id::WorkspaceId,
    page::{DEFAULT_SIZE, MAX_SIZE, Page, Place, Seek},
};
use engine::services::{Caller, Services};
use http::request::Parts;
use serde::Serialize;
use uuid::Uuid;

use super::{ROOT, access::Access, problem::Problem};
use crate::web::state::AppState;

/// The names in the query that say which page of a list.
pub const AFTER: &str = "after";
pub const BEFORE: &str = "before";
pub const LIMIT: &str = "limit";
pub const PAGING: [&str; 3] = [AFTER, BEFORE, LIMIT];

/// A request in a workspace.
#[derive(Debug, Clone)]
pub struct Asked {
    pub access: Access,
    params: HashMap<String, String>,
    pub query: Vec<(String, String)>,
}

impl Asked {
    pub fn services(&self) -> &Services {
        &self.access.services
    }

    pub fn caller(&self) -> Caller {
        self.access.caller
    }

    /// The address of the workspace.
    pub fn address(&self) -> String {
        format!("{ROOT}/workspaces/{}", self.access.workspace.slug)
    }

    /// A part of the path, such as the id of a run.
    pub fn part<T: FromStr<Err: Display>>(&self, name: &str) -> Result<T, Problem> {
        let text = self.params.get(name).map(String::as_str).unwrap_or_default();
        text.parse().map_err(|error| Problem::parameter(name, error))
    }

    /// Whether the path has such a part.
    pub fn has_part(&self, name: &str) -> bool {
        self.params.contains_key(name)
    }

    /// The value of a name in the query; an empty one counts as absent.
    pub fn value(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The same, read as something.
    pub fn read<T: FromStr<Err: Display>>(&self, name: &str) -> Result<Option<T>, Problem> {
        let read = self.value(name).map(str::parse).transpose();
        read.map_err(|error| Problem::parameter(name, error))
    }

    /// The pairs of the query, as filters read them.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.query.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// How many rows a page is to have.
    pub fn limit(&self) -> Result<i64, Problem> {
        let limit = self.read(LIMIT)?.unwrap_or(DEFAULT_SIZE);
        if (1..=MAX_SIZE).contains(&limit) {
            return Ok(limit);
        }
        Err(Problem::parameter(LIMIT, format_args!("expected 1 to {MAX_SIZE}")))
    }

    /// Which page of a list. `list` names the list and its filter: a cursor of another one, or of
    /// another workspace, is refused.
    pub fn paging(&self, list: impl Display) -> Result<Paging, Problem> {
        let (after, before) = (self.value(AFTER), self.value(BEFORE));
        Paging::read(self.access.workspace.id, list, after, before, self.limit()?)
    }
}

/// Which page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paging {
    scope: String,
    pub seek: Seek,
    pub size: i64,
}

impl Paging {
    /// The page of a list in a workspace that the cursors name.
    pub fn read(
        workspace: WorkspaceId,
        list: impl Display,
        after: Option<&str>,
        before: Option<&str>,
        size: i64,
    ) -> Result<Self, Problem> {
        let scope = format!("{workspace}/api/{list}");
        let seek = match (after, before) {
            (None, None) => Seek::First,
            (Some(text), None) => match Seek::decode(text, &scope) {
                Ok(seek @ Seek::After(_)) => seek,
                _ => return Err(Problem::parameter(AFTER, domain::page::InvalidCursor)),
            },
            (None, Some(text)) => match Seek::decode(text, &scope) {
                Ok(seek @ Seek::Before(_)) => seek,
                _ => return Err(Problem::parameter(BEFORE, domain::page::InvalidCursor)),
            },
            (Some(_), Some(_)) => return Err(Problem::parameter(BEFORE, "one cursor at a time")),
        };
        Ok(Self { scope, seek, size })
    }

    /// Where a list that goes by numbers goes on: after the row with this one, or before it. A cursor
    /// carries the number as its time.
    pub fn numbers(&self) -> (Option<i64>, Option<i64>) {
        match self.seek {
            Seek::First => (None, None),
            Seek::After(place) => (Some(place.at.timestamp_micros()), None),
            Seek::Before(place) => (None, Some(place.at.timestamp_micros())),
        }
    }

    pub fn after_number(&self, number: i64) -> Option<String> {
        Seek::After(numbered(number)?).encode(&self.scope)
    }

    pub fn before_number(&self, number: i64) -> Option<String> {
        Seek::Before(numbered(number)?).encode(&self.scope)
    }

    /// A page as it is sent.
    pub fn listed<T, U>(&self, page: Page<T>, row: impl FnMut(T) -> U) -> Listed<U> {
        let cursor = |seek: Option<Seek>| seek.and_then(|seek| seek.encode(&self.scope));
        Listed {
            next: cursor(page.next),
            previous: cursor(page.previous),
            data: page.rows.into_iter().map(row).collect(),
        }
    }
}

fn numbered(number: i64) -> Option<Place> {
    Some(Place { at: Timestamp::from_timestamp_micros(number)?, id: Uuid::nil() })
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Listed<T> {
    pub data: Vec<T>,
    /// What `after` leads to the rows that follow, if there are more.
    pub next: Option<String>,
    /// What `before` leads to the rows that come before, if there are more.
    pub previous: Option<String>,
}

impl<T> Listed<T> {
    /// A list that has no more than one page.
    pub fn whole(data: impl IntoIterator<Item = impl Into<T>>) -> Self {
        let data = data.into_iter().map(Into::into).collect();
        Self { data, next: None, previous: None }
    }
}

impl FromRequestParts<AppState> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let params = Path::<HashMap<String, String>>::from_request_parts(parts, state).await;
        let Path(params) = params.map_err(|error| Problem::parameter("path", error))?;
        let query = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        let Query(query) = query.map_err(|error| Problem::parameter("query", error))?;
        let access = parts.extensions.get::<Access>().cloned();
        let access = access.ok_or_else(|| Problem::internal("a route without access"))?;
        Ok(Self { access, params, query })
    }
}
