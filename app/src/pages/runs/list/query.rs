//! The address of the list: filter, page, grouping and rows a page, read and written here alone.

use domain::{
    filter::{RunFilter, query},
    id::WorkspaceId,
    page::{DEFAULT_SIZE, InvalidCursor, Seek},
};

use crate::fault::Fault;

/// Rows a page on offer.
pub const SIZES: [i64; 3] = [25, DEFAULT_SIZE, 100];

/// The names in the query string that are not the filter's.
const OTHERS: [&str; 4] = ["after", "before", "group", "rows"];

/// What the list shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListQuery {
    workspace: WorkspaceId,
    pub filter: RunFilter,
    pub seek: Seek,
    /// Counts per definition in place of runs.
    pub grouped: bool,
    pub rows: i64,
}

/// An address that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misread {
    pub fault: Fault,
    /// What of it could be read, from the first page on.
    pub instead: ListQuery,
}

type Pairs<'a> = &'a [(String, String)];

impl ListQuery {
    /// Everything, newest first.
    pub fn new(workspace: WorkspaceId) -> Self {
        let filter = RunFilter::default();
        Self { workspace, filter, seek: Seek::First, grouped: false, rows: DEFAULT_SIZE }
    }

    /// Reads the decoded pairs of a query string. What it does not know is refused by name.
    pub fn parse(workspace: WorkspaceId, pairs: Pairs<'_>) -> Result<Self, Box<Misread>> {
        let mut asked = Self::new(workspace);
        match asked.read(pairs) {
            Ok(()) => Ok(asked),
            Err(fault) => Err(Box::new(Misread { fault, instead: asked })),
        }
    }

    fn read(&mut self, pairs: Pairs<'_>) -> Result<(), Fault> {
        let plain = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        self.filter = RunFilter::parse(plain, &OTHERS)?;
        self.grouped = match value(pairs, "group") {
            None => false,
            Some("definition") => true,
            Some(_) => return Err(Fault::bad_request("group", "expected definition")),
        };
        self.rows = match value(pairs, "rows") {
            None => DEFAULT_SIZE,
            Some(rows) => rows
                .parse()
                .ok()
                .filter(|rows| SIZES.contains(rows))
                .ok_or_else(|| Fault::bad_request("rows", "expected 25, 50 or 100"))?,
        };
        self.seek = self.cursor(pairs)?;
        Ok(())
    }

    fn cursor(&self, pairs: Pairs<'_>) -> Result<Seek, Fault> {
        let (name, text) = match (value(pairs, "after"), value(pairs, "before")) {
            (None, None) => return Ok(Seek::First),
            (Some(text), None) => ("after", text),
            (None, Some(text)) => ("before", text),
            (Some(_), Some(_)) => {
                let message = "a page begins after one run or ends before another, not both";
                return Err(Fault::bad_request("before", message));
            }
        };
        match (name, Seek::decode(text, &self.scope())) {
            ("after", Ok(seek @ Seek::After(_))) | ("before", Ok(seek @ Seek::Before(_))) => {
                Ok(seek)
            }
            _ => Err(Fault::bad_request(name, InvalidCursor)),
        }
    }

    /// A cursor fits only the workspace and the filter it was made for.
    fn scope(&self) -> String {
        format!("{}?{}", self.workspace, self.filter.query())
    }

    /// The address of what is shown, given the list's own path.
    pub fn href(&self, path: &str) -> String {
        let mut pairs = self.filter.pairs();
        pairs.extend(self.kept());
        let name = if matches!(self.seek, Seek::Before(_)) { "before" } else { "after" };
        pairs.extend(self.seek.encode(&self.scope()).map(|cursor| (name, cursor)));
        match query(pairs.iter().map(|(name, value)| (*name, value.as_str()))) {
            none if none.is_empty() => path.to_owned(),
            pairs => format!("{path}?{pairs}"),
        }
    }

    /// What stays when the filter is chosen anew.
    pub fn kept(&self) -> Vec<(&'static str, String)> {
        let mut kept = Vec::new();
        if self.grouped {
            kept.push(("group", "definition".to_owned()));
        }
        if self.rows != DEFAULT_SIZE {
            kept.push(("rows", self.rows.to_string()));
        }
        kept
    }

