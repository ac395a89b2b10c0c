//! The only place with randomness: new ids, secrets, salts and jitter.

use std::sync::{Arc, Mutex, PoisonError};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::Timestamp;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use uuid::Uuid;

/// Makes ids, secrets, salts and jitter. Clones share one generator.
#[derive(Debug, Clone)]
pub struct Ids {
    generator: Arc<Mutex<StdRng>>,
    /// Counts up within one process, so that ids of one instant keep their order.
    last: Arc<Mutex<(u64, u16)>>,
}

impl Ids {
    /// Seeded by the operating system.
    pub fn random() -> Self {
        Self::with(rand::make_rng())
    }

    /// The same seed gives the same ids: for demonstrations and tests, never where secrets matter.
    pub fn seeded(seed: u64) -> Self {
        Self::with(StdRng::seed_from_u64(seed))
    }

    fn with(generator: StdRng) -> Self {
        Self { generator: Arc::new(Mutex::new(generator)), last: Arc::default() }
    }

    fn bytes<const N: usize>(&self) -> [u8; N] {
        self.generator.lock().unwrap_or_else(PoisonError::into_inner).random()
    }

    /// A new UUIDv7 for the instant `now`; later calls sort after earlier ones of the same process
    /// as long as the clock does not go back.
    pub fn uuid(&self, now: Timestamp) -> Uuid {
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
        let counter = self.counter(millis);
        let random = self.bytes::<8>();
        let mut id = [0_u8; 16];
        id[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
        id[6..8].copy_from_slice(&counter.to_be_bytes());
        id[8..].copy_from_slice(&random);
        id[6] = id[6] & 0x0f | 0x70;
        id[8] = id[8] & 0x3f | 0x80;
        Uuid::from_bytes(id)
    }

    /// A 12-bit counter within a millisecond; when it is used up, time is borrowed by starting over.
    fn counter(&self, millis: u64) -> u16 {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        *last = if last.0 == millis { (millis, (last.1 + 1) & 0x0fff) } else { (millis, 0) };
        last.1
    }

    /// 256 bits for a session, a link or a token, as 43 characters that fit into an address.
    pub fn secret(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes::<32>())
    }

    /// The salt of an audit payload.
    pub fn salt(&self) -> [u8; 32] {
        self.bytes()
    }

    /// The secret of a signing key.
    pub fn key_seed(&self) -> [u8; 32] {
        self.bytes()
    }

    /// What a sealing of a secret differs by from every other.
    pub(crate) fn nonce(&self) -> [u8; 12] {
        self.bytes()
    }

    /// A number in `0.0..1.0`, for backoff.
    pub fn jitter(&self) -> f64 {
        self.generator.lock().unwrap_or_else(PoisonError::into_inner).random()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_uuids_of_version_7_in_the_order_they_were_made() {
        let ids = Ids::seeded(1);
        let now = Timestamp::from_timestamp_millis(1_782_000_000_123).unwrap();
        let made: Vec<_> = (0..1_000).map(|_| ids.uuid(now)).collect();
        assert!(made.is_sorted());
        assert!(made.iter().all(|id| id.get_version_num() == 7));
        let (seconds, nanos) = made[0].get_timestamp().unwrap().to_unix();
        assert_eq!((seconds, nanos), (1_782_000_000, 123_000_000));
    }
}
