//! What the database weighs, how it grows, and when it was swept.

use chrono::NaiveDate;
use domain::{automation::Automation, permission::Permission};

use super::{Caller, ServiceError, Services, retention::detail};
use crate::store::{Backend, Sample, Session, Sweeps, Weight};

/// What an automation weighs, estimated by its last runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighed {
    pub automation: Automation,
    /// Runs that have ended and still have their detail.
    pub full_runs: i64,
    pub stubs: i64,
    /// The detail of all those runs.
    pub bytes: i64,
}

/// The database of the instance, all workspaces together, and the automations of this one.
#[derive(Debug, Clone, PartialEq)]
pub struct Storage {
    pub backend: Backend,
    pub bytes: i64,
    pub free_bytes: i64,
    /// Whether free pages go back to the disk in steps; `None` where the database sees to it.
    pub gives_back: Option<bool>,
    /// As of the last sample, or as they are where there is none. Heaviest first.
    pub tables: Vec<Weight>,
    pub automations: Vec<Weighed>,
    /// What all tables weighed together by day, oldest first.
    pub days: Vec<(NaiveDate, i64)>,
    pub sweeps: Sweeps,
}

impl Storage {
    /// Bytes a day over the last thirty samples; `None` with fewer than two.
    pub fn growth(&self) -> Option<i64> {
        let recent = &self.days[self.days.len().saturating_sub(30)..];
        let ((first, from), (last, to)) = (recent.first()?, recent.last()?);
        let days = (*last - *first).num_days();
        (days > 0).then(|| (to - from) / days)
    }
}

impl Services {
    /// What the database weighs.
    pub async fn storage(&self, caller: Caller) -> Result<Storage, ServiceError> {
        self.require(caller, Permission::ManageRetention).await?;
        let mut session = self.store.read().await?;
        let samples = session.storage_samples().await?;
        let tables = weights(&mut session, &samples).await?;
        let counted = session.kept_and_pruned(caller.workspace).await?;
        let mut automations = Vec::new();
        for automation in session.automation_heads(caller.workspace).await? {
            let count = counted.iter().find(|(id, ..)| *id == automation.id);
            let (full_runs, stubs) = count.map_or((0, 0), |&(_, full, stubs)| (full, stubs));
            let bytes = detail(&mut session, caller, automation.id).await?;
            let bytes = bytes.saturating_mul(full_runs);
            automations.push(Weighed { automation, full_runs, stubs, bytes });
        }
        automations.sort_by_key(|one| std::cmp::Reverse(one.bytes));
        let (bytes, free_bytes) = session.database_size().await?;
        let sweeps = session.sweeps().await?;
        drop(session);
        Ok(Storage {
            backend: self.store.backend(),
            bytes,
            free_bytes,
            gives_back: self.store.gives_back().await?,
            tables,
            automations,
            days: by_day(&samples),
            sweeps,
        })
    }
}

/// What the tables weigh: as of the last sample, or now where there is none.
pub(super) async fn weights(
    session: &mut Session,
    samples: &[Sample],
) -> Result<Vec<Weight>, ServiceError> {
    match last_day(samples) {
        tables if tables.is_empty() => Ok(session.weights().await?),
        tables => Ok(tables),
    }
}

fn last_day(samples: &[Sample]) -> Vec<Weight> {
    let last = samples.last().map(|sample| sample.day);
    let of_last = samples.iter().filter(|sample| Some(sample.day) == last);
    let mut tables: Vec<_> =
        of_last.map(|s| Weight { name: s.name.clone(), bytes: s.bytes }).collect();
    tables.sort_by_key(|table| std::cmp::Reverse(table.bytes));
    tables
}

fn by_day(samples: &[Sample]) -> Vec<(NaiveDate, i64)> {
    let days = samples.chunk_by(|one, next| one.day == next.day);
    days.map(|day| (day[0].day, day.iter().map(|sample| sample.bytes).sum())).collect()
}