    /// Another page of the same list.
    #[must_use]
    pub fn at(&self, seek: Seek) -> Self {
        Self { seek, ..self.clone() }
    }

    /// The same list with another filter, from its first page: a changed filter drops the cursor.
    #[must_use]
    pub fn filtered(&self, change: impl FnOnce(&mut RunFilter)) -> Self {
        let mut changed = self.at(Seek::First);
        change(&mut changed.filter);
        changed
    }

    /// The same filter as a list of runs, or as counts per definition.
    #[must_use]
    pub fn grouped(&self, grouped: bool) -> Self {
        Self { grouped, ..self.at(Seek::First) }
    }

    /// The same list without what narrows it.
    #[must_use]
    pub fn cleared(&self) -> Self {
        self.filtered(|filter| {
            *filter = RunFilter { by: filter.by, order: filter.order, ..RunFilter::default() };
        })
    }

    #[must_use]
    pub fn with_rows(&self, rows: i64) -> Self {
        Self { rows, ..self.at(Seek::First) }
    }
}

/// The first value of this name; an empty one counts as absent.
fn value<'a>(pairs: Pairs<'a>, name: &str) -> Option<&'a str> {
    let found = pairs.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use domain::{Timestamp, page::Place, run::RunStatus};

    use super::*;

    fn workspace(n: u128) -> WorkspaceId {
        format!("{n:032x}").parse().unwrap()
    }

    fn read(workspace: WorkspaceId, href: &str) -> Result<ListQuery, Box<Misread>> {
        let pairs = href.split_once('?').map_or("", |(_, pairs)| pairs);
        let pairs = pairs.split('&').filter_map(|pair| pair.split_once('='));
        let pairs: Vec<_> = pairs.map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
        ListQuery::parse(workspace, &pairs)
    }

    fn place() -> Place {
        Place { at: Timestamp::UNIX_EPOCH, id: workspace(7).uuid() }
    }

    fn deep() -> ListQuery {
        let mut list = ListQuery::new(workspace(1));
        list.filter.statuses = vec![RunStatus::Failed];
        list.rows = 25;
        list.seek = Seek::After(place());
        list
    }

    #[test]
    fn an_address_reads_back_as_what_it_shows() {
        let list = deep();
        assert_eq!(read(workspace(1), &list.href("/runs")).unwrap(), list);
        let back = list.at(Seek::Before(place()));
        assert_eq!(read(workspace(1), &back.href("/runs")).unwrap(), back);
        assert_eq!(ListQuery::new(workspace(1)).href("/runs"), "/runs");
    }

    #[test]
    fn a_changed_filter_drops_the_cursor() {
        let changed = deep().filtered(|filter| filter.statuses.clear());
        assert_eq!(changed.seek, Seek::First);
        assert_eq!(deep().cleared().href("/runs"), "/runs?rows=25");
        assert_eq!(deep().grouped(true).seek, Seek::First);
    }

    #[test]
    fn a_cursor_of_another_list_is_refused_and_the_filter_kept() {
        let href = deep().href("/runs");
        for alien in [
            read(workspace(2), &href),
            read(workspace(1), &href.replace("status=failed", "status=running")),
            read(workspace(1), &href.replace("after=", "before=")),
            read(workspace(1), "/runs?after=nonsense&status=failed"),
        ] {
            let misread = alien.unwrap_err();
            assert_eq!(misread.fault.status.as_u16(), 400);
            assert!(misread.fault.happened.contains("does not belong to this list"));
            assert_eq!(misread.instead.seek, Seek::First);
            assert!(!misread.instead.filter.statuses.is_empty());
        }
    }

    #[test]
    fn what_is_unknown_is_refused_by_name() {
        for (pairs, name) in [
            ("colour=red", "colour"),
            ("status=done", "status"),
            ("group=day", "group"),
            ("rows=51", "rows"),
            ("after=a&before=b", "before"),
        ] {
            let misread = read(workspace(1), &format!("/runs?{pairs}")).unwrap_err();
            assert!(misread.fault.happened.starts_with(name), "{}", misread.fault.happened);
        }
    }
}
