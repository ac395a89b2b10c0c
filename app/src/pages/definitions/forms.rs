//! What members do about a definition: switch it on or off, and ask for a run of it.

use domain::{
    automation::{Definition, Subjects},
    permission::Permission,
    trigger::TriggerKind,
};
use engine::store::InEffect;
use leptos::prelude::*;

use crate::{
    components::{
        alert::Alert,
        button::{Button, LinkButton, Variant},
        error_summary::ErrorSummary,
        field::{FieldFrame, TextField, described_by},
        icon::Glyph,
        kill_banner::Stopped,
        panel::Panel,
        safe_textarea::SafeTextarea,
        tone::Tone,
    },
    context::Page,
};

/// The switch, for members who may turn it.
pub fn switch(page: &Page, state: &InEffect) -> Option<AnyView> {
    let automation = &state.automation;
    page.may(Permission::ApplyDefinitions).then(|| {
        let (variant, value, words) = match automation.enabled {
            true => (Variant::Danger, "false", "Disable"),
            false => (Variant::Primary, "true", "Enable"),
        };
        view! {
            <form method="post" action=page.place.definition(&automation.key)>
                <Button variant name="enabled" value>
                    {words}
                </Button>
            </form>
        }
        .into_any()
    })
}

/// The way to stop it at once, for members who may, while nothing stops it already.
pub fn stop(page: &Page, state: &InEffect) -> Option<AnyView> {
    let may = page.may(Permission::PressKillSwitch) && stopped_by(page, state).is_none();
    may.then(|| {
        let href = page.place.press_kill_switch(Some(&state.automation.key));
        view! {
            <LinkButton href icon=Glyph::Stop>
                "Kill switch…"
            </LinkButton>
        }
        .into_any()
    })
}

fn stopped_by<'p>(page: &'p Page, state: &InEffect) -> Option<&'p Stopped> {
    let id = state.automation.id;
    page.place.stopped.iter().find(|stopped| stopped.switch.stops(id))
}

/// That a kill switch stops it.
pub fn stopped(page: &Page, state: &InEffect) -> Option<AnyView> {
    let Stopped { what, switch } = stopped_by(page, state)?.clone();
    let href = page.place.kill_switch();
    Some(
        view! {
            <Alert tone=Tone::Danger title="A kill switch stops this definition">
                <p>
                    {what} " was stopped: " <q>{switch.reason}</q> " " <a href=href>"Kill switch"</a>
                </p>
            </Alert>
        }
        .into_any(),
    )
}

/// What a definition that is switched off does, and does not do.
pub fn switched_off(state: &InEffect) -> Option<AnyView> {
    (!state.automation.enabled).then(|| {
        view! {
            <Alert tone=Tone::Warning title="This definition is disabled">
                "It creates no runs. Runs that exist go on. A schedule that is switched on again does \
                 not make up for what it left out."
            </Alert>
        }
        .into_any()
    })
}

/// Asks for a run of a definition that members may ask for.
pub fn request(page: &Page, state: &InEffect) -> Option<AnyView> {
    let InEffect { automation, definition, .. } = state;
    let askable = definition.trigger.kind == TriggerKind::ManualRequest;
    if !askable || !page.may(Permission::RequestRuns) {
        return None;
    }
    let form = &page.form;
    let action = format!("{}/request", page.place.definition(&automation.key));
    let subject = subject_kind(definition).map(|kind| {
        view! {
            <TextField
                name="subject"
                label=format!("Key of the {kind}")
                hint=format!("The {kind} the run is about.")
                value=form.value("subject")
                error=form.error("subject")
                required=true
            />
        }
    });
    let stuck = !automation.enabled || stopped_by(page, state).is_some();
    let errors = form.errors();
    let (request, parameters) = (request_id(page), parameters(page));
    Some(
        view! {
            <Panel title="Ask for a run" id="request" boxed=true>
                <form class="form" method="post" action=action>
                    <ErrorSummary errors />
                    <input type="hidden" name="request" value=request />
                    {subject} {parameters}
                    <div class="form-actions">
                        <Button variant=Variant::Primary disabled=stuck>
                            "Ask for a run"
                        </Button>
                    </div>
                </form>
            </Panel>
        }
        .into_any(),
    )
}

/// The kind of the record a request has to name.
fn subject_kind(definition: &Definition) -> Option<String> {
    match &definition.subjects {
        Subjects::Event { kind } => Some(kind.clone()),
        Subjects::Register { .. } => None,
    }
}

/// The same as long as the form comes back, so that it makes one run however often it is sent.
fn request_id(page: &Page) -> String {
    match page.form.value("request") {
        sent if !sent.is_empty() => sent,
        _ => page.request_id.clone(),
    }
}

fn parameters(page: &Page) -> AnyView {
    let (value, error) = (page.form.value("parameters"), page.form.error("parameters"));
    let invalid = error.is_some();
    let hint = "A JSON object, which the definition sees as event.payload.parameters.";
    view! {
        <FieldFrame
            id="parameters".to_owned()
            label="Parameters".to_owned()
            hint=Some(hint.to_owned())
            error
            required=false
        >
            <SafeTextarea
                id="parameters"
                name="parameters"
                value
                described_by=described_by("parameters", true, invalid)
                invalid
            />
        </FieldFrame>
    }
    .into_any()
}
