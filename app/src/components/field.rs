//! Form fields: label, hint, control and error, tied together for those who cannot see that they
//! belong together.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};

/// The ids a control names in `aria-describedby`: its hint, its error, both or none.
pub(crate) fn described_by(id: &str, hint: bool, error: bool) -> Option<String> {
    match (hint, error) {
        (true, true) => Some(format!("{id}-hint {id}-error")),
        (true, false) => Some(format!("{id}-hint")),
        (false, true) => Some(format!("{id}-error")),
        (false, false) => None,
    }
}

/// What stands around a control. The control inside has the id `id` and describes itself by
/// [`described_by`].
#[component]
pub(crate) fn FieldFrame(
    /// The control's id.
    id: String,
    /// What is asked.
    label: String,
    /// How to answer.
    hint: Option<String>,
    /// What is wrong with the answer.
    error: Option<String>,
    /// An answer is needed; fields that need none say so.
    required: bool,
    /// The control.
    children: Children,
) -> impl IntoView {
    let hint = hint.map(|hint| {
        view! {
            <p class="field-hint" id=format!("{id}-hint")>
                {hint}
            </p>
        }
    });
    let error = error.map(|error| {
        view! {
            <p class="field-error" id=format!("{id}-error")>
                <Icon glyph=Glyph::Cross />
                {error}
            </p>
        }
    });
    view! {
        <div class="field">
            <label class="field-label" for=id>
                {label}
                {(!required).then(|| view! { <span class="field-required">" (optional)"</span> })}
            </label>
            {hint}
            {children()}
            {error}
        </div>
    }
    .into_any()
}

/// What kind of text a [`TextField`] takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum InputKind {
    /// Any line of text.
    #[default]
    Text,
    /// An e-mail address.
    Email,
    /// A secret; never sent back to the page.
    Password,
    /// A whole number.
    Number,
    /// A day.
    Date,
}

impl InputKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Email => "email",
            Self::Password => "password",
            Self::Number => "number",
            Self::Date => "date",
        }
    }
}

/// One line of text. Its id is its name.
#[component]
pub fn TextField(
    /// Its name in the form, and its id.
    name: &'static str,
    /// What is asked.
    #[prop(into)]
    label: String,
    /// What was typed before; a password is never repeated.
    #[prop(optional, into)]
    value: String,
    /// What kind of text.
    #[prop(optional)]
    kind: InputKind,
    /// How to answer.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What is wrong with the answer.
    #[prop(default = None, into)]
    error: Option<String>,
    /// An answer is needed.
    #[prop(optional)]
    required: bool,
    /// The browser's hint for filling it: `username`, `current-password` …
    #[prop(optional, into)]
    autocomplete: Option<&'static str>,
) -> impl IntoView {
    let described = described_by(name, hint.is_some(), error.is_some());
    let invalid = error.is_some().then_some("true");
    let value = if kind == InputKind::Password { String::new() } else { value };
    view! {
        <FieldFrame id=name.to_owned() label hint error required>
            <input
                id=name
                name=name
                type=kind.as_str()
                value=value
                required=required
                autocomplete=autocomplete
                aria-describedby=described
                aria-invalid=invalid
            />
        </FieldFrame>
    }
    .into_any()
}

/// One of a few values. Its id is its name.
#[component]
pub fn SelectField(
    /// Its name in the form, and its id.
    name: &'static str,
    /// What is asked.
    #[prop(into)]
    label: String,
    /// Value and label of each choice.
    options: Vec<(String, String)>,
    /// The value chosen now.
    #[prop(optional, into)]
    value: String,
    /// How to answer.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What is wrong with the answer.
    #[prop(default = None, into)]
    error: Option<String>,
) -> impl IntoView {
    let described = described_by(name, hint.is_some(), error.is_some());
    let invalid = error.is_some().then_some("true");
    let options = options.into_iter().map(move |(option, label)| {
        let selected = option == value;
        view! {
            <option value=option selected=selected>
                {label}
            </option>
        }
    });
    view! {
        <FieldFrame id=name.to_owned() label hint error required=true>
            <select id=name name=name aria-describedby=described aria-invalid=invalid>
                {options.collect_view()}
            </select>
        </FieldFrame>
    }
    .into_any()
}

/// A yes or no, with its sentence beside it.
#[component]
pub fn CheckField(
    /// Its name in the form.
    #[prop(into)]
    name: String,
    /// What it sends when it is ticked.
    #[prop(into)]
    value: String,
    /// It is ticked now.
    #[prop(optional)]
    checked: bool,
    /// It must be ticked.
    #[prop(optional)]
    required: bool,
    /// The sentence.
    children: Children,
) -> impl IntoView {
    view! {
        <label class="field-check">
            <input type="checkbox" name=name value=value checked=checked required=required />
            <span>{children()}</span>
        </label>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::testing::render;

    #[test]
    fn an_error_is_tied_to_its_control() {
        let html = render(
            || view! { <TextField name="email" label="E-mail" hint="Yours" error="Not an address".to_owned().to_owned() /> },
        );
        assert!(html.contains(r#"aria-describedby="email-hint email-error""#), "{html}");
        assert!(html.contains(r#"aria-invalid="true""#), "{html}");
        assert!(html.contains(r#"id="email-error""#) && html.contains(r#"for="email""#), "{html}");
    }

    #[test]
    fn a_password_is_never_sent_back() {
        let html = render(|| {
            view! { <TextField name="password" label="Password" kind=InputKind::Password value="hunter2" /> }
        });
        assert!(!html.contains("hunter2"), "{html}");
    }
}
