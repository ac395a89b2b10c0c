//! Tables: a named frame with sortable heads; rows and cells that turn into cards where it is narrow.

use std::borrow::Cow;

use leptos::prelude::*;

use super::icon::{Glyph, Icon};

/// The way a column is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Smallest or oldest first.
    Ascending,
    /// Largest or newest first.
    Descending,
}

/// Where the text of a column stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Align {
    /// Words.
    #[default]
    Start,
    /// Numbers, so that their digits line up.
    End,
}

impl Align {
    /// The value of `data-align`; the usual one needs none.
    const fn attribute(self) -> Option<&'static str> {
        match self {
            Self::Start => None,
            Self::End => Some("end"),
        }
    }
}

/// One column's head.
#[derive(Debug, Clone)]
pub struct Column {
    label: String,
    align: Align,
    sort: Option<(String, Option<Direction>)>,
}

impl Column {
    /// A column of words.
    pub fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), align: Align::Start, sort: None }
    }

    /// A column of numbers.
    pub fn number(label: impl Into<String>) -> Self {
        Self { align: Align::End, ..Self::new(label) }
    }

    /// Makes the head a link to the same list sorted by this column (`href` says which way it will
    /// be); `now` is how the list is sorted by it at present.
    pub fn sorted(mut self, href: impl Into<String>, now: Option<Direction>) -> Self {
        self.sort = Some((href.into(), now));
        self
    }

    fn head(self) -> impl IntoView {
        let now = self.sort.as_ref().and_then(|(_, now)| *now);
        let aria = now.map(|now| match now {
            Direction::Ascending => "ascending",
            Direction::Descending => "descending",
        });
        let glyph = match now {
            Some(Direction::Ascending) => Glyph::Ascending,
            Some(Direction::Descending) => Glyph::Descending,
            None => Glyph::Sortable,
        };
        let content = match self.sort {
            Some((href, _)) => view! {
                <a class="data-table-sort" href=href>
                    {self.label}
                    <Icon glyph />
                </a>
            }
            .into_any(),
            None => self.label.into_any(),
        };
        view! {
            <th scope="col" role="columnheader" aria-sort=aria data-align=self.align.attribute()>
                {content}
            </th>
        }
    }
}

/// A table. Its children are [`Row`]s, or one [`EmptyRow`]. The explicit roles keep it a table for
/// screen readers when the style sheet lays its rows out as cards.
#[component]
pub fn DataTable(
    /// What the table lists; read out, and seen only if `show_caption`.
    #[prop(into)]
    caption: String,
    /// Heads, in order.
    columns: Vec<Column>,
    /// Shows the caption above the heads.
    #[prop(optional)]
    show_caption: bool,
    /// A last row that adds the others up.
    #[prop(optional, into)]
    total: Option<AnyView>,
    /// The rows.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="data-table">
            <div class="data-table-scroll">
                <table role="table">
                    <caption class=(!show_caption).then_some("visually-hidden")>{caption}</caption>
                    <thead role="rowgroup">
                        <tr role="row">{columns.into_iter().map(Column::head).collect_view()}</tr>
                    </thead>
                    <tbody role="rowgroup">{children()}</tbody>
                    {total.map(|total| view! { <tfoot role="rowgroup">{total}</tfoot> })}
                </table>
            </div>
        </div>
    }
    .into_any()
}

/// A row of a [`DataTable`].
#[component]
pub fn Row(
    /// Its cells.
    children: Children,
) -> impl IntoView {
    view! { <tr role="row">{children()}</tr> }.into_any()
}

/// A cell of a [`Row`].
#[component]
pub fn Cell(
    /// The column's name, shown beside the value when the row is a card.
    #[prop(into)]
    label: Cow<'static, str>,
    /// Where its text stands; as its column's.
    #[prop(optional)]
    align: Align,
    /// No wider than its content, and on one line.
    #[prop(optional)]
    fit: bool,
    /// The value.
    children: Children,
) -> impl IntoView {
    view! {
        <td role="cell" data-label=label data-align=align.attribute() data-fit=fit.then_some("")>
            {children()}
        </td>
    }
    .into_any()
}

/// The cell that names its row, first in it; with `href`, the link that stands for the whole row.
#[component]
pub fn HeadCell(
    /// Where the row leads.
    #[prop(optional_no_strip, into)]
    href: Option<String>,
    /// No wider than its content, and on one line.
    #[prop(optional)]
    fit: bool,
    /// The row's name.
    children: Children,
) -> impl IntoView {
    let content = match href {
        Some(href) => view! { <a class="data-table-link" href=href>{children()}</a> }.into_any(),
        None => children(),
    };
    view! {
        <th scope="row" role="rowheader" data-fit=fit.then_some("")>
            {content}
        </th>
    }
    .into_any()
}

/// The only row of a table that has none: why it is empty.
#[component]
pub fn EmptyRow(
    /// How many columns the table has.
    columns: usize,
    /// Why there is nothing.
    children: Children,
) -> impl IntoView {
    view! {
        <tr class="data-table-empty" role="row">
            <td role="cell" colspan=columns.to_string()>
                {children()}
            </td>
        </tr>
    }
    .into_any()
}
