//! Counts what endpoints refuse, so that a flood of forged requests is no flood of entries.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::TimeDelta;
use domain::{Timestamp, id::InboundId};

/// Refusals of an endpoint are entered no more often.
const PAUSE: TimeDelta = TimeDelta::minutes(10);

/// What this process has refused and not entered yet. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Refusals(Arc<Mutex<HashMap<InboundId, Counted>>>);

#[derive(Debug, Clone, Copy)]
struct Counted {
    waiting: i64,
    entered_at: Timestamp,
}

impl Refusals {
    /// Counts one more; answers with all that are to be entered now, if it is time.
    pub(super) fn note(&self, id: InboundId, now: Timestamp) -> Option<i64> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match all.get_mut(&id) {
            Some(counted) if now - counted.entered_at < PAUSE => {
                counted.waiting += 1;
                None
            }
            found => {
                let waiting = found.map_or(0, |counted| counted.waiting);
                all.insert(id, Counted { waiting: 0, entered_at: now });
                Some(waiting + 1)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_entered_at_once_and_the_others_together_ten_minutes_later() {
        let (refusals, id) = (Refusals::default(), InboundId::new(uuid::Uuid::nil()));
        let at = |minutes| Timestamp::UNIX_EPOCH + TimeDelta::minutes(minutes);
        let noted = [0, 1, 9, 10, 11].map(|minute| refusals.note(id, at(minute)));
        assert_eq!(noted, [Some(1), None, None, Some(3), None]);
        assert_eq!(refusals.note(InboundId::new(uuid::Uuid::max()), at(11)), Some(1));
    }
}
