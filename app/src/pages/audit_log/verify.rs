//! "Verify now": has what a page shows checked, and says in words what was checked.

use domain::canonical::hex;
use engine::services::{AuditCheck, AuditFault};
use leptos::prelude::*;

use crate::{
    components::{alert::Alert, button::Button, icon::Glyph, tone::Tone},
    context::Page,
    fault::Fault,
    format,
};

/// The button; `here` is the address of the page it stands on.
pub fn button(here: &str) -> AnyView {
    let action = here.to_owned();
    view! {
        <form method="post" action=action>
            <Button icon=Glyph::AuditLog>"Verify now"</Button>
        </form>
    }
    .into_any()
}

/// What the check of these entries found, where the button was pressed.
pub async fn found(page: &Page, places: &[i64]) -> Result<Option<AnyView>, Fault> {
    if page.form.told("verify").is_none() {
        return Ok(None);
    }
    let check = page.services.check_audit(page.caller, places).await?;
    Ok(Some(match first_wrong(&check) {
        None => sound(&check),
        Some(title) => unsound(&check, title),
    }))
}

fn entries(n: usize) -> String {
    format::plural(n as i64, "entry", "entries")
}

/// The first entry that is wrong, or the log as a whole.
fn first_wrong(check: &AuditCheck) -> Option<String> {
    let in_log = match &check.log {
        Ok(_) => None,
        Err(AuditFault::Changed { seq } | AuditFault::Missing { seq }) => i64::try_from(*seq).ok(),
        Err(AuditFault::OtherRoot) => Some(i64::MAX),
    };
    let shown = check.faults.first().map(|fault| fault.seq);
    match shown.into_iter().chain(in_log).min()? {
        i64::MAX => Some("The log is not the one its root stands for".to_owned()),
        seq => Some(format!("Entry {} is not what was entered", format::count(seq))),
    }
}

fn sound(check: &AuditCheck) -> AnyView {
    let shown = match check.entries {
        1 => "The entry on this page has the hash its leaf gives, and says what its leaf says."
            .to_owned(),
        n => format!(
            "All {} on this page have the hashes their leaves give, and say what their leaves say.",
            entries(n)
        ),
    };
    let payloads = payloads(check);
    let log = check.log.as_ref().ok().map(|root| {
        let (size, root) = (usize::try_from(root.size).unwrap_or(0), hex(&root.root));
        view! {
            <p>
                "The whole log was counted again: its " {entries(size)} " give the root "
                <code class="audit-root">{root}</code> ", which is the one stored."
            </p>
        }
    });
    view! {
        <Alert tone=Tone::Success title="Nothing was changed since it was entered">
            <p>{shown} " " {payloads}</p>
            {log}
        </Alert>
    }
    .into_any()
}

fn payloads(check: &AuditCheck) -> String {
    let kept = match check.payloads {
        0 => "None of them has a payload left to compare.".to_owned(),
        1 => "One payload is the one its leaf commits to.".to_owned(),
        n => format!("{n} payloads are the ones their leaves commit to."),
    };
    match check.erased {
        0 => kept,
        1 => format!("{kept} One payload was erased; its entry still proves that it existed."),
        n => format!("{kept} {n} payloads were erased; their entries still prove they existed."),
    }
}

fn unsound(check: &AuditCheck, title: String) -> AnyView {
    let faults = check.faults.iter().map(|fault| {
        let words = format!("Entry {}: {}.", format::count(fault.seq), fault.wrong);
        view! { <li>{words}</li> }
    });
    let faults = faults.collect_view();
    let log = match &check.log {
        Ok(root) => {
            let size = usize::try_from(root.size).unwrap_or(0);
            format!("The leaves of the whole log ({}) still give the stored root.", entries(size))
        }
        Err(fault) => format!("The whole log, counted again: {fault}."),
    };
    view! {
        <Alert tone=Tone::Danger title>
            <ul>{faults}</ul>
            <p>{log}</p>
            <p>
                "Somebody changed the database behind Assize. Keep it as it is, and compare it with a \
                 backup or an export."
            </p>
        </Alert>
    }
    .into_any()
}
