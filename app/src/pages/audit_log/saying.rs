//! An entry in plain words.

use domain::audit::Entry;
use leptos::prelude::*;

use super::object::Objects;
use crate::{context::Page, pages::mentions};

/// Who did it.
pub fn actor(entry: &Entry, objects: &Objects) -> String {
    match (entry.actor, entry.actor_kind.as_str()) {
        (Some(member), "token") => {
            format!("A token of {}", mentions::member(&objects.names, Some(member)))
        }
        (Some(member), _) => mentions::member(&objects.names, Some(member)),
        (None, "system") => "Assize".to_owned(),
        (None, "host") => "Somebody on the host".to_owned(),
        (None, other) => other.to_owned(),
    }
}

/// Who did what to what, as a sentence with a link to the object.
pub fn sentence(page: &Page, entry: &Entry, objects: &Objects) -> AnyView {
    let actor = actor(entry, objects);
    let says = entry.verb.says();
    let (before, object, after) = match says.split_once("{}") {
        Some((before, after)) if says_kind(before, &entry.object.kind) => {
            (before, Some(objects.named(page, entry)), after)
        }
        Some((before, after)) => (before, Some(objects.link(page, entry)), after),
        None => (says, None, ""),
    };
    let (before, after) = (format!(" {before}"), format!("{after}."));
    view! {
        <bdi>{actor}</bdi>
        {before}
        {object}
        {after}
    }
    .into_any()
}

/// Whether words end with the kind of an object, as in "revoked the token".
fn says_kind(before: &str, kind: &str) -> bool {
    let word = if kind == "automation" { "definition" } else { kind };
    before.trim_end().ends_with(&word.replace('-', " "))
}

/// The reason that was given, if one was.
pub fn reason(entry: &Entry) -> Option<String> {
    let reason = entry.payload.as_ref()?.get("reason")?.as_str()?;
    (!reason.is_empty()).then(|| reason.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_says_the_kind_of_its_object_once() {
        assert!(says_kind("revoked the token ", "token"));
        assert!(says_kind("brought in the trigger event ", "trigger-event"));
        assert!(says_kind("created the definition ", "automation"));
        assert!(!says_kind("completed ", "run"));
    }
}
