//! The reason a member gives for a change; it is kept with the change.

use leptos::prelude::*;

use super::{
    field::{FieldFrame, described_by},
    safe_textarea::SafeTextarea,
};

/// The most characters of a reason.
pub const REASON_LIMIT: u32 = 1_000;

/// A field named `reason`.
#[component]
pub fn ReasonField(
    /// What is asked, if not `Reason`.
    #[prop(default = "Reason".to_owned(), into)]
    label: String,
    /// Who will read it.
    #[prop(default = "Kept with the change and shown in the audit log.".to_owned(), into)]
    hint: String,
    /// What was typed before.
    #[prop(optional, into)]
    value: String,
    /// What is wrong with it.
    #[prop(default = None, into)]
    error: Option<String>,
    /// A reason must be given.
    #[prop(optional)]
    required: bool,
) -> impl IntoView {
    let invalid = error.is_some();
    let described = described_by("reason", true, invalid);
    view! {
        <FieldFrame id="reason".to_owned() label hint=Some(hint) error required>
            <SafeTextarea
                id="reason"
                name="reason"
                value
                maxlength=REASON_LIMIT
                required
                described_by=described
                invalid
            />
        </FieldFrame>
    }
    .into_any()
}
