//! Who fails to sign in has to wait: each account and each address on its own, in the database, so
//! that replicas know it of each other.
//!
//! A try is counted before the password is looked at and taken back if it was right: many tries at
//! once gain nothing. A failure is forgiven after a while, so nobody is locked out for good.

use std::net::{IpAddr, Ipv6Addr};

use chrono::TimeDelta;
use domain::{Timestamp, audit::Verb};
use serde_json::json;

use super::enter_everywhere;
use crate::{
    secret::digest,
    services::{ServiceError, Services},
    store::{Account, StoreError, Throttle, Tx},
};

/// The longest anybody has to wait.
const LONGEST: TimeDelta = TimeDelta::minutes(15);
/// After this everything is forgiven, and the row of a subject is in the way.
const FORGOTTEN: TimeDelta = TimeDelta::days(1);

/// How many failures are forborne, and how fast they are forgiven.
#[derive(Debug, Clone, Copy)]
struct Limit {
    /// So many in a row have no consequence.
    free: i64,
    /// One failure is forgiven each time so many seconds have passed.
    forgiven_after: i64,
}

/// 15 minutes: as long as the longest wait, so that tries against one account stay at four an hour.
const ACCOUNT: Limit = Limit { free: 5, forgiven_after: 900 };
/// Many people may share an address.
const ADDRESS: Limit = Limit { free: 30, forgiven_after: 60 };

impl Limit {
    /// What stands after one more failure at `now`.
    fn charged(self, before: Throttle, now: Timestamp) -> Throttle {
        let Throttle { failures, updated_at, .. } = self.forgiven(before, now);
        let failures = failures + 1;
        Throttle { failures, blocked_until: now + self.wait(failures), updated_at }
    }

    fn forgiven(self, before: Throttle, now: Timestamp) -> Throttle {
        let steps = ((now - before.updated_at).num_seconds() / self.forgiven_after).max(0);
        if steps >= before.failures {
            return Throttle { failures: 0, updated_at: now, ..before };
        }
        let counted = TimeDelta::seconds(steps * self.forgiven_after);
        Throttle {
            failures: before.failures - steps,
            updated_at: before.updated_at + counted,
            ..before
        }
    }

    /// Twice as long each time.
    fn wait(self, failures: i64) -> TimeDelta {
        match failures - self.free {
            excess if excess < 0 => TimeDelta::zero(),
            excess => TimeDelta::seconds(1 << excess.min(10)).min(LONGEST),
        }
    }
}

/// One try to sign in, and against whom it counts.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    pub address: IpAddr,
    /// Digests: the table of failures is no list of who tried to get in.
    account: String,
    network: String,
}

impl Attempt {
    pub fn new(email: &str, address: IpAddr) -> Self {
        let address = address.to_canonical();
        Self {
            address,
            account: format!("account:{}", digest(email)),
            network: format!("address:{}", digest(&network(address).to_string())),
        }
    }

    /// Always in this order, so that two tries never wait for each other.
    fn subjects(&self) -> [(&str, Limit); 2] {
        [(&self.account, ACCOUNT), (&self.network, ADDRESS)]
    }

    /// Clears the account and takes this try back from the address.
    pub async fn succeeded(&self, tx: &mut Tx, now: Timestamp) -> Result<(), StoreError> {
        let clear = Throttle { failures: 0, blocked_until: now, updated_at: now };
        tx.lock_throttle(&self.account, now).await?;
        tx.store_throttle(&self.account, &clear).await?;
        take_back(tx, &self.network, now).await?;
        tx.forget_throttles(now - FORGOTTEN).await.map(drop)
    }
}

/// One household has 2^64 addresses of version 6.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}

async fn take_back(tx: &mut Tx, subject: &str, now: Timestamp) -> Result<(), StoreError> {
    let before = tx.lock_throttle(subject, now).await?;
    let failures = (before.failures - 1).max(0);
    tx.store_throttle(subject, &Throttle { failures, blocked_until: now, ..before }).await
}

