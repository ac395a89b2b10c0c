//! What every page of a workspace has in common: the frame, the member, and what happens when the
//! page cannot be shown.

use leptos::prelude::*;

use super::fault::{FaultBody, FaultPage};
use crate::{
    components::app_frame::{AppFrame, Section},
    context::{self, Page},
    fault::Fault,
};

/// Loads and renders a page of a workspace inside the frame:
///
/// ```ignore
/// #[component]
/// pub fn RunPage() -> impl IntoView {
///     in_workspace(Section::Runs, async |page| {
///         let run = page.services.run(page.caller, page.param("run")?).await?;
///         Ok(view! { <PageHeader title=run.title() /> … }.into_any())
///     })
/// }
/// ```
///
/// An error becomes the page of that error, with its status.
pub fn in_workspace<F, Fut>(section: impl Into<Option<Section>>, load: F) -> AnyView
where
    F: FnOnce(Page) -> Fut + Send + 'static,
    Fut: Future<Output = Result<AnyView, Fault>> + Send + 'static,
{
    let request = context::request();
    let Some(place) = request.place.clone() else {
        return view! { <FaultPage fault=Fault::not_found("workspace") /> }.into_any();
    };
    let (viewer, origin) = (place.viewer(), request.origin);
    let page = Page::new(request, place);
    let content = Suspend::new(async move {
        // The renderer goes on in tasks of its own.
        match engine::origin::within(origin, load(page)).await {
            Ok(view) => view,
            Err(fault) => view! { <FaultBody fault /> }.into_any(),
        }
    });
    view! {
        <AppFrame viewer current=section.into()>
            {content}
        </AppFrame>
    }
    .into_any()
}
