//! Taking a list home: one link a format. It opens without a script.

use domain::export::ExportFormat;
use leptos::prelude::*;

use super::icon::{Glyph, Icon};

/// The formats, and for whom each is.
const FORMATS: [(ExportFormat, &str, &str); 3] = [
    (ExportFormat::Csv, "CSV", "for stock tools"),
    (ExportFormat::Jsonl, "JSONL", "the exact record"),
    (ExportFormat::Xlsx, "XLSX", "for spreadsheets"),
];

/// The export of a list.
#[component]
pub fn ExportMenu(
    /// The address of the export with the list's filter, without a format.
    #[prop(into)]
    href: String,
) -> impl IntoView {
    let join = if href.contains('?') { '&' } else { '?' };
    let links = FORMATS.map(|(format, name, what)| {
        view! {
            <li>
                <a href=format!("{href}{join}format={format}")>
                    {name} <span class="export-menu-what">{what}</span>
                </a>
            </li>
        }
    });
    view! {
        <details class="export-menu" name="export-menu">
            <summary class="button" data-variant="secondary" data-size="medium">
                <Icon glyph=Glyph::Download />
                "Export"
            </summary>
            <ul class="export-menu-formats">{links.collect_view()}</ul>
        </details>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::testing::render;

    #[test]
    fn every_format_is_a_link_that_keeps_the_filter() {
        let html = render(|| view! { <ExportMenu href="/w/a/exports/lists/runs?status=failed" /> });
        for format in ExportFormat::ALL {
            let href =
                format!("href=\"/w/a/exports/lists/runs?status=failed&amp;format={format}\"");
            assert!(html.contains(&href), "{html}");
        }
        let html = render(|| view! { <ExportMenu href="/w/a/exports/lists/runs" /> });
        assert!(html.contains("/runs?format=csv"), "{html}");
    }
}
