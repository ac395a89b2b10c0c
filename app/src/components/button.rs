//! Buttons, and links that look like them.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};

/// How much weight a button carries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Variant {
    /// The one thing the page is for.
    Primary,
    /// Anything else.
    #[default]
    Secondary,
    /// Ends or undoes something.
    Danger,
    /// Hardly there: in bars and rows.
    Quiet,
}

impl Variant {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
            Self::Danger => "danger",
            Self::Quiet => "quiet",
        }
    }
}

/// How tall a component is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Size {
    /// In rows and heads of panels.
    Small,
    /// Everywhere else.
    #[default]
    Medium,
    /// Beside a page's title.
    Large,
}

impl Size {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Medium => "medium",
            Self::Large => "large",
        }
    }
}

/// A submit button of the form around it.
#[component]
pub fn Button(
    /// How much weight it carries.
    #[prop(optional)]
    variant: Variant,
    /// How tall it is.
    #[prop(optional)]
    size: Size,
    /// An icon before the words.
    #[prop(optional, into)]
    icon: Option<Glyph>,
    /// The form's field this button sets, if there are several buttons.
    #[prop(optional, into)]
    name: Option<String>,
    /// What it sets that field to.
    #[prop(optional, into)]
    value: Option<String>,
    /// The id of the form it belongs to, when it stands outside of it.
    #[prop(optional, into)]
    form: Option<String>,
    /// It cannot be pressed now; say why beside it.
    #[prop(optional)]
    disabled: bool,
    /// The words on it.
    children: Children,
) -> impl IntoView {
    view! {
        <button
            class="button"
            type="submit"
            data-variant=variant.as_str()
            data-size=size.as_str()
            name=name
            value=value
            form=form
            disabled=disabled
        >
            {icon.map(|glyph| view! { <Icon glyph /> })}
            {children()}
        </button>
    }
    .into_any()
}

/// A link that looks like a button: it goes somewhere and changes nothing.
#[component]
pub fn LinkButton(
    /// Where it goes.
    #[prop(into)]
    href: String,
    /// How much weight it carries.
    #[prop(optional)]
    variant: Variant,
    /// How tall it is.
    #[prop(optional)]
    size: Size,
    /// An icon before the words.
    #[prop(optional, into)]
    icon: Option<Glyph>,
    /// The words on it.
    children: Children,
) -> impl IntoView {
    view! {
        <a class="button" href=href data-variant=variant.as_str() data-size=size.as_str()>
            {icon.map(|glyph| view! { <Icon glyph /> })}
            {children()}
        </a>
    }
    .into_any()
}
