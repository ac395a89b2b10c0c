//! Keyset pages: where a page begins, and how that is written in an address.

use chrono::Datelike as _;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Timestamp, canonical::digest};

/// Rows on a page unless asked otherwise.
pub const DEFAULT_SIZE: i64 = 50;

/// The most rows a page has.
pub const MAX_SIZE: i64 = 200;

/// A row's place in a sorted list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub at: Timestamp,
    pub id: Uuid,
}

/// Which page: the first, or one beside a known row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Seek {
    #[default]
    First,
    /// The rows that follow this one in the list's order.
    After(Place),
    /// The rows just before this one in the list's order.
    Before(Place),
}

/// A cursor that does not belong here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this page marker does not belong to this list; start again from the first page")]
pub struct InvalidCursor;

impl Seek {
    /// Writes a cursor that only fits the same list: `scope` names workspace and filter.
    pub fn encode(self, scope: &str) -> Option<String> {
        let (side, place) = match self {
            Self::First => return None,
            Self::After(place) => ('a', place),
            Self::Before(place) => ('b', place),
        };
        let micros = place.at.timestamp_micros();
        let body = format!("{side}{micros}.{}", place.id.simple());
        Some(format!("{body}.{}", seal(&body, scope)))
    }

    /// Reads a cursor written for the same `scope`.
    pub fn decode(text: &str, scope: &str) -> Result<Self, InvalidCursor> {
        let (body, mark) = text.rsplit_once('.').ok_or(InvalidCursor)?;
        if mark != seal(body, scope) {
            return Err(InvalidCursor);
        }
        let (head, id) = body.split_once('.').ok_or(InvalidCursor)?;
        let side = head.get(..1).ok_or(InvalidCursor)?;
        let micros = head[1..].parse().map_err(|_| InvalidCursor)?;
        let place = Place {
            at: storable(micros).ok_or(InvalidCursor)?,
            id: Uuid::try_parse(id).map_err(|_| InvalidCursor)?,
        };
        match side {
            "a" => Ok(Self::After(place)),
            "b" => Ok(Self::Before(place)),
            _ => Err(InvalidCursor),
        }
    }
}

/// An instant that every database can hold.
fn storable(micros: i64) -> Option<Timestamp> {
    Timestamp::from_timestamp_micros(micros).filter(|at| (0..10_000).contains(&at.year()))
}

/// Not a secret: it only tells a cursor of one list from that of another.
fn seal(body: &str, scope: &str) -> String {
    digest(format!("{body}\n{scope}").as_bytes())[..8].to_owned()
}

/// One page of rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    pub rows: Vec<T>,
    /// Leads to what comes before in the list's order, if there is more.
    pub previous: Option<Seek>,
    /// Leads to what follows in the list's order, if there is more.
    pub next: Option<Seek>,
}

impl<T> Page<T> {
    /// Makes a page out of up to `size + 1` rows, read in the direction of `seek`.
    ///
    /// For [`Seek::Before`] the rows come nearest first, so they are turned round here.
    pub fn new(mut rows: Vec<T>, size: i64, seek: Seek, place: impl Fn(&T) -> Place) -> Self {
        let size = usize::try_from(size).unwrap_or(0);
        let more = rows.len() > size;
        rows.truncate(size);
        let backwards = matches!(seek, Seek::Before(_));
        if backwards {
            rows.reverse();
        }
        let has_previous = if backwards { more } else { seek != Seek::First };
        let has_next = if backwards { true } else { more };
        let previous = rows.first().filter(|_| has_previous).map(|row| Seek::Before(place(row)));
        let next = rows.last().filter(|_| has_next).map(|row| Seek::After(place(row)));
        Self { rows, previous, next }
    }

    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page {
            rows: self.rows.into_iter().map(f).collect(),
            previous: self.previous,
            next: self.next,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(n: u128) -> Place {
        Place { at: Timestamp::from_timestamp_micros(n as i64).unwrap(), id: Uuid::from_u128(n) }
    }

    #[test]
    fn a_cursor_fits_only_the_list_it_was_made_for() {
        let seek = Seek::After(place(7));
        let text = seek.encode("wsp_1?status=failed").unwrap();
        assert_eq!(Seek::decode(&text, "wsp_1?status=failed").unwrap(), seek);
        assert!(Seek::decode(&text, "wsp_2?status=failed").is_err());
        let beyond = Place { at: Timestamp::MAX_UTC, ..place(7) };
        let beyond = Seek::After(beyond).encode("wsp_1?status=failed").unwrap();
        for broken in ["", "x", "a1.2.3", "é.é.é", &text[1..], &beyond] {
            assert!(Seek::decode(broken, "wsp_1?status=failed").is_err(), "{broken}");
        }
    }

    #[test]
    fn the_first_page_has_nothing_before_it_and_the_last_nothing_after() {
        let first = Page::new(vec![1, 2, 3], 2, Seek::First, |n| place(*n));
        assert_eq!(first.rows, [1, 2]);
        assert!(first.previous.is_none());
        assert_eq!(first.next, Some(Seek::After(place(2))));
        let last = Page::new(vec![3], 2, Seek::After(place(2)), |n| place(*n));
        assert!(last.next.is_none());
        assert_eq!(last.previous, Some(Seek::Before(place(3))));
    }

    #[test]
    fn going_back_gives_the_rows_in_the_order_of_the_list() {
        let back = Page::new(vec![4, 3, 2], 2, Seek::Before(place(5)), |n| place(*n));
        assert_eq!(back.rows, [3, 4]);
        assert_eq!(back.previous, Some(Seek::Before(place(3))));
        assert_eq!(back.next, Some(Seek::After(place(4))));
    }
}
