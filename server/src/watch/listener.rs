//! The listener for those who watch: apart from the one that serves, since anybody who reaches it may
//! read from it.

use std::net::SocketAddr;

use anyhow::Context as _;
use axum::{Router, extract::State, response::IntoResponse, routing::get};
use http::{HeaderMap, header};
use tokio::net::TcpListener;

use super::{Readiness, Watch, text::Form};
use crate::shutdown::Shutdown;

/// Begins to answer `/metrics`, `/healthz` and `/readyz`, until the process is to end.
pub async fn serve(watch: Watch, address: SocketAddr, shutdown: Shutdown) -> anyhow::Result<()> {
    let listener = TcpListener::bind(address).await;
    let listener = listener.with_context(|| format!("cannot listen on {address} for metrics"))?;
    tracing::info!(metrics = %format_args!("http://{}/metrics", listener.local_addr()?), "watched");
    let routes = routes(watch);
    tokio::spawn(async move {
        let serving = axum::serve(listener, routes).with_graceful_shutdown(shutdown.wait());
        if let Err(error) = serving.await {
            tracing::error!(%error, "the listener for metrics ended");
        }
    });
    Ok(())
}

/// What it answers to.
fn routes(watch: Watch) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .with_state(watch)
}

async fn ready(State(watch): State<Watch>) -> Readiness {
    watch.readiness().await
}

async fn metrics(State(watch): State<Watch>, headers: HeaderMap) -> impl IntoResponse {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    let form = Form::accepted(accept.unwrap_or_default());
    ([(header::CONTENT_TYPE, form.media_type())], watch.exposition(form).await)
}
