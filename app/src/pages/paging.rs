//! Keyset pages of a list: where the address says the page begins, and the addresses beside it.

use domain::{
    filter::query,
    page::{Page as Rows, Seek},
};
use leptos::prelude::*;

use crate::{components::pager::Pager, context::Page, fault::Fault, format};

/// The name of the cursor in a query string.
pub const CURSOR: &str = "after";

/// The address of a list without its cursor, and the page of it that was asked for.
#[derive(Debug, Clone)]
pub struct Paging {
    path: String,
    /// Everything else that is in the query string.
    kept: Vec<(&'static str, String)>,
    scope: String,
    /// Where the page begins.
    pub seek: Seek,
}

impl Paging {
    /// Reads the cursor of a list at `path`, whose query string says `kept` besides.
    pub fn read(
        page: &Page,
        path: String,
        kept: Vec<(&'static str, String)>,
    ) -> Result<Self, Fault> {
        let mut paging = Self { path, kept, scope: String::new(), seek: Seek::First };
        // A cursor fits this workspace and this very list only.
        paging.scope = format!("{}{}", page.caller.workspace, paging.first());
        if let Some(text) = page.query_value(CURSOR) {
            paging.seek = Seek::decode(text, &paging.scope)?;
        }
        Ok(paging)
    }

    /// The list from its beginning.
    pub fn first(&self) -> String {
        self.href(None)
    }

    /// The page that is shown now.
    pub fn here(&self) -> String {
        self.href(self.seek.encode(&self.scope))
    }

    /// The pages before and after the one with these rows.
    pub fn beside<T>(&self, rows: &Rows<T>) -> (Option<String>, Option<String>) {
        let href = |seek: Option<Seek>| {
            seek.and_then(|seek| seek.encode(&self.scope)).map(|cursor| self.href(Some(cursor)))
        };
        (href(rows.previous), href(rows.next))
    }

    /// The foot of a list whose newest rows come first.
    pub fn newest_first<T>(&self, rows: &Rows<T>, one: &str, many: &str) -> AnyView {
        let (newer, older) = self.beside(rows);
        let shown = format::plural(rows.rows.len() as i64, one, many);
        let all = if newer.is_none() && older.is_none() { "All " } else { "" };
        view! { <Pager summary=format!("{all}{shown}, newest first") newer older /> }.into_any()
    }

    fn href(&self, cursor: Option<String>) -> String {
        let cursor = cursor.map(|cursor| (CURSOR, cursor));
        with_query(&self.path, self.kept.iter().chain(cursor.iter()))
    }
}

/// A path with a query string, if there is anything to say.
pub fn with_query<'a>(
    path: &str,
    pairs: impl IntoIterator<Item = &'a (&'static str, String)>,
) -> String {
    let query = query(pairs.into_iter().map(|(name, value)| (*name, value.as_str())));
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}
