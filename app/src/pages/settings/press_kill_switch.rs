//! Pressing a kill switch: what it will stop, counted, and the form that does it.

use domain::{kill::KillCount, permission::Permission};
use leptos::prelude::*;

use super::kill_switch::means;
use crate::{
    components::{
        app_frame::Section,
        confirm_panel::ConfirmPanel,
        error_summary::ErrorSummary,
        page_header::{Crumb, PageHeader},
        reason_field::ReasonField,
        tone::Tone,
    },
    context::Page,
    fault::Fault,
    format,
    pages::{in_workspace, runs::words},
};

/// Asks before a switch is pressed: that of the workspace, or of the definition in the query.
#[component]
pub fn PressKillSwitchPage() -> impl IntoView {
    in_workspace(Section::KillSwitch, async |page| {
        page.check_query(&["definition"])?;
        let key = definition(&page);
        let what = match &key {
            None => "everything in this workspace".to_owned(),
            Some(key) => page.services.automation_by_key(page.caller, key).await?.automation.name,
        };
        let crumbs =
            vec![Crumb::group("Settings"), Crumb::to("Kill switch", page.place.kill_switch())];
        let body = body(&page, key.as_deref(), &what).await?;
        Ok(view! {
            <PageHeader title=format!("Stop {what}") crumbs />
            <div class="stack settings">
                <ErrorSummary errors=page.form.errors() />
                {body}
            </div>
        }
        .into_any())
    })
}

/// The key of the definition that is to be stopped; a form that comes back has it in a field.
fn definition(page: &Page) -> Option<String> {
    let sent = page.form.value("definition");
    let asked = page.query_value("definition").map(str::to_owned);
    Some(sent).filter(|key| !key.is_empty()).or(asked)
}

async fn body(page: &Page, key: Option<&str>, what: &str) -> Result<AnyView, Fault> {
    if !page.may(Permission::PressKillSwitch) {
        return Ok(words::not_for(page, "The kill switch", Permission::PressKillSwitch));
    }
    let count = page.services.kill_preview(page.caller, key).await?;
    let back = key.map_or_else(|| page.place.kill_switch(), |key| page.place.definition(key));
    let (reason, error) = (page.form.value("reason"), page.form.error("reason"));
    let key = key.unwrap_or_default().to_owned();
    Ok(view! {
        <ConfirmPanel
            title=format!("Stop {what} now?")
            action=page.place.press_kill_switch(None)
            confirm=format!("Stop {what}")
            cancel_href=back
            tone=Tone::Danger
        >
            <input type="hidden" name="definition" value=key />
            <p>{counted(count)}</p>
            <ul class="kill-means">{means()}</ul>
            <ReasonField value=reason error required=true />
        </ConfirmPanel>
    }
    .into_any())
}

/// What it stops at this moment, in a sentence.
fn counted(count: KillCount) -> String {
    let runs = match count.runs {
        0 => {
            return "At this moment no run is under way; what comes from now on is stopped."
                .to_owned();
        }
        runs => format::plural(runs, "run", "runs"),
    };
    format!(
        "At this moment it stops {runs}: {} will be skipped, and {} in flight will finish.",
        format::plural(count.waiting, "item", "items"),
        format::plural(count.in_flight, "item", "items"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stopped_is_counted_in_a_sentence() {
        let count = KillCount { runs: 1, waiting: 12, in_flight: 1 };
        let said = "At this moment it stops 1 run: 12 items will be skipped, and 1 item in flight \
                    will finish.";
        assert_eq!(counted(count), said);
        assert!(counted(KillCount::default()).contains("no run is under way"));
    }
}
