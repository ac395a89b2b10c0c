//! What became of an incident: what somebody said about it, or the form to say it.

use domain::{incident::Settlement, permission::Permission};
use engine::services::{IncidentDetail, ServiceError};
use leptos::prelude::*;

use crate::{
    components::{
        button::{Button, Variant},
        error_summary::ErrorSummary,
        field::{CheckField, FieldFrame, described_by},
        panel::Panel,
        reason_field::REASON_LIMIT,
        safe_textarea::SafeTextarea,
        timestamp::Timestamp,
    },
    context::Page,
    format,
    pages::mentions,
};

/// The panel; nothing for those who may not settle what nobody has settled.
pub(super) async fn show(
    page: &Page,
    detail: &IncidentDetail,
) -> Result<Option<AnyView>, ServiceError> {
    if let Some(settlement) = &detail.settlement {
        return settled(page, settlement).await.map(Some);
    }
    if !page.may(Permission::SettleIncidents) {
        return Ok(None);
    }
    let alike = page.services.open_alike(page.caller, detail.incident.id).await?;
    Ok(Some(form(page, detail, alike)))
}

async fn settled(page: &Page, settlement: &Settlement) -> Result<AnyView, ServiceError> {
    let names = page.services.member_names(page.caller).await?;
    let (at, now) = (settlement.settled_at, page.now);
    let (by, note) = (mentions::member(&names, settlement.settled_by), settlement.note.clone());
    Ok(view! {
        <Panel title="Settled" boxed=true>
            <p class="incident-message">{note}</p>
            <p class="small quiet">{by} ", " <Timestamp at now /></p>
        </Panel>
    }
    .into_any())
}

fn form(page: &Page, detail: &IncidentDetail, alike: i64) -> AnyView {
    let action = page.place.incident(detail.incident.id);
    let (value, error) = (page.form.value("note"), page.form.error("note"));
    let (errors, invalid) = (page.form.errors(), error.is_some());
    let hint = "Kept beside the incident and in the audit log. The incident itself stays as it is.";
    let described = described_by("note", true, invalid);
    let others = (alike > 0).then(|| {
        let others = format::plural(alike, "other open incident", "other open incidents");
        let checked = !page.form.value("alike").is_empty();
        view! {
            <CheckField name="alike" value="yes" checked=checked>
                {format!("Settle the {others} of this run with the same cause, too")}
            </CheckField>
        }
    });
    view! {
        <Panel title="Settle" boxed=true>
            <ErrorSummary errors />
            <form class="stack" method="post" action=action>
                <FieldFrame
                    id="note".to_owned()
                    label="What became of it".to_owned()
                    hint=Some(hint.to_owned())
                    error
                    required=true
                >
                    <SafeTextarea
                        id="note"
                        name="note"
                        value
                        maxlength=REASON_LIMIT
                        required=true
                        described_by=described
                        invalid
                    />
                </FieldFrame>
                {others}
                <div class="form-actions">
                    <Button variant=Variant::Primary>"Settle"</Button>
                </div>
            </form>
        </Panel>
    }
    .into_any()
}
