//! What stands across every page of a workspace while something in it is stopped.

use domain::kill::KillSwitch;
use leptos::prelude::*;

use super::{
    button::{LinkButton, Size},
    icon::{Glyph, Icon},
};
use crate::format;

/// A pressed switch and what it stops, in words: `Everything`, or the name of an automation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    pub what: String,
    pub switch: KillSwitch,
}

/// One line for each pressed switch; nothing while none is.
#[expect(clippy::needless_pass_by_value, reason = "a component owns its props")]
#[component]
pub fn KillBanner(
    /// What is stopped.
    stopped: Vec<Stopped>,
    /// The page of the kill switch.
    href: String,
) -> impl IntoView {
    (!stopped.is_empty()).then(|| {
        let lines = stopped.iter().map(line).collect_view();
        view! {
            <div class="kill-banner" role="alert">
                <Icon glyph=Glyph::Stop />
                <ul>{lines}</ul>
                <LinkButton href size=Size::Small>
                    "Kill switch"
                </LinkButton>
            </div>
        }
    })
}

fn line(Stopped { what, switch }: &Stopped) -> AnyView {
    let what = format!("{what} is stopped.");
    let since = format!(" Nothing of it starts. Pressed {}: ", format::absolute(switch.pressed_at));
    let reason = switch.reason.clone();
    view! {
        <li>
            <b>{what}</b>
            {since}
            <q>{reason}</q>
        </li>
    }
    .into_any()
}