impl Services {
    /// Counts a try, or refuses it because of those before.
    pub(super) async fn charge(&self, attempt: &Attempt) -> Result<(), ServiceError> {
        let (now, attempt) = (self.clock.now(), attempt.clone());
        self.write(move |tx| {
            Box::pin(async move {
                for (subject, limit) in attempt.subjects() {
                    let before = tx.lock_throttle(subject, now).await?;
                    let wait = before.blocked_until - now;
                    if wait > TimeDelta::zero() {
                        let retry_after_seconds = (wait.num_milliseconds() + 999) / 1_000;
                        return Err(ServiceError::Throttled { retry_after_seconds });
                    }
                    tx.store_throttle(subject, &limit.charged(before, now)).await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// Takes a try back that came to nothing.
    pub(super) async fn refund(&self, attempt: &Attempt) -> Result<(), ServiceError> {
        let (now, attempt) = (self.clock.now(), attempt.clone());
        self.write(move |tx| {
            Box::pin(async move {
                for (subject, _) in attempt.subjects() {
                    take_back(tx, subject, now).await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// Enters a failed try into the logs of the account's workspaces. The wait begins with the answer;
    /// that it is stored for unknown accounts too makes both answers take as long.
    ///
    /// A try that is refused because of others is not entered: it tells nothing new, and anybody
    /// could fill the log with them.
    pub(super) async fn turn_away(
        &self,
        attempt: &Attempt,
        account: Option<Account>,
    ) -> Result<(), ServiceError> {
        let (ids, now, attempt) = (self.ids.clone(), self.clock.now(), attempt.clone());
        self.write(move |tx| {
            Box::pin(async move {
                let mut throttle = tx.lock_throttle(&attempt.account, now).await?;
                throttle.blocked_until = now + ACCOUNT.wait(throttle.failures);
                tx.store_throttle(&attempt.account, &throttle).await?;
                let Some(account) = account else {
                    return Ok(());
                };
                let members = tx.memberships(account.id).await?;
                let payload = json!({
                    "address": attempt.address.to_string(),
                    "failures": throttle.failures,
                    "blocked_until": throttle.blocked_until,
                });
                let acts = [(Verb::SignInRefused, Some(payload))];
                Ok(enter_everywhere(tx, &ids, now, &members, &acts).await?)
            })
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn clear() -> Throttle {
        Throttle { failures: 0, blocked_until: at(0), updated_at: at(0) }
    }

    #[test]
    fn the_wait_doubles_after_five_failures_and_ends_at_fifteen_minutes() {
        let waits: Vec<_> = (1..=18).map(|n| ACCOUNT.wait(n).num_seconds()).collect();
        assert_eq!(waits, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900]);
    }

    #[test]
    fn a_failure_is_forgiven_every_fifteen_minutes_and_no_second_is_lost() {
        let mut throttle = (0..4).fold(clear(), |before, _| ACCOUNT.charged(before, at(0)));
        assert_eq!(throttle.failures, 4);
        throttle = ACCOUNT.charged(throttle, at(1_000));
        assert_eq!((throttle.failures, throttle.updated_at), (4, at(900)));
        throttle = ACCOUNT.charged(throttle, at(1_800));
        assert_eq!((throttle.failures, throttle.updated_at), (4, at(1_800)));
        throttle = ACCOUNT.charged(throttle, at(90_000));
        assert_eq!((throttle.failures, throttle.updated_at), (1, at(90_000)));
    }

    #[test]
    fn whoever_never_stops_trying_gets_four_tries_an_hour() {
        let mut throttle = clear();
        let mut tries = 0;
        let mut now = at(0);
        while now < at(24 * 3_600) {
            throttle = ACCOUNT.charged(throttle, now);
            now = throttle.blocked_until.max(now);
            tries += 1;
        }
        assert!((96..=115).contains(&tries), "{tries}");
    }

    #[test]
    fn addresses_of_one_network_count_as_one() {
        let subject = |address: &str| Attempt::new("a@b.org", address.parse().unwrap()).network;
        assert_eq!(subject("2001:db8::1"), subject("2001:db8::ffff:1"));
        assert_ne!(subject("2001:db8::1"), subject("2001:db8:0:1::1"));
        assert_eq!(subject("::ffff:192.0.2.1"), subject("192.0.2.1"));
        assert_ne!(subject("192.0.2.1"), subject("192.0.2.2"));
    }
}
