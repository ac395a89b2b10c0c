//! How passwords are hashed, and which are refused.

use std::{sync::Arc, time::Duration};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{Error, PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use tokio::sync::Semaphore;

use crate::{secret::Secret, services::ServiceError, store::StoreError};

/// 46 MiB, one pass, one lane: OWASP ASVS 5, appendix C.
const PARAMS: Params = match Params::new(46 * 1024, 1, 1, None) {
    Ok(params) => params,
    Err(_) => panic!("the parameters are within argon2's limits"),
};

/// In characters.
const SHORTEST: usize = 12;
/// In bytes; nothing longer is ever hashed.
const LONGEST: usize = 1_024;

/// How many are hashed at once: each takes 46 MiB.
const AT_ONCE: usize = 4;
/// How long a request may wait for its turn.
const PATIENCE: Duration = Duration::from_secs(2);

/// Well-known passwords that are long enough to pass otherwise, one a line, in lower case.
const COMMON: &str = include_str!("password/common.txt");

/// Compared against when there is no such account, so that the time does not tell.
const DUMMY: &str = "$argon2id$v=19$m=47104,t=1,p=1$c2FsdCBvZiBub2JvZHk\
                     $AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// What comparing a password with a hash gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Wrong,
    Right,
    /// Right, but hashed with parameters of the past: hash it anew.
    Outdated,
}

/// Hashes and compares passwords, a few at a time.
#[derive(Debug)]
pub(crate) struct Passwords {
    permits: Arc<Semaphore>,
    patience: Duration,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { permits: Arc::new(Semaphore::new(AT_ONCE)), patience: PATIENCE }
    }
}

/// Says what is wrong with a new password.
pub(crate) fn check(password: &str) -> Result<(), String> {
    if password.chars().count() < SHORTEST {
        return Err(format!("a password has at least {SHORTEST} characters"));
    }
    if password.len() > LONGEST {
        return Err(format!("a password has at most {LONGEST} bytes"));
    }
    let lower = password.to_lowercase();
    if COMMON.lines().any(|common| common == lower) {
        return Err("this password is among the most common ones; choose another".to_owned());
    }
    Ok(())
}

impl Passwords {
    /// The hash of a password that [`check`] let through, as a PHC string.
    pub async fn hash(&self, password: &str, salt: [u8; 32]) -> Result<Secret, ServiceError> {
        let password = password.to_owned();
        let hashed = self
            .in_turn(move || {
                hasher(PARAMS).hash_password_with_salt(password.as_bytes(), &salt[..16])
            })
            .await?;
        hashed.map(|hash| Secret::new(hash.to_string())).map_err(unusable)
    }

    /// Compares a password with the hash of an account; without a hash it takes as long and is wrong.
    pub async fn verify(
        &self,
        password: &str,
        hash: Option<&Secret>,
    ) -> Result<Verdict, ServiceError> {
        let known = hash.is_some() && password.len() <= LONGEST;
        let hash = hash.map_or(DUMMY, Secret::expose).to_owned();
        let password = if known { password.to_owned() } else { String::new() };
        let verdict = self.in_turn(move || compare(&password, &hash)).await?.map_err(unusable)?;
        Ok(if known { verdict } else { Verdict::Wrong })
    }

    /// Waits for a turn, then works on a thread of its own. Such work is never cancelled, so the
    /// permit goes with it: whoever hangs up early does not make room for more.
    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ServiceError> {
        const BUSY: ServiceError =
            ServiceError::Throttled { retry_after_seconds: PATIENCE.as_secs().cast_signed() };
        let turn = Arc::clone(&self.permits).acquire_owned();
        let permit = tokio::time::timeout(self.patience, turn).await.map_err(|_| BUSY)?;
        let task = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        match task.await {
            Ok(value) => Ok(value),
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(BUSY),
            },
        }
    }
}

fn hasher(params: Params) -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn compare(password: &str, hash: &str) -> Result<Verdict, Error> {
    let hash = PasswordHash::new(hash)?;
    match hasher(PARAMS).verify_password(password.as_bytes(), &hash) {
        Ok(()) if is_current(&hash) => Ok(Verdict::Right),
        Ok(()) => Ok(Verdict::Outdated),
        Err(Error::PasswordInvalid) => Ok(Verdict::Wrong),
        Err(error) => Err(error),
    }
}

fn is_current(hash: &PasswordHash) -> bool {
    let costs = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
    hash.algorithm == Algorithm::Argon2id.ident()
        && Params::try_from(hash).is_ok_and(|params| costs(&params) == costs(&PARAMS))
}

fn unusable(error: Error) -> ServiceError {
    let message = error.to_string();
    StoreError::Inconsistent { table: "account", column: "password_hash", message }.into()
}

#[cfg(test)]
mod tests;
