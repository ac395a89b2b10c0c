//! The signed checkpoint of the log: what was signed, when, with which key, and whether the log as it
//! stands is still the one that was signed.

use chrono::TimeDelta;
use domain::canonical::hex;
use engine::{
    services::{CheckpointState, ServiceError, Standing},
    store::{SignedCheckpoint, SigningRefusal},
};
use leptos::prelude::*;

use crate::{
    components::{
        alert::Alert,
        digest::Digest,
        icon::Glyph,
        key_value::{Entry, KeyValue},
        panel::Panel,
        status_badge::{Status, StatusBadge},
        timestamp::{Precision, Timestamp},
        tone::Tone,
    },
    context::Page,
    fault::Fault,
    format,
};

/// A checkpoint is signed every hour even when nothing happens; after this long nobody signs.
const STALE: TimeDelta = TimeDelta::hours(2);

/// What is known about the signing of the log.
pub async fn pane(page: &Page) -> Result<AnyView, Fault> {
    let state = page.services.checkpoint_state(page.caller).await?;
    let refusal = state.refusal.as_ref().map(|refusal| refused(page, refusal));
    let silent = state.refusal.is_none().then(|| silent(page, &state)).flatten();
    let differs = (state.refusal.is_none() && state.standing == Standing::Differs).then(differs);
    let facts = match &state.latest {
        Some(signed) => facts(page, &state, signed),
        None => view! {
            <p class="small quiet">
                "The log was not signed yet. Whichever process runs the automations signs it within a \
                 minute: "
                <code>"assize serve"</code> " or " <code>"assize worker"</code> "."
            </p>
        }
        .into_any(),
    };
    let text = state.latest.is_some().then(|| {
        let href = page.place.href("audit-log/checkpoint");
        view! { <a href=href>"As signed text"</a> }
    });
    let actions = view! {
        <StatusBadge status=status(page, &state) />
        {text}
    };
    Ok(view! {
        <div class="audit-checkpoint">
            {refusal} {differs} {silent}
            <Panel title="Signed checkpoint" boxed=true actions=actions.into_any()>
                {facts}
            </Panel>
        </div>
    }
    .into_any())
}

fn status(page: &Page, state: &CheckpointState) -> Status {
    match (&state.refusal, state.standing) {
        (Some(_), _) => Status::new("not signed any more", Glyph::Cross, Tone::Danger),
        (None, Standing::Differs) => {
            Status::new("does not fit the log", Glyph::Cross, Tone::Danger)
        }
        (None, Standing::Unsigned) => Status::new("not signed yet", Glyph::Dotted, Tone::Neutral),
        (None, Standing::Fits) if is_stale(page, state) => {
            Status::new("not signed lately", Glyph::Warning, Tone::Warning)
        }
        (None, Standing::Fits) => Status::new("fits the log", Glyph::Done, Tone::Success),
    }
}

fn is_stale(page: &Page, state: &CheckpointState) -> bool {
    state.latest.as_ref().is_some_and(|signed| page.now - signed.signed_at > STALE)
}

fn facts(page: &Page, state: &CheckpointState, signed: &SignedCheckpoint) -> AnyView {
    let (at, now) = (signed.signed_at, page.now);
    let count = |n: u64| format::count(i64::try_from(n).unwrap_or(i64::MAX));
    let since = match (state.size > signed.size, &state.refusal) {
        (false, _) => String::new(),
        (true, Some(_)) => format!(" of {}", count(state.size)),
        (true, None) => format!(" of {}; the next checkpoint covers the rest", count(state.size)),
    };
    let keys = state.keys.iter().enumerate().map(|(n, key)| {
        let (term, value) = (if n == 0 { "Key" } else { "Former key" }, key.clone());
        view! {
            <Entry term>
                <Digest value whole=true />
            </Entry>
        }
    });
    let stamp = state.stamp.as_ref().map(|stamp| {
        let (at, over) = (stamp.stamped_at, count(stamp.size));
        let href = page.place.href("audit-log/checkpoint/stamp");
        view! {
            <Entry term="Time stamp">
                <Timestamp at now precision=Precision::Second relative=true />
                " over " {over} " entries: " <a href=href>"the authority's answer"</a>
            </Entry>
        }
    });
    let (size, root, keys) = (count(signed.size), hex(&signed.root), keys.collect_view());
    view! {
        <KeyValue>
            <Entry term="Signed entries">{size} {since}</Entry>
            <Entry term="Signed">
                <Timestamp at now precision=Precision::Second relative=true />
            </Entry>
            <Entry term="Signed root">
                <Digest value=root whole=true />
            </Entry>
            {stamp}
            {keys}
        </KeyValue>
        <p class="small quiet">
            "Keep the key and a checkpoint outside of this server: with them anybody can check offline \
             that the log was only ever added to."
        </p>
    }
    .into_any()
}

