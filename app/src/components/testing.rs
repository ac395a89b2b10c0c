//! Renders views to HTML the way the server does, as tests need them.

use axum::{
    body::{Body, to_bytes},
    http::Request,
};
use leptos::prelude::*;
use leptos_axum::{generate_route_list, render_app_async};
use leptos_meta::{MetaTags, provide_meta_context};

/// The HTML of one component.
pub(crate) fn render<V: IntoView>(component: impl FnOnce() -> V) -> String {
    Owner::new().with(|| component().into_view().to_html())
}

/// The HTML of a whole document, with what its components put into the head.
pub(crate) async fn render_document<V: IntoView + 'static>(
    document: impl Fn() -> V + Clone + Send + Sync + 'static,
) -> String {
    // As at the start of the server: it is this call that starts the executor.
    generate_route_list(|| ());
    let response = render_app_async(document)(Request::new(Body::empty())).await;
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The HTML of a bare document with this body.
pub(crate) async fn render_body<V: IntoView + 'static>(
    body: impl Fn() -> V + Clone + Send + Sync + 'static,
) -> String {
    render_document(move || {
        provide_meta_context();
        view! {
            <html>
                <head>
                    <MetaTags />
                </head>
                <body>{body()}</body>
            </html>
        }
    })
    .await
}
