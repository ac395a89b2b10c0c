//! How often one token or member may ask. Kept in memory: every process counts for itself.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use domain::Timestamp;
use http::{HeaderMap, HeaderValue, StatusCode};
use uuid::Uuid;

use super::problem::Problem;
use crate::web::state::AppState;

/// Requests of one token or member within a window.
const QUOTA: u32 = 1_200;

/// Seconds.
const WINDOW: i64 = 60;

/// Whoever has asked within a window.
#[derive(Debug, Default)]
pub struct Limiter(Mutex<Counted>);

#[derive(Debug, Default)]
struct Counted {
    window: i64,
    requests: HashMap<Uuid, u32>,
}

/// What is left of a quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// `None`: the quota was used up before.
    left: Option<u32>,
    /// Seconds until it is whole again.
    reset: i64,
}

impl Limiter {
    /// Counts a request.
    fn count(&self, who: Uuid, now: Timestamp, quota: u32) -> Allowance {
        let (window, reset) =
            (now.timestamp().div_euclid(WINDOW), WINDOW - now.timestamp().rem_euclid(WINDOW));
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.window != window {
            *counted = Counted { window, requests: HashMap::new() };
        }
        let made = counted.requests.entry(who).or_default();
        let left = quota.checked_sub(*made + 1);
        if left.is_some() {
            *made += 1;
        }
        Allowance { left, reset }
    }
}

impl Limiter {
    /// Whether one more request to an inbound endpoint is within its quota.
    pub fn admits(&self, endpoint: Uuid, now: Timestamp) -> bool {
        self.count(endpoint, now, QUOTA).left.is_some()
    }
}

/// Lets a request pass while its quota lasts, and says what is left of it.
pub async fn limited(
    state: &AppState,
    who: Uuid,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let allowance = state.limiter().count(who, state.now(), QUOTA);
    let mut response = match allowance.left {
        Some(_) => next.run(request).await,
        None => {
            let detail = format!("{QUOTA} requests in {WINDOW} seconds are enough; wait.");
            let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "rate-limited", detail);
            Problem { retry_after: Some(allowance.reset), ..problem }.into_response()
        }
    };
    tell(response.headers_mut(), allowance);
    Ok(response)
}

/// As the IETF's draft has it.
fn tell(headers: &mut HeaderMap, Allowance { left, reset }: Allowance) {
    let left = left.unwrap_or_default();
    for (name, value) in [
        ("ratelimit-policy", format!("\"default\";q={QUOTA};w={WINDOW}")),
        ("ratelimit", format!("\"default\";r={left};t={reset}")),
    ] {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn a_quota_is_used_up_and_comes_back_with_the_next_window() {
        let (limiter, who) = (Limiter::default(), Uuid::from_u128(1));
        let left = |seconds| limiter.count(who, at(seconds), 2);
        assert_eq!(left(125), Allowance { left: Some(1), reset: 55 });
        assert_eq!(left(130), Allowance { left: Some(0), reset: 50 });
        assert_eq!(left(179), Allowance { left: None, reset: 1 });
        assert_eq!(left(180), Allowance { left: Some(1), reset: 60 });
    }

    #[test]
    fn one_does_not_use_up_what_is_anothers() {
        let limiter = Limiter::default();
        assert_eq!(limiter.count(Uuid::from_u128(1), at(0), 1).left, Some(0));
        assert_eq!(limiter.count(Uuid::from_u128(1), at(0), 1).left, None);
        assert_eq!(limiter.count(Uuid::from_u128(2), at(0), 1).left, Some(0));
    }
}