fn refused(page: &Page, refusal: &SigningRefusal) -> AnyView {
    let wrong = refusal.first_wrong.and_then(|seq| i64::try_from(seq).ok());
    let last = i64::try_from(refusal.found_size).unwrap_or(i64::MAX);
    let link = wrong.filter(|seq| *seq < last && refusal.code == "entry-changed").map(|seq| {
        let href = page.place.audit_entry(seq);
        view! { <p><a href=href>"Entry " {format::count(seq)}</a></p> }
    });
    let (at, now, message) = (refusal.refused_at, page.now, refusal.message.clone());
    view! {
        <Alert tone=Tone::Danger title="This log is not the one that was signed">
            <p>{message}</p>
            {link}
            <p class="small">"Found " <Timestamp at now relative=true /></p>
        </Alert>
    }
    .into_any()
}

fn differs() -> AnyView {
    view! {
        <Alert tone=Tone::Danger title="The log does not fit its last checkpoint">
            <p>
                "The signature is that of none of the keys below, or the stored tree has another root. \
                 The process that signs finds out more the next time it looks; so does "
                <code>"assize doctor"</code> "."
            </p>
        </Alert>
    }
    .into_any()
}

fn silent(page: &Page, state: &CheckpointState) -> Option<AnyView> {
    (state.standing == Standing::Fits && is_stale(page, state)).then(|| {
        view! {
            <Alert tone=Tone::Warning title="The log was not signed lately">
                <p>
                    "A checkpoint is signed every hour, even when nothing happens. Look whether a process \
                     runs automations, and what it says."
                </p>
            </Alert>
        }
        .into_any()
    })
}

/// The proof that an entry is in the log, to take away; or why there is none.
pub async fn proof(page: &Page, seq: i64) -> Result<AnyView, Fault> {
    let place = u64::try_from(seq).map_err(Fault::internal)?;
    let shown = match page.services.inclusion_proof(page.caller, place).await {
        Ok(proof) => {
            let size = i64::try_from(proof.checkpoint.size).unwrap_or(i64::MAX);
            let hashes = format::plural(proof.hashes.len() as i64, "hash", "hashes");
            let href = format!("{}/proof", page.place.audit_entry(seq));
            view! {
                <p>
                    "This entry is one of the " {format::count(size)} " of the last checkpoint: its leaf and "
                    {hashes} " lead to the signed root. The file can be checked offline."
                </p>
                <p>
                    <a href=href download="">
                        "Download the proof (.tlog-proof)"
                    </a>
                </p>
            }
            .into_any()
        }
        Err(ServiceError::Conflict { code: "not-signed-yet", message }) => {
            view! { <p class="quiet">{sentence(&message)}</p> }.into_any()
        }
        Err(ServiceError::Conflict { message, .. }) => view! {
            <Alert tone=Tone::Danger title="This entry cannot be proven">
                <p>{sentence(&message)}</p>
            </Alert>
        }
        .into_any(),
        Err(error) => return Err(error.into()),
    };
    Ok(view! {
        <Panel title="Inclusion proof" boxed=true>
            {shown}
        </Panel>
    }
    .into_any())
}

/// A message of the services as a sentence.
fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
