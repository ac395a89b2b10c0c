//! The bundles of the workspace, newest first, and the form that orders another.

use std::collections::HashMap;

use domain::{
    bundle::{Bundle, BundleStatus},
    id::{BundleId, MemberId},
};
use leptos::prelude::*;

use super::{order, words};
use crate::{
    components::{
        app_frame::Section,
        button::{LinkButton, Size, Variant},
        data_table::{Align, Cell, Column, DataTable, HeadCell, Row},
        digest::Digest,
        empty_state::EmptyState,
        icon::Glyph,
        page_header::PageHeader,
        pager::Pager,
        status_badge::StatusBadge,
        timestamp::Timestamp,
    },
    context::Page,
    fault::Fault,
    pages::{in_workspace, paging::with_query, windows},
};

/// Bundles on a page.
const SIZE: i64 = 25;

/// The name of the place in the query string.
const BEFORE: &str = "before";

/// Exports.
#[component]
pub fn ExportsPage() -> impl IntoView {
    in_workspace(Section::Exports, async |page| {
        page.check_query(&[BEFORE])?;
        let before: Option<BundleId> = match page.query_value(BEFORE) {
            Some(id) => Some(id.parse().map_err(|error| Fault::bad_request(BEFORE, error))?),
            None => None,
        };
        let (services, caller) = (&page.services, page.caller);
        let mut bundles = services.bundles(caller, before, SIZE + 1).await?;
        let more = bundles.len() as i64 > SIZE;
        bundles.truncate(usize::try_from(SIZE).unwrap_or(0));
        let names = services.member_names(caller).await?;
        let automations = services.automations_by_id(caller).await?;
        let mut automations: Vec<_> = automations.into_values().collect();
        automations.sort_by(|a, b| a.name.cmp(&b.name).then_with(|| a.key.cmp(&b.key)));
        let older = bundles.last().filter(|_| more).map(|last| last.id);
        let list = match bundles.is_empty() {
            true => windows::nothing(&page, nothing).await?,
            false => table(&page, &bundles, &names),
        };
        Ok(view! {
            <PageHeader
                title="Exports"
                lead="A bundle is one file with everything about a period: runs, items, approvals, \
                      definitions, the audit log and its proofs. Whoever has it can check it without \
                      this server."
                    .into_any()
            />
            {windows::line(&page)}
            <div class="stack-wide exports">
                {unfinished(&page, &bundles)}
                {list}
                {pager(&page, &bundles, before, older)}
                {order::form(&page, &automations)}
            </div>
        }
        .into_any())
    })
}

/// Pages do not reload by themselves: that would take the focus away from those who read slowly.
fn unfinished(page: &Page, bundles: &[Bundle]) -> Option<AnyView> {
    let waiting = bundles.iter().any(|bundle| !bundle.is_finished());
    let here = page.place.exports();
    waiting.then(|| {
        view! {
            <p class="exports-look">
                "A bundle is being made. "
                <a href=here>"Look again"</a>
            </p>
        }
        .into_any()
    })
}

fn table(page: &Page, bundles: &[Bundle], names: &HashMap<MemberId, String>) -> AnyView {
    let columns = vec![
        Column::new("Period"),
        Column::new("Status"),
        Column::number("Size"),
        Column::new("SHA-256"),
        Column::new("Ordered"),
        Column::number("File"),
    ];
    let rows = bundles.iter().map(|bundle| row(page, bundle, names)).collect_view();
    view! {
        <DataTable caption="Bundles" columns>
            {rows}
        </DataTable>
    }
    .into_any()
}

fn row(page: &Page, bundle: &Bundle, names: &HashMap<MemberId, String>) -> AnyView {
    let file = bundle.file.as_ref();
    let size = file.map(|file| crate::format::bytes(file.size));
    let digest = file.map(|file| view! { <Digest value=file.digest.clone() /> });
    let by = match bundle.requested_by {
        Some(member) => names.get(&member).cloned().unwrap_or_else(|| member.to_string()),
        None => "Host".to_owned(),
    };
    let period = bundle.period.to_string();
    let (of, href) = (period.clone(), page.place.bundle_file(bundle.id));
    let (scope, status) = (definitions(&bundle.automations), status(bundle));
    let (at, now) = (bundle.requested_at, page.now);
    let download = file.filter(|_| bundle.status == BundleStatus::Ready).map(|_| {
        view! {
            <LinkButton
                href=href
                size=Size::Small
                variant=Variant::Quiet
                icon=Glyph::Download
            >
                "Download" <span class="visually-hidden">" " {of}</span>
            </LinkButton>
        }
    });
    view! {
        <Row>
            <HeadCell>
                {period} {scope}
            </HeadCell>
            <Cell label="Status">{status}</Cell>
            <Cell label="Size" align=Align::End fit=true>
                {size}
            </Cell>
            <Cell label="SHA-256" fit=true>
                {digest}
            </Cell>
            <Cell label="Ordered">
                <div>
                    <Timestamp at now />
                    " "
                    <span class="exports-by quiet">{by}</span>
                </div>
            </Cell>
            <Cell label="File" align=Align::End fit=true>
                {download}
            </Cell>
        </Row>
    }
    .into_any()
}

fn definitions(keys: &[String]) -> AnyView {
    let text = match keys {
        [] => "All definitions".to_owned(),
        [key] => key.clone(),
        keys => format!("{} definitions: {}", keys.len(), keys.join(", ")),
    };
    view! { <span class="exports-scope quiet">{text}</span> }.into_any()
}

fn status(bundle: &Bundle) -> AnyView {
    let badge = view! { <StatusBadge status=words::status(bundle.status) /> };
    let more = match (bundle.status, &bundle.failure) {
        (BundleStatus::Failed, Some(failure)) => {
            let (code, message) = (failure.code.clone(), failure.message.clone());
            view! {
                <p class="exports-cause">
                    {message} " " <code>{code}</code>
                </p>
            }
            .into_any()
        }
        (BundleStatus::Assembling, _) => bundle.percent().map(progress).into_any(),
        _ => ().into_any(),
    };
    // One box, so that a card keeps them together beside the column's name.
    view! { <div>{badge} {more}</div> }.into_any()
}

fn progress(percent: i64) -> AnyView {
    let words = format!("{percent} %");
    view! {
        <span class="exports-progress">
            <progress value=percent max="100" aria-label="Written">
                {words.clone()}
            </progress>
            <span>{words}</span>
        </span>
    }
    .into_any()
}

fn pager(
    page: &Page,
    bundles: &[Bundle],
    before: Option<BundleId>,
    older: Option<BundleId>,
) -> Option<AnyView> {
    if before.is_none() && older.is_none() {
        return None;
    }
    let here = page.place.exports();
    let older = older.map(|id| with_query(&here, &[(BEFORE, id.to_string())]));
    let summary = crate::format::plural(bundles.len() as i64, "bundle", "bundles");
    Some(
        view! {
            <Pager
                summary=format!("{summary}, newest first")
                newer=before.map(|_| here)
                older=older
                words=("Newest", "Older")
            />
        }
        .into_any(),
    )
}

fn nothing() -> AnyView {
    view! {
        <EmptyState
            title="No bundles yet"
            text="Order the last quarter below. Making it takes a moment; it is kept, and can be \
                  downloaded again."
            glyph=Glyph::Download
        />
    }
    .into_any()
}
