//! The fields of an inbound endpoint.

use domain::{inbound::InboundCheck, trigger::TriggerKind};
use leptos::prelude::*;

use super::{words, worth};
use crate::{
    components::{
        button::{Button, Variant},
        error_summary::ErrorSummary,
        field::{SelectField, TextField},
    },
    context::Page,
};

/// A form that posts to the list.
pub(super) fn fields(page: &Page) -> AnyView {
    let form = &page.form;
    let checks = InboundCheck::ALL.iter();
    let checks = checks.map(|check| (check.as_str().to_owned(), words(*check).to_owned()));
    let told =
        |kind: &&TriggerKind| !matches!(**kind, TriggerKind::Schedule | TriggerKind::ManualRequest);
    let kinds = TriggerKind::ALL.iter().filter(told);
    let kinds = kinds.map(|kind| (kind.as_str().to_owned(), kind.as_str().to_owned()));
    let meanings = InboundCheck::ALL.iter().map(|check| {
        view! {
            <li>
                <strong>{words(*check)}</strong>
                ": "
                {worth(*check)}
            </li>
        }
    });
    view! {
        <form class="form" method="post" action=page.place.inbound()>
            <ErrorSummary errors=form.errors() />
            <TextField
                name="name"
                label="Name"
                hint="What it is for, such as the scanner that tells of findings."
                value=form.value("name")
                error=form.error("name")
                required=true
            />
            <SelectField
                name="check"
                label="How the sender proves itself"
                options=checks.collect()
                value=form.value("check")
                error=form.error("check")
            />
            <ul class="quiet">{meanings.collect_view()}</ul>
            <SelectField
                name="kind"
                label="Kind of trigger event"
                options=kinds.collect()
                value=form.value("kind")
                error=form.error("kind")
            />
            <TextField
                name="source"
                label="Source"
                hint="Who tells, as events and definitions name it."
                value=form.value("source")
                error=form.error("source")
                required=true
            />
            <TextField
                name="type"
                label="Type"
                hint="What happened, such as scan.finished."
                value=form.value("type")
                error=form.error("type")
                required=true
            />
            <TextField
                name="id_from"
                label="Where the id is"
                hint="header:webhook-id, header:x-github-delivery, pointer:/place/in/the/body, or digest: \
                      the same body again is the same event."
                value=form.value("id_from")
                error=form.error("id_from")
                required=true
            />
            <TextField
                name="subject_from"
                label="Where the record is"
                hint="The record an event is about: its kind and the place of its key in the body, such as \
                      account:/data/account."
                value=form.value("subject_from")
                error=form.error("subject_from")
            />
            <TextField
                name="time_from"
                label="Where the time is"
                hint="When it happened, such as /data/at: RFC 3339, or seconds or milliseconds since 1970. \
                      Otherwise it happened when it was first told."
                value=form.value("time_from")
                error=form.error("time_from")
            />
            <div class="form-actions">
                <Button variant=Variant::Primary>"Add the endpoint"</Button>
            </div>
        </form>
    }
    .into_any()
}
