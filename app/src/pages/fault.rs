//! The page shown instead of the one that was asked for.

use leptos::prelude::*;

use crate::{
    components::{
        app_frame::AppFrame,
        button::{LinkButton, Variant},
        error_state::ErrorState,
        plain_frame::PlainFrame,
    },
    context,
    fault::Fault,
};

/// A whole page about a fault: in the frame of the workspace for its members, plain for others.
#[component]
pub fn FaultPage(
    /// What happened.
    fault: Fault,
) -> impl IntoView {
    match context::request().place {
        Some(place) => view! {
            <AppFrame viewer=place.viewer() current=None>
                <FaultBody fault />
            </AppFrame>
        }
        .into_any(),
        None => view! { <PlainFault fault /> }.into_any(),
    }
    .into_any()
}

/// A fault inside of a frame. It also sets the status of the answer.
#[component]
pub fn FaultBody(
    /// What happened.
    fault: Fault,
) -> impl IntoView {
    let request_id = announce(&fault);
    view! {
        <ErrorState
            code=fault.status.as_u16()
            title=fault.title
            happened=fault.happened
            next=fault.next
            request_id=request_id
        >
            <LinkButton href="/">"Start page"</LinkButton>
        </ErrorState>
    }
    .into_any()
}

/// A fault on a page of its own.
#[component]
fn PlainFault(fault: Fault) -> impl IntoView {
    let request_id = announce(&fault);
    view! {
        <PlainFrame title=fault.title>
            <p>{fault.happened}</p>
            <p class="muted">{fault.next}</p>
            <div class="cluster">
                <LinkButton href="/" variant=Variant::Primary>
                    "Start page"
                </LinkButton>
            </div>
            <p class="error-state-request">
                "Status " <code>{fault.status.as_u16()}</code> ", request " <code>{request_id}</code>
            </p>
        </PlainFrame>
    }
    .into_any()
}

/// Sets the status, tells the log what the page keeps to itself, and gives the request's id.
fn announce(fault: &Fault) -> String {
    context::set_status(fault.status);
    if let Some(seconds) = fault.retry_after {
        context::set_retry_after(seconds);
    }
    let request_id = context::request().request_id;
    if let Some(cause) = &fault.cause {
        tracing::error!(request_id, cause, "page failed");
    }
    request_id
}
