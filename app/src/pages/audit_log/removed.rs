//! What is left of entries that went with the stubs of reported runs: hashes, and words for them.

use domain::{audit::Verb, canonical::hex, filter::query};
use engine::services::AuditGap;
use leptos::prelude::*;

use super::{checkpoint, single::beside};
use crate::{
    components::{
        alert::Alert,
        digest::Digest,
        key_value::{Entry, KeyValue},
        page_header::{Crumb, PageHeader},
        panel::Panel,
        tone::Tone,
    },
    context::Page,
    fault::Fault,
    format,
};

/// The row between two entries that are neighbours no more.
pub fn row(page: &Page, gap: &AuditGap) -> AnyView {
    let many = format::plural(gap.entries, "entry", "entries");
    let were = if gap.entries == 1 { "was" } else { "were" };
    view! {
        <tr class="audit-gap">
            <td colspan="6">
                {many} " about reported runs " {were} " removed after their term; the "
                <a href=page.place.audit_entry(gap.last)>"hashes stayed"</a>
            </td>
        </tr>
    }
    .into_any()
}

/// The page of an entry that is gone.
pub async fn page(page: &Page, seq: i64) -> Result<AnyView, Fault> {
    let hash = page.services.removed_entry(page.caller, seq).await?;
    let size = page.services.audit_root(page.caller).await?.size;
    let crumbs = vec![Crumb::to("Audit log", page.place.audit_log(""))];
    let title = format!("Entry {}", format::count(seq));
    let said = query([("verb", Verb::EntriesRemoved.as_str())]);
    let said = page.place.audit_log(&said);
    Ok(view! {
        <PageHeader title crumbs />
        <div class="stack-wide">
            <Alert tone=Tone::Info title="This entry was removed; its hash stayed">
                <p>
                    "It was about a run that was reported from elsewhere. The stub of the run went after its \
                     term, and the entries about it with it. The tree, its checkpoints and every proof are \
                     the same as before, and whoever kept the entry, in a bundle or an export, can still \
                     prove it. "
                    <a href=said>"What was removed, when and under which policy"</a>
                </p>
            </Alert>
            <Panel title="In the tree" boxed=true>
                <KeyValue>
                    <Entry term="Leaf index">{format::count(seq)}</Entry>
                    <Entry term="Hash of the leaf">
                        <Digest value=hex(&hash) whole=true />
                    </Entry>
                </KeyValue>
            </Panel>
            {checkpoint::proof(page, seq).await?}
            {beside(page, seq, size)}
        </div>
    }
    .into_any())
}
