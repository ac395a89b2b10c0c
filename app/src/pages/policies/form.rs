//! The fields of a policy, empty or as it is.

use domain::{
    approval::{ApprovalRule, OnExpiry},
    member::Role,
    policy::{Effect, Terms},
};
use leptos::prelude::*;

use super::words;
use crate::{
    components::{
        button::{Button, LinkButton, Variant},
        error_summary::ErrorSummary,
        field::{FieldFrame, InputKind, SelectField, TextField, described_by},
        safe_textarea::SafeTextarea,
    },
    context::Page,
};

const DAY: i64 = 86_400;

/// What stands in a field: what was typed, or what the policy says.
fn value(page: &Page, name: &str, now: impl FnOnce() -> String) -> String {
    match page.form.is_refused() {
        true => page.form.value(name),
        false => now(),
    }
}

/// A form that posts the terms of a policy to `action`.
pub(super) fn fields(page: &Page, terms: Option<&Terms>, action: String, back: String) -> AnyView {
    let says = |read: fn(&Terms) -> String| terms.map(read).unwrap_or_default();
    let key = terms.is_none().then(|| {
        view! {
            <TextField
                name="key"
                label="Key"
                hint="Its name in addresses and messages, such as no-weekend-payments. It stays."
                value=value(page, "key", String::new)
                error=page.form.error("key")
                required=true
            />
        }
    });
    let effects = Effect::ALL.iter().map(|one| (one.to_string(), words::effect(*one).to_owned()));
    view! {
        <form class="form" method="post" action=action>
            <ErrorSummary errors=page.form.errors() />
            {key}
            <TextField
                name="name"
                label="Name"
                value=value(page, "name", || says(|terms| terms.name.clone()))
                error=page.form.error("name")
                required=true
            />
            <TextField
                name="statement"
                label="Statement"
                hint="Why there is such a rule, in a sentence: whoever is denied something reads it, and so do \
                      reviewers."
                value=value(page, "statement", || says(|terms| terms.statement.clone()))
                error=page.form.error("statement")
                required=true
            />
            {rule(page, value(page, "rule", || says(|terms| terms.rule.clone())))}
            <SelectField
                name="effect"
                label="What it holds for is"
                options=effects.collect()
                value=value(page, "effect", || says(|terms| terms.effect.to_string()))
                error=page.form.error("effect")
            />
            <TextField
                name="automations"
                label="Only these definitions"
                hint="Their keys, separated by commas. Empty means all."
                value=value(page, "automations", || says(|terms| terms.automations.join(", ")))
                error=page.form.error("automations")
            />
            {approvers(page, terms)}
            <div class="form-actions">
                <Button variant=Variant::Primary>"Save"</Button>
                <LinkButton href=back variant=Variant::Quiet>
                    "Go back"
                </LinkButton>
            </div>
        </form>
    }
    .into_any()
}

fn rule(page: &Page, text: String) -> AnyView {
    let error = page.form.error("rule");
    let (described, invalid) = (described_by("rule", true, error.is_some()), error.is_some());
    let hint = "CEL that is true for what the policy is about. It sees automation (key, name, version, \
                trigger), action (actioner, class, parameters), subject (kind, key, attributes), event and now.";
    view! {
        <FieldFrame
            id="rule".to_owned()
            label="Rule".to_owned()
            hint=Some(hint.to_owned())
            error
            required=true
        >
            <div class="policies-rule">
                <SafeTextarea
                    id="rule"
                    name="rule"
                    value=text
                    rows=8
                    required=true
                    described_by=described
                    invalid
                />
            </div>
        </FieldFrame>
    }
    .into_any()
}

fn approvers(page: &Page, terms: Option<&Terms>) -> AnyView {
    let rule = terms.map_or_else(ApprovalRule::default, Terms::approval);
    let roles = [Role::Approver, Role::Owner].map(|role| (role.to_string(), format!("Any {role}")));
    let expiry = OnExpiry::ALL.iter().map(|word| {
        let label = match word {
            OnExpiry::Dismiss => "It is dismissed",
            OnExpiry::Approve => "It counts as approved",
        };
        (word.to_string(), label.to_owned())
    });
    let days = (rule.expires_after_seconds / DAY).max(1).to_string();
    view! {
        <fieldset class="field" id="approval">
            <legend class="field-label">"Who approves, where it is held"</legend>
            {page.form.error("approval").map(|error| view! { <p class="field-error">{error}</p> })}
            <div class="policies-approvers">
                <SelectField
                    name="role"
                    label="Role"
                    options=roles.to_vec()
                    value=value(page, "role", || rule.role.to_string())
                />
                <TextField
                    name="quorum"
                    label="How many"
                    kind=InputKind::Number
                    value=value(page, "quorum", || rule.quorum.to_string())
                    required=true
                />
                <TextField
                    name="days"
                    label="Within days"
                    kind=InputKind::Number
                    value=value(page, "days", || days)
                    required=true
                />
                <SelectField
                    name="on_expiry"
                    label="If nobody decides"
                    options=expiry.collect()
                    value=value(page, "on_expiry", || rule.on_expiry.to_string())
                />
            </div>
            <TextField
                name="members"
                label="Only these members"
                hint="Their e-mail addresses, separated by commas. Empty means the role decides."
                value=value(page, "members", || rule.members.join(", "))
            />
        </fieldset>
    }
    .into_any()
}
