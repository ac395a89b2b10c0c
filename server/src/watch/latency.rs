//! How long answers take, by route. A route is its template, so that no id and no name of a workspace
//! becomes a label.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use http::{Method, StatusCode};

use crate::web::state::AppState;

/// The upper bounds of the buckets, in seconds.
pub const BOUNDS: [f64; 12] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// What no template fits, such as the pages that have no address of their own here.
const NO_ROUTE: &str = "none";

/// A route that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    pub method: &'static str,
    pub template: String,
}

/// How long its answers took until their first byte.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Timing {
    /// Answers that took no longer than each bound, and than no other before it.
    pub buckets: [u64; BOUNDS.len()],
    pub seconds: f64,
    pub answers: u64,
    pub statuses: BTreeMap<u16, u64>,
}

impl Timing {
    fn add(&mut self, took: Duration, status: StatusCode) {
        let seconds = took.as_secs_f64();
        if let Some(bucket) = BOUNDS.iter().position(|bound| seconds <= *bound) {
            self.buckets[bucket] += 1;
        }
        self.seconds += seconds;
        self.answers += 1;
        *self.statuses.entry(status.as_u16()).or_default() += 1;
    }
}

/// All routes that were asked for.
#[derive(Debug, Default)]
pub struct Latency(Mutex<BTreeMap<Route, Timing>>);

impl Latency {
    fn add(&self, route: Route, took: Duration, status: StatusCode) {
        let mut routes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        routes.entry(route).or_default().add(took, status);
    }

    pub fn read(&self) -> BTreeMap<Route, Timing> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Measures a request.
pub async fn measure(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let template = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let route = Route {
        method: known(request.method()),
        template: template.unwrap_or(NO_ROUTE).to_owned(),
    };
    let begun = Instant::now();
    let response = next.run(request).await;
    state.watch().0.latency.add(route, begun.elapsed(), response.status());
    response
}

/// A client may send any word as a method.
fn known(method: &Method) -> &'static str {
    const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"];
    METHODS.into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_falls_into_one_bucket_and_the_slowest_into_none() {
        let mut timing = Timing::default();
        for millis in [1, 2, 300, 20_000] {
            timing.add(Duration::from_millis(millis), StatusCode::OK);
        }
        assert_eq!(timing.buckets, [1, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]);
        assert_eq!((timing.answers, timing.statuses[&200]), (4, 4));
    }

    #[test]
    fn a_made_up_method_is_no_label() {
        assert_eq!(known(&Method::PUT), "PUT");
        assert_eq!(known(&Method::from_bytes(b"BREW").unwrap()), "other");
    }
}
